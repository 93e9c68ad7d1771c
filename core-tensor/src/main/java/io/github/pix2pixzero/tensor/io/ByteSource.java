package io.github.pix2pixzero.tensor.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Random access to read-only bytes, of which there may be more than one buffer can span. */
interface ByteSource extends Closeable {
  /** How many bytes there are. */
  long size();

  /** A little-endian, read-only view. */
  ByteBuffer slice(long offset, int length) throws IOException;
}
