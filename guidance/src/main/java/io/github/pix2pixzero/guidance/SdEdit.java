package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.inversion.DdimScheduler;
import io.github.pix2pixzero.inversion.StepLoop;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.unet.AttentionControl;
import io.github.pix2pixzero.unet.PromptRow;
import java.util.Arrays;
import java.util.List;

/**
 * SDEdit (Meng et al., ICLR 2022), which others call img2img: noise is drawn and added to the
 * picture, and denoised with the edited prompt. Agrees with diffusers' {@code
 * StableDiffusionImg2ImgPipeline} with DDIM, given the encoder's mean. Nothing is inverted.
 *
 * @param noiseStrength which share of the steps is taken, and so how much noise is added: 1 leaves
 *     nothing of the picture; by default 0.8
 * @param guidanceScale weight of classifier-free guidance; 1 turns it off, less leads towards the
 *     negative prompt; by default 7.5
 */
public record SdEdit(double noiseStrength, double guidanceScale) implements EditMethod {
  public static final String NAME = "sdedit";

  public static final SdEdit DEFAULTS = new SdEdit(0.8, 7.5);

  public SdEdit {
    checkArgument(
        noiseStrength > 0 && noiseStrength <= 1,
        "the noise strength should be above 0 and at most 1, it is %s",
        noiseStrength);
    Checks.notNegative("guidance scale", guidanceScale);
  }

  public SdEdit withNoiseStrength(double strength) {
    return new SdEdit(strength, guidanceScale);
  }

  public SdEdit withGuidanceScale(double scale) {
    return new SdEdit(noiseStrength, scale);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public ImmutableMap<String, Object> settings() {
    return ImmutableMap.of("CFG scale", guidanceScale, "Denoising strength", noiseStrength);
  }

  @Override
  public boolean inverts() {
    return false;
  }

  @Override
  public void check(EditRequest request) {
    checkArgument(
        taken(request.steps()) > 0,
        "a noise strength of %s leaves none of %s steps to take",
        Double.toString(noiseStrength),
        request.steps());
  }

  @Override
  public double passesAStep() {
    return noiseStrength * prediction().rows().size();
  }

  private PredictionSum prediction() {
    return PredictionSum.classifierFree(PromptRow.EDITED, guidanceScale);
  }

  /** Of so many steps, how many are taken: rounded down, as in diffusers. */
  private int taken(int steps) {
    return (int) (steps * noiseStrength);
  }

  @Override
  public LatentPair edit(EditTask task) {
    int steps = task.request().steps();
    DdimScheduler scheduler = new DdimScheduler(task.schedule(), steps);
    int[] timesteps = Arrays.copyOfRange(scheduler.timesteps(), steps - taken(steps), steps);
    Tensor picture = task.trajectory().after(0);
    PredictionSum sum = prediction();
    boolean together = picture.dim(2) * picture.dim(3) < RowPredictions.LARGE_LATENT;
    try (Scope scope = Scope.open();
        RowPredictions rows =
            new RowPredictions(
                task.unet(), task.prompts(), sum.rows(), together, AttentionControl.NONE)) {
      Tensor noisy = task.schedule().noised(picture, task.noise().get(), timesteps[0]);
      LatentPair result =
          new StepLoop<LatentPair>(timesteps, pair -> List.of(pair.edited()), task.listener())
              .run(
                  new LatentPair(picture, noisy),
                  (step, t, pair) ->
                      new LatentPair(
                          picture,
                          scheduler.step(sum.of(rows.at(t, pair.edited())), t, pair.edited())));
      scope.keep(result.edited());
      return result;
    }
  }
}
