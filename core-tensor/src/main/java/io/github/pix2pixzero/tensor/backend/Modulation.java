package io.github.pix2pixzero.tensor.backend;

import java.util.function.BiConsumer;

/** Modulated convolutions for backends without kernels of their own for them. */
record Modulation(Backend backend, int batch) {

  /** {@code out = after · body(before · x)}; {@code after} may be null. */
  void surround(
      Storage x, Storage before, BiConsumer<Storage, Storage> body, Storage after, Storage out) {
    Storage scaled = backend.allocate(x.size());
    scale(x, before, scaled);
    if (after == null) {
      body.accept(scaled, out);
    } else {
      Storage bare = backend.allocate(out.size());
      body.accept(scaled, bare);
      scale(bare, after, out);
      bare.release();
    }
    scaled.release();
  }

  /** Multiplies [batch, pixels, channels] by [batch, channels]. */
  private void scale(Storage x, Storage scales, Storage out) {
    int channels = scales.size() / batch;
    int pixels = x.size() / scales.size();
    BroadcastSpec spec =
        new BroadcastSpec(
            new int[] {batch, pixels, channels},
            new int[] {pixels * channels, channels, 1},
            new int[] {channels, 0, 1});
    backend.binary(Binary.MUL, spec, x, scales, out);
  }
}
