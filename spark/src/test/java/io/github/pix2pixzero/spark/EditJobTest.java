package io.github.pix2pixzero.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.distill.DistilledEditor;
import io.github.pix2pixzero.distill.Student;
import io.github.pix2pixzero.distill.StudentConfig;
import io.github.pix2pixzero.distill.StudentFiles;
import io.github.pix2pixzero.picture.PictureFiles;
import io.github.pix2pixzero.spark.PictureResult.Outcome;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.optim.Parameters;
import io.github.pix2pixzero.tensor.random.PhiloxGenerator;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NeedsHadoop
class EditJobTest {
  @TempDir private Path folder;

  @Test
  void editsAreThoseOfOneMachine() throws IOException {
    Path photos = Photos.in(folder);
    Path broken = Files.writeString(photos.resolve("broken.png"), "no picture");
    Path edits = folder.resolve("edits");
    List<String> inputs = List.of(photos.toString(), photos + "/c*.png");
    try (JavaSparkContext spark = LocalSpark.inProcess()) {
      PictureEditor editor = new DiffusionEditor(new ToySetup("dog"));
      JobReport first = EditJob.run(spark, inputs, edits.toString(), editor);
      assertThat(first.with(Outcome.MADE)).hasSize(Photos.COUNT);
      assertThat(first.with(Outcome.FAILED)).extracting(PictureResult::id).hasSize(1);

      ToySetup setup = new ToySetup("dog");
      Pix2PixZero model = setup.load(1);
      PictureResult cat = ofCat(first);
      assertSame(
          PictureFiles.read(edits.resolve("cat-" + cat.id() + ".png")),
          model
              .edit(
                  PictureFiles.read(photos.resolve("cat.png")),
                  setup.options().toBuilder().caption("a photo of a gray cat").build())
              .image());

      Files.delete(broken);
      Files.delete(edits.resolve("cat-" + cat.id() + ".png"));
      Files.writeString(photos.resolve("cat.txt"), "a photo of a cat"); // that of the others
      JobReport second = EditJob.run(spark, inputs, edits.toString(), editor);
      assertThat(second.with(Outcome.KNOWN)).hasSize(Photos.COUNT - 1);
      assertThat(second.with(Outcome.MADE)).singleElement().isEqualTo(ofCat(second));
      assertThat(ofCat(second).id()).isNotEqualTo(cat.id());

      JobReport others =
          EditJob.run(spark, inputs, edits.toString(), new StudentEditor(student().toString()));
      assertThat(others.with(Outcome.MADE)).hasSize(Photos.COUNT);
    }
    assertThat(Photos.contents(edits)).hasSize(2 * Photos.COUNT);
  }

  @Test
  void studentsEditAsOnOneMachine() throws IOException {
    Path photos = Photos.in(folder);
    Path edits = folder.resolve("edits");
    try (JavaSparkContext spark = LocalSpark.inProcess();
        DistilledEditor alone = DistilledEditor.load(student(), Backends.named("plain", 1))) {
      JobReport report =
          EditJob.run(
              spark,
              List.of(photos.resolve("cat.png").toString()),
              edits.toString(),
              new StudentEditor(student().toString()));
      assertSame(
          PictureFiles.read(edits.resolve("cat-" + ofCat(report).id() + ".png")),
          alone.edit(PictureFiles.read(photos.resolve("cat.png"))));
    }
  }

  private static PictureResult ofCat(JobReport report) {
    return report.results().stream()
        .filter(result -> result.picture().endsWith("/cat.png"))
        .findFirst()
        .orElseThrow();
  }

  private Path student() throws IOException {
    Path file = folder.resolve("student/model.safetensors");
    if (!Files.exists(file)) {
      StudentConfig config = StudentConfig.of("fast", 64, OptionalInt.of(4));
      try (Parameters weights =
          new Parameters(Backends.named("plain", 1), new PhiloxGenerator(3))) {
        Student unused = Student.of(weights, config);
        StudentFiles.write(file.getParent(), config, weights, Map.of());
      }
    }
    return file;
  }

  private static void assertSame(BufferedImage actual, BufferedImage expected) {
    int width = expected.getWidth();
    int height = expected.getHeight();
    assertThat(actual.getRGB(0, 0, width, height, null, 0, width))
        .isEqualTo(expected.getRGB(0, 0, width, height, null, 0, width));
  }
}
