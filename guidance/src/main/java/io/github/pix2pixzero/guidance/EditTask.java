package io.github.pix2pixzero.guidance;

import com.google.common.base.Supplier;
import io.github.pix2pixzero.inversion.NoiseSchedule;
import io.github.pix2pixzero.inversion.NullText;
import io.github.pix2pixzero.inversion.StepListener;
import io.github.pix2pixzero.inversion.Trajectory;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import java.util.Optional;

/**
 * What an {@link EditMethod} works on.
 *
 * @param unet the noise predictor
 * @param schedule how much noise there is at each timestep
 * @param request what is to become of the picture, in words
 * @param trajectory the latents between the picture and its noise; only the picture if nobody has
 *     inverted it and the method does not {@linkplain EditMethod#inverts need} it
 * @param prompts caption, negative and edited, as embeddings
 * @param mask 1 where the latent may change, 0 where it is held, [1, 1, height, width]; empty if
 *     nobody has said
 * @param noise white noise of the latents' shape, drawn from the edit's seed when first asked for
 * @param nullText embeddings of null-text inversion for the method's {@link
 *     EditMethod#nullTextScale}; found out when first asked for
 * @param changes where the edit changes the picture; found out when first asked for
 * @param listener told of every step
 */
public record EditTask(
    UNet2DConditionModel unet,
    NoiseSchedule schedule,
    EditRequest request,
    Trajectory trajectory,
    Prompts prompts,
    Optional<Tensor> mask,
    Supplier<Tensor> noise,
    Supplier<NullText> nullText,
    Supplier<EditMask> changes,
    StepListener<LatentPair> listener) {}
