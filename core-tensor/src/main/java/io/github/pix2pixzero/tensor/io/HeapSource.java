package io.github.pix2pixzero.tensor.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The bytes of one buffer that is already in memory. */
final class HeapSource implements ByteSource {
  private final ByteBuffer bytes;

  HeapSource(ByteBuffer bytes) {
    this.bytes = bytes.asReadOnlyBuffer().slice();
  }

  @Override
  public long size() {
    return bytes.capacity();
  }

  @Override
  public ByteBuffer slice(long offset, int length) {
    return bytes.slice(Math.toIntExact(offset), length).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void close() {}
}
