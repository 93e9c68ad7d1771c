package io.github.pix2pixzero;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.pix2pixzero.guidance.Published;
import io.github.pix2pixzero.inversion.Solver;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.random.TorchCpuGenerator;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Pictures that the bundled model draws, and edits of them. */
class GenerationTest {
  private static final List<String> CATS = List.of("a cat", "a photo of a cat");
  private static final List<String> DOGS = List.of("a dog", "a photo of a dog");

  private static Pix2PixZero model;

  @BeforeAll
  static void load() throws IOException {
    model = Pix2PixZero.loadBundled(Backends.named("vector", 2));
  }

  @Test
  void generatesWhatTheReferencePassOfTheSamplerMakes() {
    GenerateOptions options = GenerateOptions.builder().steps(4).seed(11).guidanceScale(5).build();
    Generation made =
        model.generate("a photo of a cat in the snow", options, ProgressListener.NONE);
    assertThat(made.image().getWidth()).isEqualTo(64);
    assertThat(made.noise().toFloats()).isEqualTo(new TorchCpuGenerator(11).normal(4 * 16 * 16));

    Edit edit =
        model.edit(
            made, EditOptions.published().sentences(CATS, DOGS).build(), ProgressListener.NONE);
    // Agrees with diffusers: PipelineGoldensTest.
    assertClose(edit.reference().toFloats(), made.latent().toFloats(), 1e-5);
    assertThat(edit.plan().caption()).isEqualTo("a photo of a cat in the snow");
    assertThat(edit.plan().negativePrompt()).isEmpty();
    assertThat(edit.plan().method().settings()).containsEntry("Guidance amount", 0.15);
    assertThat(edit.plan().steps()).isEqualTo(4);
    assertThat(edit.source()).isEmpty();
    assertThat(pixels(edit.image())).isNotEqualTo(pixels(made.image()));
    EditOptions chosen =
        EditOptions.builder()
            .method(Published.DEFAULTS.withGuidanceAmount(0.1))
            .sentences(CATS, DOGS)
            .steps(1)
            .build();
    assertThat(model.plan(made.inversion(), chosen).method().settings())
        .containsEntry("Guidance amount", 0.1);
  }

  @Test
  void solversAreChosen() {
    float[] ddim = generated(Solver.DDIM);
    float[] second = generated(Solver.DPM_SOLVER_PLUS_PLUS);
    float[] corrected = generated(Solver.UNI_PC);
    assertThat(second).isEqualTo(generated(Solver.DPM_SOLVER_PLUS_PLUS));
    assertThat(distance(second, corrected)).isPositive().isLessThan(distance(second, ddim));
  }

  private float[] generated(Solver solver) {
    GenerateOptions options =
        GenerateOptions.builder().solver(solver).steps(10).guidanceScale(2).seed(11).build();
    Generation made = model.generate("a photo of a cat", options, ProgressListener.NONE);
    assertThat(made.parameters().values()).containsEntry("Sampler", solver.sampler());
    return made.latent().toFloats();
  }

  private static double distance(float[] one, float[] other) {
    double sum = 0;
    for (int i = 0; i < one.length; i++) {
      sum += (one[i] - other[i]) * (one[i] - other[i]);
    }
    return Math.sqrt(sum);
  }

  @Test
  void editsBesideTheTrajectoryOfAGeneration() {
    GenerateOptions options = GenerateOptions.builder().steps(4).seed(11).build();
    Generation made =
        model.generate("a photo of a cat in the snow", options, ProgressListener.NONE);
    EditOptions swap = EditOptions.builder().from("cat").to("dog").build();
    Edit edit = model.edit(made, swap, ProgressListener.NONE);
    assertThat(edit.plan().targetCaption()).contains("a photo of a dog in the snow");
    assertThat(pixels(edit.reconstruction())).isEqualTo(pixels(made.image()));
    assertThat(pixels(edit.image())).isNotEqualTo(pixels(made.image()));
    EditOptions fewer = EditOptions.builder().from("cat").to("dog").steps(3).build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.edit(made, fewer, ProgressListener.NONE))
        .withMessage(
            "the picture was inverted in 4 steps, it cannot be edited in 3 beside its trajectory");
  }

  @Test
  void generatesOtherSizesAndRefusesWhatDoesNotDivide() {
    GenerateOptions wide =
        GenerateOptions.builder().steps(1).size(96, 48).attentionMaps(true).build();
    Generation made = model.generate("a cat", wide, ProgressListener.NONE);
    assertThat(made.image().getWidth()).isEqualTo(96);
    assertThat(made.image().getHeight()).isEqualTo(48);
    AttentionMaps maps = made.attention().orElseThrow();
    assertThat(maps.width()).isEqualTo(24);
    assertThat(maps.height()).isEqualTo(12);
    GenerateOptions odd = GenerateOptions.builder().steps(1).size(64, 40).build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.generate("a cat", odd, ProgressListener.NONE))
        .withMessage("the height of a picture should be a multiple of 16, it is 40");
  }

  private static int[] pixels(BufferedImage picture) {
    return picture.getRGB(
        0, 0, picture.getWidth(), picture.getHeight(), null, 0, picture.getWidth());
  }
}
