package io.github.pix2pixzero.guidance;

import com.google.common.collect.ImmutableMap;
import java.util.Map;

/** What methods say of their settings. */
final class MethodSettings {
  private MethodSettings() {}

  /** Settings, and the loss if it is not that of the paper. */
  static ImmutableMap<String, Object> withLoss(Map<String, Object> others, GuidanceLoss loss) {
    ImmutableMap.Builder<String, Object> settings = ImmutableMap.builder();
    settings.putAll(others);
    if (!(loss instanceof CrossAttentionLoss)) {
      settings.put("Loss", loss.name());
    }
    return settings.buildOrThrow();
  }
}
