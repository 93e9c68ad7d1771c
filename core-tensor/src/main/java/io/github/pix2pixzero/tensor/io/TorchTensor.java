package io.github.pix2pixzero.tensor.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The tensor of a file written by {@code torch.save(tensor, path)}, PyTorch 1.6 or later: a zip
 * archive of a pickle that describes the tensor and of the raw bytes of its storage.
 *
 * <p>A pickle is a program. {@link TensorPickle} runs the few instructions that a tensor needs,
 * creates no object that the file names, and refuses everything else, so files need not be trusted.
 */
public final class TorchTensor {
  /** What a zip archive begins with, and the file format of PyTorch before 1.6. */
  private static final int ZIP = 0x504b0304;

  private static final int LEGACY = 0x80028a0a;

  /** Far more than the few hundred bytes that one tensor takes. */
  private static final int MAX_PICKLE_BYTES = 1 << 16;

  private final StoredType type;
  private final long[] shape;
  private final float[] values;

  private TorchTensor(StoredType type, long[] shape, float[] values) {
    this.type = type;
    this.shape = shape;
    this.values = values;
  }

  /**
   * Whether a file begins like one of PyTorch's, readable here or not.
   *
   * @throws IOException if it cannot be read
   */
  public static boolean isTorchFile(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      return false;
    }
    int magic = magic(file);
    return magic == ZIP || magic == LEGACY;
  }

  /**
   * Whether a file is of PyTorch's format from before 1.6.
   *
   * @throws IOException if it is of neither format
   */
  static boolean isLegacy(Path file) throws IOException {
    int magic = magic(file);
    if (magic != ZIP && magic != LEGACY) {
      throw failure(file, "not a file of PyTorch: it is no zip archive");
    }
    return magic == LEGACY;
  }

  /** Whether {@link #read} reads a file. */
  public static boolean holdsOne(Path file) {
    try {
      read(file);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Reads a file that holds one tensor of torch.float32, float16, bfloat16 or float64.
   *
   * @throws IOException naming the file if it is missing, malformed, of the format before PyTorch
   *     1.6, or holds anything but one such tensor
   */
  public static TorchTensor read(Path file) throws IOException {
    if (isLegacy(file)) {
      throw failure(
          file,
          "in PyTorch's file format from before 1.6; load it in Python and torch.save it again");
    }
    try (TorchArchive archive = TorchArchive.open(file)) {
      TensorPickle.View view =
          TensorPickle.parse(archive.pickleName(), archive.pickle(MAX_PICKLE_BYTES));
      float[] values = new float[(int) view.count()];
      view.type().decode(Strided.read(view, archive::storage), values, 0);
      return new TorchTensor(view.type(), view.shape(), values);
    }
  }

  private static int magic(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] start = in.readNBytes(Integer.BYTES);
      return start.length < Integer.BYTES ? 0 : ByteBuffer.wrap(start).getInt();
    }
  }

  private static IOException failure(Path file, String reason) {
    return new IOException(file + ": " + reason);
  }

  /** The type its elements were stored in. */
  public StoredType type() {
    return type;
  }

  /** Its sizes, outermost first; empty for a scalar. A fresh array. */
  public long[] shape() {
    return shape.clone();
  }

  /** Its elements, row-major: half precision exactly, double precision rounded. A fresh array. */
  public float[] toFloats() {
    return values.clone();
  }
}
