package io.github.pix2pixzero.unet;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.tensor.Tensor;

/** Two controls one after the other. Each is shown only the sites that it wants. */
record AttentionChain(AttentionControl first, AttentionControl second) implements AttentionControl {

  @Override
  public boolean wants(AttentionSite site) {
    return first.wants(site) || second.wants(site);
  }

  @Override
  public Tensor attend(AttentionSite site, Tensor probs, ImmutableList<PromptRow> rows) {
    Tensor between = first.wants(site) ? first.attend(site, probs, rows) : probs;
    return second.wants(site) ? second.attend(site, between, rows) : between;
  }

  @Override
  public boolean wantsKeysAndValues(AttentionSite site) {
    return first.wantsKeysAndValues(site) || second.wantsKeysAndValues(site);
  }

  @Override
  public KeysAndValues attendTo(
      AttentionSite site, KeysAndValues own, ImmutableList<PromptRow> rows) {
    KeysAndValues between = first.wantsKeysAndValues(site) ? first.attendTo(site, own, rows) : own;
    return second.wantsKeysAndValues(site) ? second.attendTo(site, between, rows) : between;
  }
}
