package io.github.pix2pixzero.benchmarks;

import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.guidance.CrossAttentionLoss;
import io.github.pix2pixzero.guidance.LossControl;
import io.github.pix2pixzero.guidance.MapRecorder;
import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import io.github.pix2pixzero.unet.UNetConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The noise predictor of the toy model, which an edit calls three times a step; with a batch of 2
 * under classifier-free guidance.
 */
final class UNetKernels {
  private static final String MODEL = "io/github/pix2pixzero/toyworld/model";
  private static final int TIMESTEP = 501;
  private static final int TOKENS = 77;

  private UNetKernels() {}

  static Stream<Kernel> all() {
    return IntStream.of(1, 2)
        .boxed()
        .flatMap(
            batch ->
                Stream.of(row("forward", batch, false), row("gradient of the loss", batch, true)));
  }

  private static Kernel row(String what, int batch, boolean gradient) {
    return new Kernel(
        "toy UNet, batch %s, %s".formatted(batch, what),
        Double.NaN,
        0,
        backend -> ours(backend, batch, gradient),
        ImmutableMap.of());
  }

  private static Contender ours(Backend backend, int batch, boolean gradient) {
    UNet2DConditionModel unet;
    try {
      unet =
          UNet2DConditionModel.load(
              ModelFolder.ofResources(UNetKernels.class, MODEL).at("unet"), backend);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    UNetConfig config = unet.config();
    int size = config.sampleSize();
    int width = config.contextWidth();
    Tensor latent = Ours.normal(backend, 1, batch, config.inChannels(), size, size);
    Tensor context = Ours.normal(backend, 2, batch, TOKENS, width);
    if (!gradient) {
      return Ours.of(() -> unet.forward(latent, TIMESTEP, context));
    }
    MapRecorder reference = new MapRecorder(new CrossAttentionLoss()::wants);
    unet.forward(latent, TIMESTEP, Ours.normal(backend, 3, batch, TOKENS, width), reference);
    return Ours.of(
        () -> {
          Tensor x = latent.variable();
          LossControl loss = new LossControl(new CrossAttentionLoss(), reference);
          unet.forward(x, TIMESTEP, context, loss);
          return Autograd.grad(loss.total(), x)[0];
        });
  }
}
