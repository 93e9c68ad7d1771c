package io.github.pix2pixzero.stablediffusion;

import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableSortedSet;
import io.github.pix2pixzero.clip.ClipTextConfig;
import io.github.pix2pixzero.tensor.io.JsonConfig;
import io.github.pix2pixzero.unet.UNetConfig;
import io.github.pix2pixzero.vae.VaeConfig;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the configs of networks, and names the keys in them that nothing here knows. */
final class Configs {
  private static final Logger LOG = LoggerFactory.getLogger(Configs.class);

  private Configs() {}

  static UNetConfig unet(JsonConfig json) {
    UNetConfig config = UNetConfig.from(json);
    warn(json, UNetConfig.HARMLESS_KEYS);
    return config;
  }

  static VaeConfig vae(JsonConfig json) {
    VaeConfig config = VaeConfig.from(json);
    warn(json, VaeConfig.HARMLESS_KEYS);
    return config;
  }

  static ClipTextConfig text(JsonConfig json) {
    ClipTextConfig config = ClipTextConfig.from(json);
    warn(json, ClipTextConfig.HARMLESS_KEYS);
    return config;
  }

  private static void warn(JsonConfig json, Set<String> harmless) {
    ImmutableSortedSet<String> unread = json.unread(harmless);
    if (!unread.isEmpty()) {
      LOG.warn(
          "{}: keys that are not known and not read: {}",
          json.file(),
          Joiner.on(", ").join(unread));
    }
  }
}
