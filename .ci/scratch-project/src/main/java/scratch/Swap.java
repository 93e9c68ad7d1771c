package scratch;

import io.github.pix2pixzero.guidance.EditMethod;
import io.github.pix2pixzero.guidance.EditTask;
import io.github.pix2pixzero.guidance.LatentPair;
import io.github.pix2pixzero.inversion.DdimScheduler;
import io.github.pix2pixzero.inversion.StepLoop;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.unet.AttentionControl;
import io.github.pix2pixzero.unet.PromptRow;
import io.github.pix2pixzero.unet.TextContext;
import java.util.List;

/** A method of the user's own, that of {@code docs/edit-methods.md}. */
final class Swap implements EditMethod {
  @Override
  public String name() {
    return "swap";
  }

  @Override
  public LatentPair edit(EditTask task) {
    DdimScheduler scheduler = new DdimScheduler(task.schedule(), task.request().steps());
    Tensor picture = task.trajectory().after(0);
    try (Scope scope = Scope.open()) {
      TextContext edited = task.prompts().context(List.of(PromptRow.EDITED));
      LatentPair result =
          new StepLoop<LatentPair>(
                  scheduler.timesteps(), pair -> List.of(pair.edited()), task.listener())
              .run(
                  new LatentPair(picture, task.trajectory().noise()),
                  (step, t, pair) -> {
                    Tensor noise =
                        task.unet().forward(pair.edited(), t, edited, AttentionControl.NONE);
                    return new LatentPair(picture, scheduler.step(noise, t, pair.edited()));
                  });
      scope.keep(result.edited());
      return result;
    }
  }
}
