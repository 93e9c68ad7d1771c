package io.github.pix2pixzero.cuda;

import static org.bytedeco.cuda.global.cudart.cuMemAllocHost;
import static org.bytedeco.cuda.global.cudart.cuMemcpyDtoHAsync;
import static org.bytedeco.cuda.global.cudart.cuMemcpyHtoDAsync;

import java.nio.ByteBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * Copies between arrays and device memory, in pieces through memory that the driver has pinned:
 * from any other it would copy once more, and more slowly.
 */
final class Transfers {
  private static final int PIECE = 1 << 20;

  private final Device device;
  private FloatPointer pinned;

  Transfers(Device device) {
    this.device = device;
  }

  synchronized void upload(float[] source, int offset, int size, long address) {
    FloatPointer buffer = pinned();
    for (int done = 0; done < size; done += PIECE) {
      int length = Math.min(PIECE, size - done);
      buffer.put(source, offset + done, length);
      Driver.check(
          cuMemcpyHtoDAsync(
              address + (long) done * Float.BYTES, buffer, bytes(length), device.stream()),
          "uploading " + length + " elements");
      device.synchronize(); // the buffer is about to be filled again
    }
  }

  /** Copies bytes as they are, from position to limit. */
  synchronized void upload(ByteBuffer source, long address) {
    BytePointer buffer = new BytePointer(pinned());
    ByteBuffer pieces = source.slice();
    byte[] piece = new byte[Math.min(pieces.remaining(), PIECE)];
    for (long done = 0; pieces.hasRemaining(); ) {
      int length = Math.min(piece.length, pieces.remaining());
      pieces.get(piece, 0, length);
      buffer.put(piece, 0, length);
      Driver.check(
          cuMemcpyHtoDAsync(address + done, buffer, length, device.stream()),
          "uploading " + length + " bytes");
      device.synchronize();
      done += length;
    }
  }

  synchronized void download(long address, int size, float[] target, int offset) {
    FloatPointer buffer = pinned();
    for (int done = 0; done < size; done += PIECE) {
      int length = Math.min(PIECE, size - done);
      Driver.check(
          cuMemcpyDtoHAsync(
              buffer, address + (long) done * Float.BYTES, bytes(length), device.stream()),
          "downloading " + length + " elements");
      device.synchronize();
      buffer.get(target, offset + done, length);
    }
  }

  private static long bytes(int elements) {
    return (long) elements * Float.BYTES;
  }

  private FloatPointer pinned() {
    device.enter();
    if (pinned == null) {
      try (PointerPointer<Pointer> address = new PointerPointer<>(1)) {
        Driver.check(cuMemAllocHost(address, bytes(PIECE)), "pinning memory of the host");
        pinned = new FloatPointer(address.get(0)).capacity(PIECE);
      }
    }
    return pinned;
  }
}
