package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkState;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.unet.AttentionControl;
import io.github.pix2pixzero.unet.AttentionSite;
import io.github.pix2pixzero.unet.PromptRow;

/** Adds up a guidance loss while a network runs, against maps recorded before. */
public final class LossControl implements AttentionControl {
  private final GuidanceLoss loss;
  private final MapRecorder reference;
  private final Scope scope = Scope.current();
  private Tensor total;

  /**
   * To be made in the scope in which the {@link #total} will be differentiated, such as a step's:
   * the sum lives as long as that.
   *
   * @param reference maps of the pass to stay close to
   */
  public LossControl(GuidanceLoss loss, MapRecorder reference) {
    this.loss = loss;
    this.reference = reference;
  }

  @Override
  public boolean wants(AttentionSite site) {
    return loss.wants(site);
  }

  @Override
  public Tensor attend(AttentionSite site, Tensor probs, ImmutableList<PromptRow> rows) {
    Tensor term = loss.term(site, probs, reference.map(site));
    total = total == null ? term : total.add(term);
    if (scope != null) {
      scope.adopt(total);
    }
    return probs;
  }

  /**
   * The loss over all sites, a scalar.
   *
   * @throws IllegalStateException if the loss wanted no site of the network
   */
  public Tensor total() {
    checkState(total != null, "the guidance loss wanted no attention site of this network");
    return total;
  }
}
