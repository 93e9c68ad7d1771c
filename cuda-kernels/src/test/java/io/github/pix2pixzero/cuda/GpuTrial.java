package io.github.pix2pixzero.cuda;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.clip.ClipTextModel;
import io.github.pix2pixzero.guidance.CrossAttentionLoss;
import io.github.pix2pixzero.guidance.GuidanceLoss;
import io.github.pix2pixzero.guidance.LossControl;
import io.github.pix2pixzero.guidance.MapRecorder;
import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.AttentionSpec;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.backend.Storage;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.ops.AttentionApply;
import io.github.pix2pixzero.tensor.ops.AttentionProbs;
import io.github.pix2pixzero.tensor.ops.SquaredDistance;
import io.github.pix2pixzero.tensor.random.TorchCpuGenerator;
import io.github.pix2pixzero.unet.AttentionControl;
import io.github.pix2pixzero.unet.AttentionSite;
import io.github.pix2pixzero.unet.PromptRow;
import io.github.pix2pixzero.unet.TextContext;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import io.github.pix2pixzero.vae.AutoencoderKL;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * What {@code gpu/run.sh} runs beside the suite: a model of full size, held against the reference
 * vectors of {@code gpu/peer.py}, and timed. Prints a row a line as JSON, which {@code
 * gpu/table.py} reads. Arguments: {@code --toy} where sizes are to be small, {@code parity} or
 * {@code times}, the folder, then the names of precisions, or {@code cpu} for the backend of the
 * CPU.
 */
final class GpuTrial {
  private static final float SCALE = (float) (1 / Math.sqrt(40));

  /** Of results in float32, in which PyTorch's are computed; of others it is only said. */
  private static final double TOLERANCE = 1e-3;

  /** Calls between two looks at the clock where one takes less than what waiting for it does. */
  private static final int CALLS = 10;

  private final Backend backend;
  private final Path folder;
  private final boolean timed;
  private final long warmup;
  private final int runs;
  private final int pixels;
  private boolean apart;

  private GpuTrial(Backend backend, Path folder, boolean timed, boolean toy) {
    this.backend = backend;
    this.folder = folder;
    this.timed = timed;
    warmup = toy ? 0 : 2_000_000_000;
    runs = toy ? 1 : 20;
    pixels = toy ? 64 : 4096;
  }

  public static void main(String[] arguments) throws IOException {
    boolean toy = arguments[0].equals("--toy");
    int first = toy ? 1 : 0;
    boolean timed = arguments[first].equals("times");
    Path folder = Path.of(arguments[first + 1]);
    for (String name : Arrays.asList(arguments).subList(first + 2, arguments.length)) {
      Backend backend =
          name.equals("cpu")
              ? Backends.on("cpu", Runtime.getRuntime().availableProcessors())
              : new CudaBackend(Precision.named(name));
      GpuTrial trial = new GpuTrial(backend, folder, timed, toy);
      trial.run();
      if (trial.apart && !timed) {
        throw new AssertionError(backend + " is further from PyTorch than " + TOLERANCE);
      }
    }
  }

  @SuppressWarnings("SystemOut")
  private void say(String row, String format, Object... values) {
    System.out.println(
        String.format(Locale.ROOT, "{\"of\": \"%s\", \"row\": \"%s\", ", backend, row)
            + String.format(Locale.ROOT, format, values)
            + "}");
  }

  private void run() throws IOException {
    try (SafetensorsFile io = ModelFolder.of(folder).safetensors("io.safetensors")) {
      unet(io);
      autoencoder(io);
      text(io);
    }
    attention();
    say("memory", "\"peak MiB\": %.1f", backend.memory().peak() / 1048576.0);
  }

  private Tensor read(SafetensorsFile io, String name) throws IOException {
    int[] dims = Arrays.stream(io.entry(name).shape()).mapToInt(Math::toIntExact).toArray();
    return Tensor.of(backend, io.readFloats(name), dims);
  }

  /** The largest difference, relative to the largest element. */
  private void compare(String what, Tensor actual, float[] expected) {
    float[] values = actual.toFloats();
    double scale = 0;
    double worst = 0;
    for (int i = 0; i < expected.length; i++) {
      double error = Math.abs((double) values[i] - expected[i]);
      worst = error >= 0 ? Math.max(worst, error) : Double.NaN;
      scale = Math.max(scale, Math.abs(expected[i]));
    }
    apart |= !(worst <= TOLERANCE * scale);
    say(what, "\"error\": %.2e, \"scale\": %.3g", worst / scale, scale);
  }

  private void time(String what, Runnable work) {
    time(what, 1, work);
  }

  /** Median milliseconds of a call, of which several are waited for at once. */
  private void time(String what, int calls, Runnable work) {
    if (!timed) {
      return;
    }
    long warm = System.nanoTime() + warmup;
    do {
      milliseconds(calls, work);
    } while (System.nanoTime() < warm);
    double[] times = new double[runs];
    for (int i = 0; i < runs; i++) {
      times[i] = milliseconds(calls, work);
    }
    Arrays.sort(times);
    say(
        what,
        "\"ms\": %.4f, \"least\": %.4f, \"most\": %.4f",
        times[runs / 2],
        times[0],
        times[runs - 1]);
  }

  private double milliseconds(int calls, Runnable work) {
    synchronize();
    long start = System.nanoTime();
    for (int call = 0; call < calls; call++) {
      work.run();
    }
    synchronize();
    return (System.nanoTime() - start) / 1e6 / calls;
  }

  /** The same, and with the launches recorded once and replayed. */
  private void timeAndReplay(String what, Runnable work) {
    time(what, work);
    if (timed) {
      work.run();
      try (CudaGraph graph = ((CudaBackend) backend).record(work)) {
        time(what + ", replayed", graph::replay);
      }
    }
  }

  private void synchronize() {
    ((CudaBackend) backend).synchronize();
  }

  /** The squared distance of the cross-attention maps from uniform ones. */
  private static final class Distances implements AttentionControl {
    private final Scope scope;
    private Tensor loss;

    Distances(Scope scope) {
      this.scope = scope;
    }

    @Override
    public boolean wants(AttentionSite site) {
      return site.isCross();
    }

    @Override
    public Tensor attend(AttentionSite site, Tensor probs, ImmutableList<PromptRow> rows) {
      Tensor uniform = Tensor.full(probs.backend(), probs.shape(), 1f / probs.dim(3));
      Tensor term = SquaredDistance.of(probs, uniform, 1f / (probs.dim(0) * probs.dim(1)));
      loss = scope.adopt(loss == null ? term : loss.add(term));
      return probs;
    }
  }

  private void unet(SafetensorsFile io) throws IOException {
    UNet2DConditionModel unet =
        UNet2DConditionModel.load(ModelFolder.of(folder.resolve("model/unet")), backend);
    try (Scope all = Scope.open()) {
      Tensor latent = read(io, "latent").variable();
      Tensor context = read(io, "context");
      try (Scope scope = Scope.open()) {
        Distances distances = new Distances(scope);
        Tensor noise = unet.forward(latent, 501, context, distances);
        compare("unet, probabilities kept", noise, io.readFloats("noise"));
        compare("guidance loss", distances.loss, io.readFloats("loss"));
        Tensor gradient = Autograd.grad(distances.loss, latent)[0];
        compare("guidance gradient", gradient, io.readFloats("latent_grad"));
      }
      Tensor fixed = latent.detached();
      try (Scope scope = Scope.open()) {
        compare("unet, fused", unet.forward(fixed, 501, context), io.readFloats("noise"));
      }
      Tensor timestep = unet.timestep(501); // a recording copies nothing to the device
      timeAndReplay(
          "unet forward, batch 2",
          () -> {
            try (Scope scope = Scope.open()) {
              unet.forward(fixed, timestep, new TextContext(context), AttentionControl.NONE);
            }
          });
      GuidanceLoss loss = new CrossAttentionLoss();
      MapRecorder maps = new MapRecorder(loss::wants);
      unet.forward(fixed, 501, context, maps);
      timeAndReplay(
          "guided step",
          () -> {
            try (Scope scope = Scope.open()) {
              Tensor x = fixed.mul(1f).variable();
              LossControl control = new LossControl(loss, maps);
              unet.forward(x, timestep, new TextContext(context), control);
              Tensor gradient = Autograd.grad(control.total(), x)[0];
              Tensor moved = fixed.sub(gradient.mul(0.1f));
              unet.forward(moved, timestep, new TextContext(context), AttentionControl.NONE);
            }
          });
    }
  }

  private void autoencoder(SafetensorsFile io) throws IOException {
    AutoencoderKL vae = AutoencoderKL.load(ModelFolder.of(folder.resolve("model/vae")), backend);
    try (Scope all = Scope.open()) {
      Tensor latent = read(io, "z");
      try (Scope scope = Scope.open()) {
        compare("autoencoder", vae.decode(latent), io.readFloats("decoded"));
      }
      time(
          "vae decode",
          () -> {
            try (Scope scope = Scope.open()) {
              vae.decode(latent);
            }
          });
    }
  }

  private void text(SafetensorsFile io) throws IOException {
    ClipTextModel model =
        ClipTextModel.load(ModelFolder.of(folder.resolve("model/text_encoder")), backend);
    int[] dims = Arrays.stream(io.entry("ids").shape()).mapToInt(Math::toIntExact).toArray();
    long[] flat = io.readLongs("ids");
    int[][] ids = new int[dims[0]][dims[1]];
    for (int i = 0; i < flat.length; i++) {
      ids[i / dims[1]][i % dims[1]] = (int) flat[i];
    }
    try (Scope scope = Scope.open()) {
      compare("text transformer", model.forward(ids), io.readFloats("hidden"));
    }
  }

  /** The sizes of Stable Diffusion's largest layers: 4096 pixels, 8 heads of 40. */
  private void attention() {
    if (!timed) {
      return;
    }
    try (Scope all = Scope.open()) {
      AttentionSpec self = new AttentionSpec(2, 8, pixels, pixels, 40, SCALE, false);
      Storage[] in = storages(1, pixels, pixels, pixels, pixels);
      Storage[] out = storages(5, pixels, pixels, pixels, pixels);
      Storage logSumExp = backend.allocate(2 * 8 * pixels);
      time(
          "self-attention, forward",
          CALLS,
          () -> backend.attention(self, in[0], in[1], in[2], out[0], logSumExp));
      time(
          "self-attention, backward",
          CALLS,
          () ->
              backend.attentionBackward(
                  self, in[0], in[1], in[2], out[0], logSumExp, in[3], out[1], out[2], out[3]));
      logSumExp.release();
      Tensor q = random(11, pixels).variable();
      Tensor k = random(12, 77);
      Tensor v = random(13, 77);
      Tensor uniform = Tensor.full(backend, Shape.of(2, 8, pixels, 77), 1f / 77);
      time(
          "cross-attention with loss gradient",
          CALLS,
          () -> {
            try (Scope scope = Scope.open()) {
              Tensor probs = AttentionProbs.of(q, k, 8);
              AttentionApply.of(probs, v);
              Autograd.grad(SquaredDistance.of(probs, uniform, 1f / 16), q);
            }
          });
    }
  }

  private Storage[] storages(int seed, int... rows) {
    Storage[] all = new Storage[rows.length];
    for (int i = 0; i < rows.length; i++) {
      all[i] = random(seed + i, rows[i]).storage();
    }
    return all;
  }

  private Tensor random(int seed, int rows) {
    float[] values = new float[2 * rows * 320];
    new TorchCpuGenerator(seed).fillNormal(values, 0, values.length);
    return Tensor.of(backend, values, 2, rows, 320);
  }
}
