package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.unet.AttentionControl;
import io.github.pix2pixzero.unet.AttentionSite;
import io.github.pix2pixzero.unet.PromptRow;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/** Keeps the attention probabilities of one forward pass. */
public final class MapRecorder implements AttentionControl {
  private final Predicate<AttentionSite> wanted;
  private final Scope scope = Scope.current();
  private final Map<AttentionSite, Tensor> maps = new LinkedHashMap<>();
  private ImmutableList<PromptRow> rows = ImmutableList.of();

  /**
   * To be made in the scope whose life the maps are to share; outside of any, they live as long as
   * they are reachable.
   *
   * @param wanted the sites to record
   */
  public MapRecorder(Predicate<AttentionSite> wanted) {
    this.wanted = wanted;
  }

  @Override
  public boolean wants(AttentionSite site) {
    return wanted.test(site);
  }

  @Override
  public Tensor attend(AttentionSite site, Tensor probs, ImmutableList<PromptRow> rows) {
    this.rows = rows;
    maps.put(site, scope == null ? Scope.outlive(probs) : scope.adopt(probs));
    return probs;
  }

  /** What was recorded, [batch, heads, pixels, tokens] each, in the order of the network. */
  public ImmutableMap<AttentionSite, Tensor> maps() {
    return ImmutableMap.copyOf(maps);
  }

  /**
   * What was recorded at a site.
   *
   * @throws IllegalStateException if nothing was
   */
  public Tensor map(AttentionSite site) {
    Tensor map = maps.get(site);
    checkState(map != null, "no attention map was recorded at %s", site.name());
    return map;
  }

  /**
   * What was recorded at a site for one prompt, [1, heads, pixels, tokens].
   *
   * @throws IllegalArgumentException if the pass had no such row
   */
  public Tensor map(AttentionSite site, PromptRow row) {
    Tensor map = map(site);
    int index = rows.indexOf(row);
    checkArgument(index >= 0, "the pass had rows %s, not %s", rows, row);
    return map.slice(0, index, index + 1);
  }
}
