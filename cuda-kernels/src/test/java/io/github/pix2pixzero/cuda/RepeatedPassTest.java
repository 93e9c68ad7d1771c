package io.github.pix2pixzero.cuda;

import static io.github.pix2pixzero.tensor.testing.Tensors.random;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.clip.TextEmbedding;
import io.github.pix2pixzero.guidance.BesideTrajectory;
import io.github.pix2pixzero.guidance.CrossAttentionLoss;
import io.github.pix2pixzero.guidance.GuidanceLoss;
import io.github.pix2pixzero.guidance.Prompts;
import io.github.pix2pixzero.guidance.StepWindow;
import io.github.pix2pixzero.guidance.TrajectorySampler;
import io.github.pix2pixzero.inversion.DdimInverter;
import io.github.pix2pixzero.inversion.NoiseRegularization;
import io.github.pix2pixzero.inversion.NoiseSchedule;
import io.github.pix2pixzero.inversion.StepListener;
import io.github.pix2pixzero.inversion.Trajectory;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.io.JsonConfig;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.random.TorchCpuGenerator;
import io.github.pix2pixzero.unet.AttentionSite;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Steps that are replayed from a graph give the bits of steps that are launched. */
class RepeatedPassTest {
  private static final int STEPS = 3;

  private final CudaBackend backend = new CudaBackend(Precision.FLOAT32);
  private final NoiseSchedule schedule = NoiseSchedule.from(JsonConfig.of(Map.of(), "test"));
  private final UNet2DConditionModel unet;

  RepeatedPassTest() throws IOException {
    Path folder = Path.of("..", "unet", "src", "test", "resources", "goldens", "unet-sd1");
    unet = UNet2DConditionModel.load(ModelFolder.of(folder), backend);
  }

  /** Counts how often it is asked for a share of the loss. */
  private static final class Counted implements GuidanceLoss {
    private final GuidanceLoss loss = new CrossAttentionLoss();
    private final boolean repeatable;
    private int terms;

    Counted(boolean repeatable) {
      this.repeatable = repeatable;
    }

    @Override
    public boolean wants(AttentionSite site) {
      return loss.wants(site);
    }

    @Override
    public Tensor term(AttentionSite site, Tensor edited, Tensor reference) {
      terms++;
      return loss.term(site, edited, reference);
    }

    @Override
    public boolean isRepeatable() {
      return repeatable;
    }
  }

  @Test
  void aGuidedEditReplaysItsSteps() {
    Counted launched = new Counted(false);
    Counted replayed = new Counted(true);
    float[] expected = edit(launched);
    assertThat(edit(replayed)).isEqualTo(expected).doesNotContain(Float.NaN);
    // Once launched, once recorded.
    assertThat(replayed.terms).isEqualTo(launched.terms / STEPS * 2).isPositive();
  }

  private float[] edit(GuidanceLoss loss) {
    int side = unet.config().multiple();
    int width = unet.config().contextWidth();
    try (Scope scope = Scope.open()) {
      Tensor latent = Tensor.of(backend, random(1, 4 * side * side), 1, 4, side, side);
      Tensor prompt = Tensor.of(backend, random(2, 7 * width), 1, 7, width);
      Tensor edited = Tensor.of(backend, random(3, 7 * width), 1, 7, width);
      TextEmbedding caption = new TextEmbedding(prompt);
      Trajectory trajectory =
          new DdimInverter(unet, schedule, NoiseRegularization.PUBLISHED)
              .trajectory(latent, prompt, STEPS, new TorchCpuGenerator(1), StepListener.none());
      return new TrajectorySampler(unet, schedule)
          .sample(
              trajectory,
              Optional.empty(),
              Optional.empty(),
              Prompts.ofEdit(caption, caption, new TextEmbedding(edited)),
              BesideTrajectory.DEFAULTS
                  .withGuidanceScale(5)
                  .withContrast(1)
                  .withGuidanceAmount(2.0 * STEPS / 50)
                  .withGuidanceSteps(new StepWindow(0, 1))
                  .withLoss(loss),
              StepListener.none())
          .edited()
          .toFloats();
    }
  }
}
