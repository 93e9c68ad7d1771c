package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.unet.AttentionSite;

/**
 * A loss on cross-attention that looks only where the reference looks at given words: where their
 * tokens' maps, averaged over heads, exceed a share of their range.
 */
public final class WordMaskedLoss implements GuidanceLoss {
  private final GuidanceLoss loss;
  private final int[] tokens;
  private final double threshold;

  /**
   * @param loss what is restricted; its self-attention sites are left out
   * @param tokens positions in the prompt, as {@code ClipTokenizer.tokensOf} finds them
   * @param threshold as a share of the map's range, from 0 (nearly everywhere) to 1 (nowhere); 0.3
   *     is usual
   */
  public WordMaskedLoss(GuidanceLoss loss, int[] tokens, double threshold) {
    checkArgument(tokens.length > 0, "the words have no tokens in the prompt");
    checkArgument(
        threshold >= 0 && threshold <= 1, "the threshold should be 0 to 1, it is %s", threshold);
    this.loss = loss;
    this.tokens = tokens.clone();
    this.threshold = threshold;
  }

  @Override
  public boolean wants(AttentionSite site) {
    return site.isCross() && loss.wants(site);
  }

  @Override
  public Tensor term(AttentionSite site, Tensor edited, Tensor reference) {
    Tensor weights = mask(reference);
    return loss.term(site, reference.add(edited.sub(reference).mul(weights)), reference);
  }

  /** [batch, 1, pixels, 1], of 0 and 1. */
  private Tensor mask(Tensor reference) {
    int batch = reference.dim(0);
    int heads = reference.dim(1);
    int pixels = reference.dim(2);
    int length = reference.dim(3);
    float[] probs = reference.toFloats();
    float[] mask = new float[batch * pixels];
    for (int b = 0; b < batch; b++) {
      double[] map = new double[pixels];
      double smallest = Double.POSITIVE_INFINITY;
      double largest = 0;
      for (int pixel = 0; pixel < pixels; pixel++) {
        for (int head = 0; head < heads; head++) {
          int row = ((b * heads + head) * pixels + pixel) * length;
          for (int token : tokens) {
            checkArgument(token < length, "the prompt has %s tokens, not %s", length, token + 1);
            map[pixel] += probs[row + token];
          }
        }
        smallest = Math.min(smallest, map[pixel]);
        largest = Math.max(largest, map[pixel]);
      }
      double least = smallest + threshold * (largest - smallest);
      for (int pixel = 0; pixel < pixels; pixel++) {
        mask[b * pixels + pixel] = map[pixel] > least ? 1 : 0;
      }
    }
    return Tensor.of(reference.backend(), mask, batch, 1, pixels, 1);
  }
}
