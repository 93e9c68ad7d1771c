package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.clip.TextEmbedding;
import io.github.pix2pixzero.inversion.NullText;
import io.github.pix2pixzero.inversion.Trajectory;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.unet.PromptRow;
import java.util.Optional;

/**
 * What the picture is while {@link PromptToPromptSampler} draws its edit.
 *
 * @param noise where both start, [1, channels, height, width]
 * @param trajectory the latents that the picture is to have; empty if it is drawn again
 * @param nullText the embeddings with which it is, in the place of the negative prompt's
 */
public record ReferenceBranch(
    Tensor noise, Optional<Trajectory> trajectory, Optional<NullText> nullText) {
  public ReferenceBranch {
    checkArgument(noise.dim(0) == 1, "one latent at a time, got %s", noise.shape());
  }

  /** The latents of an inversion, or of a generation (Ju et al., "Direct Inversion", 2024). */
  public static ReferenceBranch along(Trajectory trajectory) {
    return new ReferenceBranch(trajectory.noise(), Optional.of(trajectory), Optional.empty());
  }

  /** What is drawn from the noise with the caption. */
  public static ReferenceBranch reconstructed(Tensor noise) {
    return new ReferenceBranch(noise, Optional.empty(), Optional.empty());
  }

  /** The same with the embeddings of null-text inversion (Mokady et al., 2023). */
  public static ReferenceBranch nullText(Tensor noise, NullText embeddings) {
    return new ReferenceBranch(noise, Optional.empty(), Optional.of(embeddings));
  }

  void check(int steps) {
    trajectory.ifPresent(
        latents ->
            checkArgument(
                latents.steps() == steps,
                "%s steps beside a trajectory of %s",
                steps,
                latents.steps()));
    nullText.ifPresent(
        known ->
            checkArgument(
                known.steps() == steps,
                "%s steps with null-text embeddings of %s",
                steps,
                known.steps()));
  }

  /** The prompts of a step. */
  Prompts prompts(int step, Prompts prompts) {
    if (nullText.isEmpty()) {
      return prompts;
    }
    ImmutableMap.Builder<PromptRow, TextEmbedding> changed = ImmutableMap.builder();
    changed.putAll(prompts.byRow());
    changed.put(PromptRow.NEGATIVE, new TextEmbedding(nullText.get().at(step)));
    return new Prompts(changed.buildKeepingLast());
  }
}
