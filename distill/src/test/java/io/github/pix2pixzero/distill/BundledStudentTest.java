package io.github.pix2pixzero.distill;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.picture.PictureFiles;
import io.github.pix2pixzero.picture.PictureFit;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The student that comes with the sources does what the diffusion edit of the README does. */
class BundledStudentTest {
  private static final Path ROOT = Path.of("..");

  @ParameterizedTest
  @MethodSource("io.github.pix2pixzero.tensor.testing.TestBackends#cpu")
  void makesADogOfTheCat(Backend backend) throws IOException {
    BufferedImage cat = PictureFiles.read(ROOT.resolve("toy-world/examples/cat.png"));
    BufferedImage dog = PictureFiles.read(ROOT.resolve("docs/images/cat-dog.png"));
    try (DistilledEditor editor =
        DistilledEditor.bundled("cat-dog", backend, PictureFit.Policy.CROP)) {
      assertThat(editor.info().from()).hasValue("cat");
      assertThat(editor.info().to()).hasValue("dog");
      BufferedImage edited = editor.edit(cat);
      assertThat(squares(edited, dog)).isLessThan(0.4 * squares(cat, dog));
      int kept = 0;
      for (int i = 0; i < 64 * 64; i++) {
        kept += edited.getRGB(i % 64, i / 64) == cat.getRGB(i % 64, i / 64) ? 1 : 0;
      }
      assertThat(kept).isGreaterThan(64 * 64 / 2);
    }
  }

  /** The squared distance of two pictures of 64 × 64. */
  private static double squares(BufferedImage one, BufferedImage other) {
    double sum = 0;
    for (int i = 0; i < 64 * 64; i++) {
      int a = one.getRGB(i % 64, i / 64);
      int b = other.getRGB(i % 64, i / 64);
      for (int shift = 0; shift < 24; shift += 8) {
        double difference = (a >> shift & 0xff) - (b >> shift & 0xff);
        sum += difference * difference;
      }
    }
    return sum;
  }
}
