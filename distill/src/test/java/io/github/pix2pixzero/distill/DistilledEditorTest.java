package io.github.pix2pixzero.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.github.pix2pixzero.picture.FittedPicture;
import io.github.pix2pixzero.picture.PictureFit;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.optim.Parameters;
import io.github.pix2pixzero.tensor.random.PhiloxGenerator;
import java.awt.image.BufferedImage;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DistilledEditorTest {
  private static final Backend BACKEND = Backends.named("plain", 1);

  @TempDir private Path folder;

  private DistilledEditor editor(String kind) throws IOException {
    StudentConfig config =
        kind.equals("comod") ? ComodConfig.small(16, 4) : FastConfig.small(16, 4);
    Path student = folder.resolve(kind);
    try (Parameters parameters = new Parameters(BACKEND, new PhiloxGenerator(4))) {
      Student unused = Student.of(parameters, config);
      StudentFiles.write(student, config, parameters, Map.of("from", "cat", "teacher", "x"));
    }
    return DistilledEditor.load(student, BACKEND);
  }

  private static BufferedImage picture(int width, int height) {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < width * height; i++) {
      picture.setRGB(i % width, i / width, i * 0x01030507 & 0xffffff);
    }
    return picture;
  }

  private static int[] pixels(BufferedImage picture) {
    int width = picture.getWidth();
    return picture.getRGB(0, 0, width, picture.getHeight(), null, 0, width);
  }

  @ParameterizedTest
  @ValueSource(strings = {"comod", "fast"})
  void takesAnySizeAloneAndTogether(String kind) throws IOException {
    List<BufferedImage> pictures = new ArrayList<>();
    for (int[] size : new int[][] {{16, 16}, {33, 20}, {5, 7}, {16, 16}, {100, 9}, {64, 64}}) {
      pictures.add(picture(size[0], size[1]));
    }
    try (DistilledEditor editor = editor(kind)) {
      List<BufferedImage> together = new ArrayList<>(editor.edit(pictures));
      for (int i = 0; i < pictures.size(); i++) {
        BufferedImage alone = editor.edit(pictures.get(i));
        assertThat(alone.getWidth()).isEqualTo(pictures.get(i).getWidth());
        assertThat(alone.getHeight()).isEqualTo(pictures.get(i).getHeight());
        assertThat(pixels(alone)).isEqualTo(pixels(together.get(i)));
        assertThat(pixels(alone)).isNotEqualTo(pixels(pictures.get(i)));
      }
    }
  }

  @Test
  void manyThreadsShareOne() throws IOException {
    try (DistilledEditor editor = editor("comod")) {
      int[] alone = pixels(editor.edit(picture(16, 16)));
      assertThat(
              IntStream.range(0, 16)
                  .parallel()
                  .mapToObj(i -> pixels(editor.edit(picture(16, 16))))
                  .allMatch(edited -> Arrays.equals(edited, alone)))
          .isTrue();
    }
  }

  @Test
  void oneFileIsAStudent() throws IOException {
    try (DistilledEditor whole = editor("fast")) {
      Path file = folder.resolve("alone.safetensors");
      Files.copy(folder.resolve("fast/model.safetensors"), file);
      try (DistilledEditor alone = DistilledEditor.load(file, BACKEND)) {
        assertThat(alone.info()).isEqualTo(whole.info());
        assertThat(alone.info().from()).hasValue("cat");
        assertThat(alone.info().metadata()).containsEntry("teacher", "x");
        assertThat(pixels(alone.edit(picture(16, 16))))
            .isEqualTo(pixels(whole.edit(picture(16, 16))));
      }
    }
  }

  @Test
  void saysWhatIsMissing() throws IOException {
    DistilledEditor editor = editor("fast");
    editor.close();
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> editor.edit(picture(16, 16)))
        .withMessage("the editor is closed");
    assertThatExceptionOfType(FileNotFoundException.class)
        .isThrownBy(() -> DistilledEditor.bundled("cow-horse", BACKEND, PictureFit.Policy.CROP))
        .withMessageContaining("no bundled student cow-horse");
    assertThatIOException().isThrownBy(() -> DistilledEditor.load(folder, BACKEND));
  }

  /** A picture at its own size: nothing of it changes outside of the mask, all inside. */
  @Test
  void whatIsNotEditedKeepsEveryDetail() {
    BufferedImage given = picture(50, 40);
    FittedPicture fitted = new PictureFit(16, 4).fit(given);
    int pixels = fitted.picture().getWidth() * fitted.picture().getHeight();
    float[] sources = Pair.colours(fitted.picture());
    float[] white = new float[3 * pixels];
    Arrays.fill(white, 1);
    float[] mask = new float[pixels];
    assertThat(pixels(new Blend(fitted, sources, sources, mask, 0).picture()))
        .isEqualTo(pixels(given));
    Arrays.fill(mask, 1);
    BufferedImage edited = new Blend(fitted, sources, white, mask, 0).picture();
    assertThat(edited.getRGB(25, 20) & 0xffffff).isEqualTo(0xffffff);
  }
}
