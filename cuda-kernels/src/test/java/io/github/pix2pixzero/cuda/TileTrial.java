package io.github.pix2pixzero.cuda;

import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Conv2dSpec;
import io.github.pix2pixzero.tensor.backend.MatmulSpec;
import io.github.pix2pixzero.tensor.backend.Storage;
import io.github.pix2pixzero.tensor.random.TorchCpuGenerator;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How long the products and convolutions of Stable Diffusion 1.5 take by each tile, for the speeds
 * that {@link Tiling} estimates: a line of JSON each, in float16. Arguments: {@code --toy} where
 * sizes are to be small.
 */
final class TileTrial {
  /** The last is what {@link Tiling} chooses. */
  private static final List<String> TILES =
      Arrays.asList(
          "large",
          "medium",
          "small",
          "group_large",
          "group_medium",
          "group_small",
          "bulk_large",
          "bulk_medium",
          "bulk_small",
          null);

  /** Rows, columns and depth, of two pictures. */
  private static final int[][] PRODUCTS = {
    {8192, 320, 320}, {8192, 2560, 320}, {8192, 320, 1280},
    {2048, 640, 640}, {2048, 5120, 640}, {2048, 640, 2560},
    {512, 1280, 1280}, {512, 10240, 1280}, {512, 1280, 5120},
    {128, 1280, 1280}, {128, 10240, 1280}, {154, 320, 768}
  };

  /** Pictures, side, channels in and out, of 3 × 3; the last are the autoencoder's. */
  private static final int[][] CONVOLUTIONS = {
    {2, 64, 320, 320}, {2, 64, 640, 320}, {2, 64, 960, 320}, {2, 32, 640, 640},
    {2, 32, 1280, 640}, {2, 16, 1280, 1280}, {2, 16, 2560, 1280}, {2, 8, 1280, 1280},
    {2, 8, 2560, 1280}, {1, 64, 512, 512}, {1, 256, 256, 256}, {1, 512, 128, 128}
  };

  private final boolean toy;
  private float[] numbers = new float[0];

  private TileTrial(boolean toy) {
    this.toy = toy;
  }

  public static void main(String[] arguments) {
    TileTrial trial = new TileTrial(Arrays.asList(arguments).contains("--toy"));
    for (int[] size : PRODUCTS) {
      trial.product(size[0], size[1], size[2]);
    }
    for (int[] size : CONVOLUTIONS) {
      trial.convolution(size[0], size[1], size[2], size[3]);
    }
  }

  private void product(int rows, int columns, int depth) {
    int m = toy ? rows / 64 : rows;
    int n = toy ? columns / 40 : columns;
    int k = toy ? depth / 40 : depth;
    MatmulSpec spec = MatmulSpec.of(m, n, k);
    String what = "product of %sx%sx%s".formatted(m, n, k);
    time(
        what,
        2.0 * m * n * k,
        (backend, in, out) -> backend.matmul(spec, in[0], in[1], null, out),
        m * n,
        m * k,
        k * n);
  }

  private void convolution(int pictures, int size, int from, int to) {
    int side = toy ? Math.max(2, size / 32) : size;
    int in = toy ? from / 16 : from;
    int out = toy ? to / 16 : to;
    Conv2dSpec spec = new Conv2dSpec(pictures, side, side, in, out, 3, 1, 1, 1, 1, 1);
    time(
        "convolution of %sx%sx%s, %s to %s".formatted(pictures, side, side, in, out),
        2.0 * spec.outPixels() * 9 * in * out,
        (backend, from0, to0) -> backend.conv2d(spec, from0[0], from0[1], null, to0),
        spec.outPixels() * out,
        spec.inPixels() * in,
        9 * in * out);
  }

  private interface Work {
    void run(Backend backend, Storage[] in, Storage out);
  }

  private void time(String what, double operations, Work work, int outSize, int... inSizes) {
    for (String tile : TILES) {
      CudaBackend backend = new CudaBackend(Precision.FLOAT16, tile);
      Storage out = backend.allocate(outSize);
      Storage[] in =
          Arrays.stream(inSizes).mapToObj(size -> random(backend, size)).toArray(Storage[]::new);
      double least = Double.POSITIVE_INFINITY;
      for (int run = 0; run < (toy ? 1 : 6); run++) {
        int calls = toy ? 1 : 20;
        backend.synchronize();
        long start = System.nanoTime();
        for (int call = 0; call < calls; call++) {
          work.run(backend, in, out);
        }
        backend.synchronize();
        least = Math.min(least, (System.nanoTime() - start) / 1e6 / calls);
      }
      say(what, tile, least, operations / least / 1e9);
      Arrays.stream(in).forEach(Storage::release);
      out.release();
    }
  }

  private Storage random(Backend backend, int size) {
    if (numbers.length < size) {
      numbers = new float[size];
      new TorchCpuGenerator(1).fillNormal(numbers, 0, size);
    }
    Storage storage = backend.allocate(size);
    backend.upload(numbers, 0, storage);
    return storage;
  }

  @SuppressWarnings("SystemOut")
  private static void say(String what, String tile, double milliseconds, double teraflops) {
    System.out.printf(
        Locale.ROOT,
        "{\"work\": \"%s\", \"tile\": \"%s\", \"ms\": %.4f, \"TFLOP/s\": %.1f}%n",
        what,
        tile == null ? "chosen" : tile,
        milliseconds,
        teraflops);
  }
}
