package io.github.pix2pixzero.tensor.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads the elements of PyTorch's tensors, which may lie anywhere in their storage. */
final class Strided {
  private Strided() {}

  /** Where elements of a storage are read from. */
  @FunctionalInterface
  interface Storage {
    /**
     * So many elements, little-endian.
     *
     * @throws IOException if the storage does not have as many elements as {@code view} says
     */
    ByteBuffer read(TensorPickle.View view, long from, long count) throws IOException;
  }

  /** The elements of a view in row-major order, little-endian. */
  static ByteBuffer read(TensorPickle.View view, Storage storage) throws IOException {
    long[] shape = view.shape();
    long[] strides = view.strides();
    long span = view.count() == 0 ? 0 : 1;
    for (int d = 0; d < shape.length && span > 0; d++) {
      span += (shape[d] - 1) * strides[d];
    }
    ByteBuffer bytes = storage.read(view, span == 0 ? 0 : view.offset(), span);
    return isRowMajor(view) ? bytes : gather(view, bytes);
  }

  private static boolean isRowMajor(TensorPickle.View view) {
    long expected = 1;
    for (int d = view.shape().length - 1; d >= 0; d--) {
      if (view.shape()[d] != 1 && view.strides()[d] != expected) {
        return view.count() == 0;
      }
      expected *= view.shape()[d];
    }
    return true;
  }

  private static ByteBuffer gather(TensorPickle.View view, ByteBuffer bytes) {
    int size = view.type().byteSize();
    long[] shape = view.shape();
    long[] strides = view.strides();
    ByteBuffer gathered =
        ByteBuffer.allocate(Math.toIntExact(view.count() * size)).order(ByteOrder.LITTLE_ENDIAN);
    long[] index = new long[shape.length];
    long position = 0;
    while (gathered.hasRemaining()) {
      gathered.put(gathered.position(), bytes, (int) (position * size), size);
      gathered.position(gathered.position() + size);
      for (int d = shape.length - 1; d >= 0; d--) {
        position += strides[d];
        if (++index[d] < shape[d]) {
          break;
        }
        position -= strides[d] * shape[d];
        index[d] = 0;
      }
    }
    return gathered.flip();
  }
}
