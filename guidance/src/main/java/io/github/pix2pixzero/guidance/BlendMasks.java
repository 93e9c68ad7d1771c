package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.unet.AttentionControl;
import io.github.pix2pixzero.unet.AttentionSite;
import io.github.pix2pixzero.unet.AttentionSite.Stage;
import io.github.pix2pixzero.unet.PromptRow;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import java.util.Comparator;
import java.util.List;

/**
 * Adds up where the words of a {@link LocalBlend} look, from step to step, and blends (class {@code
 * LocalBlend} of google/prompt-to-prompt's {@code null_text_w_ptp.ipynb}).
 */
final class BlendMasks {
  /** The sides of the published maps. */
  private static final double SIDE = 16;

  private final LocalBlend settings;
  private final int firstStep;
  private final int downscale;
  private final int height;
  private final int width;
  private final boolean leavesOut;

  /** By picture, caption's and target's: the tokens' columns, [words and without, tokens]. */
  private final float[][][] columns;

  /** By picture and set of words, sums of maps, [height, width] of the maps. */
  private final double[][][] heat;

  /**
   * @param latent of the shape of those that are blended
   * @throws IllegalArgumentException if the network has no layers of that resolution
   */
  BlendMasks(
      UNet2DConditionModel unet, LocalBlend settings, PromptEdit edit, int steps, Tensor latent) {
    this.settings = settings;
    firstStep = (int) (settings.start() * steps);
    List<Integer> downscales =
        unet.sites().stream()
            .filter(site -> site.isCross() && site.stage() != Stage.MID)
            .map(AttentionSite::downscale)
            .distinct()
            .toList();
    double shorter = Math.min(latent.dim(2), latent.dim(3));
    downscale =
        settings
            .downscale()
            .orElseGet(
                () ->
                    downscales.stream()
                        .min(
                            Comparator.comparingDouble(d -> Math.abs(Math.log(shorter / d / SIDE))))
                        .orElse(0));
    checkArgument(
        downscales.contains(downscale),
        "a local blend needs maps of downscale %s outside the middle of the network; there are %s",
        downscale,
        downscales);
    height = latent.dim(2) / downscale;
    width = latent.dim(3) / downscale;
    leavesOut = !settings.without().isEmpty();
    columns = new float[2][][];
    for (int picture = 0; picture < 2; picture++) {
      float[] words = edit.blendWords()[picture];
      columns[picture] =
          leavesOut ? new float[][] {words, edit.blendWithout()[picture]} : new float[][] {words};
    }
    heat = new double[2][leavesOut ? 2 : 1][height * width];
  }

  /** What adds the maps of one picture, as it is shown them. */
  AttentionControl watching(PromptRow row) {
    int picture = row == PromptRow.CAPTION ? 0 : 1;
    return new AttentionControl() {
      @Override
      public boolean wants(AttentionSite site) {
        return site.isCross() && site.stage() != Stage.MID && site.downscale() == downscale;
      }

      @Override
      public Tensor attend(AttentionSite site, Tensor probs, ImmutableList<PromptRow> rows) {
        int index = rows.indexOf(row);
        add(picture, probs.slice(0, index, index + 1));
        return probs;
      }
    };
  }

  /**
   * @param probs [1, heads, pixels, tokens]
   */
  private void add(int picture, Tensor probs) {
    float[][] words = columns[picture];
    int tokens = probs.dim(3);
    float[] transposed = new float[tokens * words.length];
    for (int set = 0; set < words.length; set++) {
      for (int token = 0; token < tokens; token++) {
        transposed[token * words.length + set] = words[set][token];
      }
    }
    try (Scope scope = Scope.open()) {
      float[] sums =
          probs
              .reshape(probs.dim(1) * probs.dim(2), tokens)
              .matmul(Tensor.of(probs.backend(), transposed, tokens, words.length))
              .toFloats();
      for (int i = 0; i < sums.length; i++) {
        heat[picture][i % words.length][i / words.length % probs.dim(2)] += sums[i];
      }
    }
  }

  /** The edited latent after a step, blended if that step is. */
  Tensor blended(int step, Tensor reference, Tensor edited) {
    if (step < firstStep) {
      return edited;
    }
    float[] mask = mask(reference.dim(2), reference.dim(3));
    Tensor inside = Tensor.of(reference.backend(), mask, 1, 1, reference.dim(2), reference.dim(3));
    return reference.add(edited.sub(reference).mul(inside));
  }

  /** 1 where the latents may differ, [latentHeight, latentWidth]. */
  private float[] mask(int latentHeight, int latentWidth) {
    float[] mask = new float[latentHeight * latentWidth];
    boolean[] words = inside(0, settings.threshold());
    boolean[] without = leavesOut ? inside(1, settings.withoutThreshold()) : null;
    for (int i = 0; i < mask.length; i++) {
      // Enlarged to the nearest neighbour, as torch's interpolate does.
      int y = i / latentWidth * height / latentHeight;
      int x = i % latentWidth * width / latentWidth;
      int at = y * width + x;
      mask[i] = words[at] && (without == null || !without[at]) ? 1 : 0;
    }
    return mask;
  }

  /** Where a set of words looks in either picture, by place of the maps. */
  private boolean[] inside(int set, double threshold) {
    boolean[] inside = new boolean[height * width];
    for (double[][] picture : heat) {
      double[] map = set == 0 ? pooled(picture[set]) : picture[set];
      double largest = 0;
      for (double value : map) {
        largest = Math.max(largest, value);
      }
      for (int i = 0; i < inside.length; i++) {
        inside[i] |= map[i] / largest > threshold;
      }
    }
    return inside;
  }

  /** The largest of each place and its neighbours. */
  private double[] pooled(double[] map) {
    double[] pooled = new double[map.length];
    for (int i = 0; i < map.length; i++) {
      int y = i / width;
      int x = i % width;
      double largest = Double.NEGATIVE_INFINITY;
      for (int v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
        for (int u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          largest = Math.max(largest, map[v * width + u]);
        }
      }
      pooled[i] = largest;
    }
    return pooled;
  }
}
