package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkState;

import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.unet.AttentionControl;
import io.github.pix2pixzero.unet.AttentionSite;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Keeps the attention probabilities of one forward pass for as long as the scope it was made in is
 * open.
 */
public final class MapRecorder implements AttentionControl {
  private final Predicate<AttentionSite> wanted;
  private final Scope scope = Scope.current();
  private final Map<AttentionSite, Tensor> maps = new LinkedHashMap<>();

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
  public Tensor attend(AttentionSite site, Tensor probs) {
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
}
