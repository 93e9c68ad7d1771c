package io.github.pix2pixzero.guidance;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.random.PhiloxGenerator;
import io.github.pix2pixzero.unet.AttentionSite;
import io.github.pix2pixzero.unet.AttentionSite.Kind;
import io.github.pix2pixzero.unet.AttentionSite.Stage;
import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;

/** On a latent of 2 × 6, whose tokens are 1 × 3 at a downscale of 2. */
class GuidanceLossesTest {
  private static final Backend BACKEND = Backends.best(1);
  private static final AttentionSite CROSS =
      new AttentionSite("cross", Stage.MID, 2, 2, Kind.CROSS);
  private static final AttentionSite SELF = new AttentionSite("self", Stage.MID, 2, 2, Kind.SELF);
  private static final int HEADS = 2;
  private static final int PIXELS = 3;
  private static final int TOKENS = 5;

  private final PhiloxGenerator generator = new PhiloxGenerator(3);
  private final Tensor edited = maps();
  private final Tensor reference = maps();

  private Tensor maps() {
    int size = HEADS * PIXELS * TOKENS;
    return Tensor.of(BACKEND, generator.normal(size), 1, HEADS, PIXELS, TOKENS).softmax();
  }

  /** The paper's loss with a weight a pixel, written out. */
  private double weighted(double... weights) {
    float[] a = edited.toFloats();
    float[] b = reference.toFloats();
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += weights[i / TOKENS % PIXELS] * (a[i] - b[i]) * (a[i] - b[i]);
    }
    return sum / HEADS;
  }

  @Test
  void aPictureWeighsThePixelsItCovers() {
    BufferedImage picture = new BufferedImage(6, 2, BufferedImage.TYPE_INT_RGB);
    picture.setRGB(0, 0, 0xffffff); // a quarter of the first token
    for (int i = 0; i < 4; i++) {
      picture.setRGB(4 + i % 2, i / 2, 0xffffff); // all of the last
    }
    MaskedLoss loss = MaskedLoss.of(new CrossAttentionLoss(), picture, 2, 6);
    Tensor variable = edited.variable();
    Tensor term = loss.term(CROSS, variable, reference);
    assertClose(new float[] {term.item()}, new float[] {(float) weighted(0.25, 0, 1)}, 1e-5);
    float[] gradient = Autograd.grad(term, variable)[0].toFloats();
    for (int i = 0; i < gradient.length; i++) {
      assertThat(gradient[i] == 0).isEqualTo(i / TOKENS % PIXELS == 1);
    }
  }

  @Test
  void aMaskIsForOneSizeOfLatent() {
    MaskedLoss loss = new MaskedLoss(new CrossAttentionLoss(), new float[] {1}, 1, 1, 4, 6);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> loss.term(CROSS, edited, reference))
        .withMessage("the mask is for a latent of 4 x 6, cross has 3 tokens there");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MaskedLoss(new CrossAttentionLoss(), new float[] {2}, 1, 1, 2, 6))
        .withMessage("a mask is of values from 0 to 1, not 2.0");
  }

  @Test
  void aWordsOwnMapChoosesThePixels() {
    float[] probs = new float[HEADS * PIXELS * TOKENS];
    // Token 3 looks at the pixels with 0.6, 0.2 and 0.4 of its attention in each head.
    float[] share = {0.6f, 0.2f, 0.4f};
    for (int i = 0; i < probs.length; i++) {
      float word = share[i / TOKENS % PIXELS];
      probs[i] = i % TOKENS == 3 ? word : (1 - word) / 4;
    }
    Tensor looks = Tensor.of(BACKEND, probs, 1, HEADS, PIXELS, TOKENS);
    WordMaskedLoss loss = new WordMaskedLoss(new CrossAttentionLoss(), new int[] {3}, 0.3);
    float[] a = edited.toFloats();
    double expected = 0;
    for (int i = 0; i < a.length; i++) {
      if (i / TOKENS % PIXELS != 1) {
        expected += (a[i] - probs[i]) * (a[i] - probs[i]) / HEADS;
      }
    }
    assertClose(
        new float[] {loss.term(CROSS, edited, looks).item()}, new float[] {(float) expected}, 1e-5);
    assertThat(loss.wants(SELF)).isFalse();
  }

  @Test
  void aWordOutsideOfThePromptIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new WordMaskedLoss(new CrossAttentionLoss(), new int[0], 0.5))
        .withMessage("the words have no tokens in the prompt");
    WordMaskedLoss loss = new WordMaskedLoss(new CrossAttentionLoss(), new int[] {5}, 0.5);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> loss.term(CROSS, edited, reference))
        .withMessage("the prompt has 5 tokens, not 6");
  }

  @Test
  void aSumAsksEachOfItsLossesWhatItWants() {
    WeightedLoss sum =
        new WeightedLoss(
            ImmutableMap.of(new CrossAttentionLoss(), 2.0, new SelfAttentionLoss(2), -0.5));
    assertThat(sum.wants(CROSS)).isTrue();
    assertThat(sum.wants(SELF)).isTrue();
    assertClose(
        new float[] {sum.term(CROSS, edited, reference).item()},
        new float[] {(float) (2 * weighted(1, 1, 1))},
        1e-5);
    assertClose(
        new float[] {sum.term(SELF, edited, reference).item()},
        new float[] {(float) (-0.5 * weighted(1, 1, 1))},
        1e-5);
    assertThat(new SelfAttentionLoss(4).wants(SELF)).isFalse();
  }
}
