package io.github.pix2pixzero.tensor.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * A memory-mapped file of any length. A {@link ByteBuffer} spans less than 2 GiB, so the file is
 * seen through windows that start every {@code stride} bytes and reach two strides far: whatever is
 * no longer than a stride lies within one of them. Longer slices that cross a window's end get a
 * mapping of their own. Windows are mapped when first needed.
 */
final class MappedSource implements ByteSource {
  private static final int STRIDE = 1 << 30;

  private final FileChannel channel;
  private final long size;
  private final int stride;
  private final ByteBuffer[] windows;

  MappedSource(Path file) throws IOException {
    this(file, STRIDE);
  }

  MappedSource(Path file, int stride) throws IOException {
    channel = FileChannel.open(file, StandardOpenOption.READ);
    this.stride = stride;
    try {
      size = channel.size();
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    windows = new ByteBuffer[Math.toIntExact(size / stride) + 1];
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public synchronized ByteBuffer slice(long offset, int length) throws IOException {
    int index = (int) (offset / stride);
    long start = (long) index * stride;
    long end = Math.min(size, start + Math.min(2L * stride, Integer.MAX_VALUE));
    if (offset + length > end) {
      return channel.map(MapMode.READ_ONLY, offset, length).order(ByteOrder.LITTLE_ENDIAN);
    }
    if (windows[index] == null) {
      windows[index] = channel.map(MapMode.READ_ONLY, start, end - start);
    }
    return windows[index].slice((int) (offset - start), length).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Gives the file back; the mappings go when no slice of them is reachable any more. */
  @Override
  public synchronized void close() throws IOException {
    Arrays.fill(windows, null);
    channel.close();
  }
}
