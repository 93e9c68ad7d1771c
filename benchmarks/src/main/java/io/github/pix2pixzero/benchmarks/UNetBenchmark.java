package io.github.pix2pixzero.benchmarks;

import io.github.pix2pixzero.guidance.CrossAttentionLoss;
import io.github.pix2pixzero.guidance.LossControl;
import io.github.pix2pixzero.guidance.MapRecorder;
import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import io.github.pix2pixzero.unet.UNetConfig;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The noise predictor of the toy model: what an edit calls three times a step. */
@State(org.openjdk.jmh.annotations.Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class UNetBenchmark {
  private static final String MODEL = "io/github/pix2pixzero/toyworld/model";
  private static final int TIMESTEP = 501;
  private static final int TOKENS = 77;

  @Param({"vector", "plain"})
  public String backend;

  /** 1 in the inversion, 2 under classifier-free guidance. */
  @Param({"1", "2"})
  public int batch;

  @Param({"1", "2"})
  public int threads;

  private UNet2DConditionModel unet;
  private Tensor latent;
  private Tensor context;
  private MapRecorder reference;

  @Setup(Level.Trial)
  public void load() throws IOException {
    Backend device = Backends.named(backend, threads);
    unet =
        UNet2DConditionModel.load(
            ModelFolder.ofResources(UNetBenchmark.class, MODEL).at("unet"), device);
    UNetConfig config = unet.config();
    latent =
        normal(device, 1, batch, config.inChannels(), config.sampleSize(), config.sampleSize());
    context = normal(device, 2, batch, TOKENS, config.contextWidth());
    reference = new MapRecorder(new CrossAttentionLoss()::wants);
    unet.forward(
        latent, TIMESTEP, normal(device, 3, batch, TOKENS, config.contextWidth()), reference);
  }

  @Benchmark
  public Tensor forward() {
    try (Scope scope = Scope.open()) {
      return unet.forward(latent, TIMESTEP, context);
    }
  }

  /** A guidance step's gradient of the attention loss with respect to the latent. */
  @Benchmark
  public Tensor lossGradient() {
    try (Scope scope = Scope.open()) {
      Tensor x = latent.variable();
      LossControl loss = new LossControl(new CrossAttentionLoss(), reference);
      unet.forward(x, TIMESTEP, context, loss);
      return Autograd.grad(loss.total(), x)[0];
    }
  }

  private static Tensor normal(Backend backend, long seed, int... dims) {
    int size = 1;
    for (int dim : dims) {
      size *= dim;
    }
    return Tensor.of(backend, Sizes.normal(size, seed), dims);
  }
}
