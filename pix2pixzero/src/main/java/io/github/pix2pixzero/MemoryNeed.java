package io.github.pix2pixzero;

import com.google.common.math.LongMath;
import io.github.pix2pixzero.stablediffusion.StableDiffusion;
import io.github.pix2pixzero.unet.UNetConfig;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Optional;

/**
 * How much of the Java heap an edit will take, so that who has too little hears it before an hour
 * of work and not after.
 */
final class MemoryNeed {
  /**
   * Numbers that a gradient's forward pass keeps for each token and channel: of a residual block,
   * and of a transformer block with its gated feed-forward layer.
   */
  private static final int RESIDUAL_BLOCK = 8;

  private static final int TRANSFORMER_BLOCK = 24;

  /** Tokens of a prompt, whose probabilities are kept once and once more for the loss. */
  private static final int PROMPT = 2 * 77;

  private static final long MEBIBYTE = 1L << 20;
  private static final long GIBIBYTE = 1L << 30;

  private MemoryNeed() {}

  /**
   * The bytes that a gradient through the noise predictor keeps on its way forward, for one
   * picture.
   *
   * @param pixels of the latent
   */
  static long ofGradient(UNetConfig config, int pixels) {
    int levels = config.blockChannels().size();
    double numbers = 0;
    for (int level = 0; level < levels; level++) {
      double tokens = pixels / Math.pow(4, level);
      int channels = config.blockChannels().get(level);
      int blocks = 2 * config.layersPerBlock() + 1; // on the way down and on the way up
      double ofToken = (double) blocks * RESIDUAL_BLOCK * channels;
      if (config.downAttention().get(level)) {
        int probabilities = PROMPT * config.heads().get(level);
        ofToken += (double) blocks * (TRANSFORMER_BLOCK * channels + probabilities);
      }
      numbers += tokens * ofToken;
    }
    return (long) (numbers * Float.BYTES);
  }

  /**
   * What to tell who is about to run out of memory.
   *
   * @param heap the most that Java may take, in bytes
   * @return empty if there is enough, or the backend's memory is not the heap
   */
  static Optional<String> shortage(StableDiffusion model, int pixels, long heap) {
    if (!model.backend().usesHeap()) {
      return Optional.empty();
    }
    long need = model.backend().memory().live() + ofGradient(model.unet().config(), pixels);
    if (need <= heap) {
      return Optional.empty();
    }
    long advised = LongMath.divide(need + need / 4, GIBIBYTE, RoundingMode.CEILING);
    return Optional.of(
        String.format(
            Locale.ROOT,
            "the edit takes about %d MiB of Java's heap, which may not grow beyond %d MiB: start"
                + " Java with -Xmx%dg -XX:+UseParallelGC -XX:MaxNewSize=256m, or do without the"
                + " guidance's gradient (guidance amount 0)",
            need / MEBIBYTE,
            heap / MEBIBYTE,
            advised));
  }
}
