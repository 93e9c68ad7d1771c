package io.github.pix2pixzero;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.picture.PictureTensors;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.ops.BilinearResize;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class PreviewDecoderTest {
  private static final Backend BACKEND = Backends.named("plain", 1);
  private static final float[] COLOURS = {
    0.3f, 0.1f, -0.2f, 0, //
    0.1f, -0.3f, 0, 0.2f, //
    0, 0.2f, 0.3f, 0.1f
  };

  private final List<Integer> decoded = new ArrayList<>();
  private int step;

  @Test
  void decodesAllUnlessToldOtherwise() {
    assertThat(decodedOf(6, 1)).containsExactly(1, 2, 3, 4, 5, 6);
  }

  @Test
  void decodesTheFirstAndEachThatIsFarEnoughFromTheLast() {
    assertThat(decodedOf(11, 5)).containsExactly(1, 6, 11);
  }

  @Test
  void estimatesWhatALinearAutoencoderWouldShow() {
    PreviewDecoder previews = new PreviewDecoder(PreviewDecoderTest::linear, 9);
    BufferedImage stale = previews.preview(1, latent(1));
    for (int seed = 2; seed < 5; seed++) {
      BufferedImage right = linear(latent(seed));
      BufferedImage estimate = previews.preview(seed, latent(seed));
      assertThat(difference(estimate, right)).isLessThan(3);
      assertThat(difference(stale, right)).isGreaterThan(12);
    }
  }

  /** Much nearer to what is becoming of the picture than the last decoded preview is. */
  @Test
  void followsTheAutoencoderOfTheToyModel() throws IOException {
    Pix2PixZero model = Pix2PixZero.loadBundled(Backends.named("vector", 1));
    EditOptions options = EditOptions.builder().from("cat").to("dog").steps(16).build();
    Inversion inversion = model.invert(picture(), options);
    List<BufferedImage> right = previews(model, inversion, options, 1);
    List<BufferedImage> estimates = previews(model, inversion, options, 5);
    assertThat(right).hasSize(16);
    assertThat(estimates).hasSize(16);
    assertThat(difference(estimates.get(5), right.get(5))).as("decoded").isZero();
    for (int i = 6; i < 10; i++) {
      double stale = difference(right.get(5), right.get(i));
      assertThat(difference(estimates.get(i), right.get(i)))
          .as("after step %s", i + 1)
          .isLessThan(0.75 * stale);
    }
  }

  private static List<BufferedImage> previews(
      Pix2PixZero model, Inversion inversion, EditOptions options, int decodeEvery) {
    List<BufferedImage> seen = new ArrayList<>();
    model.edit(
        inversion,
        options,
        new ProgressListener() {
          @Override
          public void progressed(Progress progress) {}

          @Override
          public int previewEvery() {
            return 1;
          }

          @Override
          public int decodeEvery() {
            return decodeEvery;
          }

          @Override
          public void previewed(Progress progress, BufferedImage preview) {
            seen.add(preview);
          }
        });
    return seen;
  }

  private List<Integer> decodedOf(int steps, int decodeEvery) {
    Function<Tensor, BufferedImage> decoder =
        latent -> {
          decoded.add(step);
          return linear(latent);
        };
    PreviewDecoder previews = new PreviewDecoder(decoder, decodeEvery);
    for (step = 1; step <= steps; step++) {
      previews.preview(step, latent(step));
    }
    return decoded;
  }

  private static Tensor latent(int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[4 * 8 * 8];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextDouble() * 2 - 1);
    }
    Tensor coarse = Tensor.of(BACKEND, values, 1, 8, 8, 4);
    return BilinearResize.of(coarse, 16, 16, false).toChannelsFirst();
  }

  private static BufferedImage linear(Tensor latent) {
    Tensor colours =
        Tensor.of(BACKEND, COLOURS, 3, 4).matmul(latent.reshape(4, 256)).reshape(1, 3, 16, 16);
    Tensor pixels = BilinearResize.of(colours.add(0.1f).toChannelsLast(), 64, 64, false);
    return PictureTensors.toPicture(pixels.toChannelsFirst());
  }

  /** Mean difference of levels. */
  private static double difference(BufferedImage one, BufferedImage other) {
    return PictureTensors.toTensor(one, BACKEND)
            .sub(PictureTensors.toTensor(other, BACKEND))
            .abs()
            .mean()
            .item()
        * 127.5;
  }

  private static BufferedImage picture() throws IOException {
    try (InputStream in =
        PreviewDecoderTest.class.getResourceAsStream(
            "/io/github/pix2pixzero/toyworld/examples/cat.png")) {
      return ImageIO.read(in);
    }
  }
}
