package io.github.pix2pixzero.distill.collect;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.distill.collect.PairScore.Judged;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class DiffusionClassifierTest {
  private static final String CAT = "a photo of a cat";
  private static final String DOG = "a photo of a dog";

  @Test
  void tellsCatsFromDogs() throws IOException {
    DiffusionClassifier classifier = new DiffusionClassifier(TintedPairs.MODEL.model());
    assertThat(classifier.margin(example("dog"), CAT, DOG)).isPositive();
    assertThat(classifier.margin(example("cat"), CAT, DOG)).isNegative();
    assertThat(
            classifier.of(
                new Judged(example("cat"), example("dog"), example("cat"), CAT, Optional.empty())))
        .isEmpty();
  }

  private static BufferedImage example(String name) throws IOException {
    try (InputStream in =
        DiffusionClassifierTest.class.getResourceAsStream(
            "/io/github/pix2pixzero/toyworld/examples/" + name + ".png")) {
      return ImageIO.read(in);
    }
  }
}
