package io.github.pix2pixzero.spark;

import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.guidance.SdEdit;
import io.github.pix2pixzero.inversion.NoiseRegularization;
import io.github.pix2pixzero.tensor.backend.Backends;
import java.io.IOException;

/** An edit of the toy model in a step, on plain loops, which are the quickest to warm up. */
record ToySetup(String to) implements EditSetup {
  @Override
  public Pix2PixZero load(int threads) throws IOException {
    return Pix2PixZero.loadBundled(Backends.named("plain", threads));
  }

  @Override
  public EditOptions options() {
    return EditOptions.builder()
        .caption("a photo of a cat")
        .targetCaption("a photo of a " + to)
        .method(SdEdit.DEFAULTS.withNoiseStrength(1))
        .regularization(NoiseRegularization.NONE)
        .steps(1)
        .build();
  }
}
