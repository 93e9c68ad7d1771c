package io.github.pix2pixzero;

import io.github.pix2pixzero.Progress.Stage;
import io.github.pix2pixzero.guidance.PromptSampler;
import io.github.pix2pixzero.inversion.NullText;
import io.github.pix2pixzero.inversion.NullTextInverter;
import io.github.pix2pixzero.inversion.Trajectory;
import io.github.pix2pixzero.picture.PictureTensors;
import io.github.pix2pixzero.stablediffusion.StableDiffusion;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import java.awt.image.BufferedImage;

/** What of a model's tensors can be looked at. */
record Views(StableDiffusion model) {

  /** The picture that a latent stands for. */
  BufferedImage decode(Tensor latent) {
    try (Scope scope = Scope.open()) {
      return PictureTensors.toPicture(model.decode(latent));
    }
  }

  /** Where the words of a caption look, along a trajectory. */
  AttentionMaps attention(Trajectory trajectory, String caption, Work work) {
    int height = trajectory.noise().dim(2);
    int width = trajectory.noise().dim(3);
    TokenMaps maps = new TokenMaps(width, height);
    try (Scope scope = Scope.open()) {
      new PromptSampler(model.unet(), model.schedule())
          .replay(trajectory, model.embed(caption), maps, work.steps(Stage.REPLAY));
    }
    return words(maps, caption, width, height);
  }

  /** Embeddings with which guidance leads back along a trajectory, in the caller's scope. */
  NullText nullText(Trajectory trajectory, String caption, double guidanceScale, Work work) {
    return new NullTextInverter(model.unet(), model.schedule())
        .invert(
            trajectory,
            model.embed(caption).states(),
            model.embed("").states(),
            guidanceScale,
            work.steps(Stage.NULL_TEXT, NullTextInverter.Fit::latent));
  }

  AttentionMaps words(TokenMaps maps, String prompt, int width, int height) {
    return AttentionMaps.of(model.tokenizer(), prompt, maps.means(), width, height);
  }
}
