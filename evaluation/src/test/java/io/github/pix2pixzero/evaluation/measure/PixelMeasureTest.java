package io.github.pix2pixzero.evaluation.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.pix2pixzero.evaluation.Goldens;
import io.github.pix2pixzero.evaluation.measure.StructuralSimilarity.Border;
import io.github.pix2pixzero.evaluation.network.PixelValues;
import io.github.pix2pixzero.tensor.backend.Backends;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Locale;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against torchmetrics. */
class PixelMeasureTest {

  @ParameterizedTest
  @EnumSource
  void agreesWithTorchmetrics(Part part) throws IOException {
    JsonNode cases = Goldens.json("measures/cases.json");
    for (int i = 0; i < Goldens.PAIRS; i++) {
      JsonNode expected = cases.get(i).get(part.name().toLowerCase(Locale.ROOT));
      Comparison pair = Goldens.pair(i);

      assertThat(new MeanSquaredError(part).of(pair))
          .hasValueCloseTo(Goldens.number(expected, "mse"), Percentage.withPercentage(100 * 1e-6));
      assertThat(new PeakSignalToNoise(part).of(pair))
          .hasValueCloseTo(Goldens.number(expected, "psnr"), within(1e-4));
      assertThat(new StructuralSimilarity(part, Border.COUNTED).of(pair))
          .hasValueCloseTo(Goldens.number(expected, "ssim"), within(2e-4))
          .hasValueCloseTo(Goldens.number(expected, "ssim_double"), within(1e-9));
      assertThat(new StructuralSimilarity(part, Border.LEFT_OUT).of(pair))
          .hasValueCloseTo(Goldens.number(expected, "ssim_without_border"), within(2e-4))
          .hasValueCloseTo(Goldens.number(expected, "ssim_without_border_double"), within(1e-9));
    }
  }

  @Test
  void theMapOfSimilarityIsThatOfTorchmetrics() throws IOException {
    float[] expected =
        Goldens.tensor("measures/io.safetensors", "1.ssim_map", Backends.named("plain", 1))
            .toFloats();
    float[] a = PixelValues.shares(Goldens.pair(1).source(), null);
    float[] b = PixelValues.shares(Goldens.pair(1).edited(), null);
    int pixels = a.length / 3;
    for (int colour = 0; colour < 3; colour++) {
      double[] one = new double[pixels];
      double[] other = new double[pixels];
      for (int i = 0; i < pixels; i++) {
        one[i] = a[3 * i + colour];
        other[i] = b[3 * i + colour];
      }
      double[] map = StructuralSimilarity.map(one, other, 67);
      for (int i = 0; i < pixels; i++) {
        // theirs, in single precision, subtracts nearly equal squares
        assertThat(map[i]).isCloseTo(expected[colour * pixels + i], within(2e-3));
      }
    }
  }

  @Test
  void equalPicturesAreEqual() throws IOException {
    Comparison same = Comparison.of(Goldens.pair(1).source(), Goldens.pair(1).source());

    assertThat(new MeanSquaredError(Part.WHOLE).of(same)).hasValue(0);
    assertThat(new PeakSignalToNoise(Part.WHOLE).of(same)).hasValue(Double.POSITIVE_INFINITY);
    assertThat(new StructuralSimilarity(Part.WHOLE, Border.COUNTED).of(same))
        .hasValueCloseTo(1.0, within(1e-9));
  }

  @Test
  void partsThatAreNotThereHaveNoMeasure() {
    BufferedImage picture = new BufferedImage(12, 12, BufferedImage.TYPE_INT_RGB);
    Comparison unmasked = Comparison.of(picture, picture);
    Comparison empty = unmasked.withRegion(new Region(12, 12, new boolean[144]));

    assertThat(new MeanSquaredError(Part.BACKGROUND).of(unmasked)).isEmpty();
    assertThat(new MeanSquaredError(Part.EDITED).of(empty)).isEmpty();
    assertThat(new MeanSquaredError(Part.BACKGROUND).of(empty)).hasValue(0);
  }

  @Test
  void namesAreThoseOfPieBench() {
    assertThat(new PeakSignalToNoise(Part.BACKGROUND).title()).isEqualTo("psnr_unedit_part");
    assertThat(new MeanSquaredError(Part.EDITED).title()).isEqualTo("mse_edit_part");
    assertThat(new StructuralSimilarity(Part.WHOLE, Border.COUNTED).title()).isEqualTo("ssim");
  }

  @Test
  void refusesWhatDoesNotFit() {
    BufferedImage wide = new BufferedImage(12, 10, BufferedImage.TYPE_INT_RGB);
    BufferedImage tall = new BufferedImage(10, 12, BufferedImage.TYPE_INT_RGB);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Comparison.of(wide, tall))
        .withMessage("pictures of different sizes: 12 x 10 and 10 x 12");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Comparison.of(wide, wide).withRegion(Region.of(tall)))
        .withMessage("the mask is 10 x 12, the picture 12 x 10");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new StructuralSimilarity(Part.WHOLE, Border.LEFT_OUT).of(Comparison.of(wide, wide)))
        .withMessage("SSIM takes pictures of at least 11 x 11 pixels, not 12 x 10");
  }
}
