package io.github.pix2pixzero.cuda;

import static org.bytedeco.cuda.global.cudart.CU_TENSOR_MAP_DATA_TYPE_BFLOAT16;
import static org.bytedeco.cuda.global.cudart.CU_TENSOR_MAP_DATA_TYPE_FLOAT16;
import static org.bytedeco.cuda.global.cudart.CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE;
import static org.bytedeco.cuda.global.cudart.CU_TENSOR_MAP_INTERLEAVE_NONE;
import static org.bytedeco.cuda.global.cudart.CU_TENSOR_MAP_L2_PROMOTION_L2_256B;
import static org.bytedeco.cuda.global.cudart.CU_TENSOR_MAP_SWIZZLE_64B;
import static org.bytedeco.cuda.global.cudart.cuTensorMapEncodeTiled;

import io.github.pix2pixzero.cuda.Arguments.Struct;
import org.bytedeco.cuda.cudart.CUtensorMap;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;

/** What the hardware of compute capability 9.0 copies a matrix by, box by box. */
final class TensorMap {
  private static final int BYTES = 128;
  private static final int ALIGNMENT = 64;

  /** The columns and lines of a box: a panel of {@code warpgroup.cuh}. */
  private static final int[] BOX = {32, 64};

  private TensorMap() {}

  private static final class Address extends Pointer {
    Address(long value) {
      address = value;
    }
  }

  /** Of a row-major matrix of 16 bits, at a multiple of 16 bytes as each of its lines. */
  static Struct of(Precision precision, long address, int columns, int lines) {
    int type =
        precision == Precision.FLOAT16
            ? CU_TENSOR_MAP_DATA_TYPE_FLOAT16
            : CU_TENSOR_MAP_DATA_TYPE_BFLOAT16;
    try (BytePointer room = new BytePointer(2L * BYTES);
        Address start = new Address(address);
        Address map = new Address((room.address() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT)) {
      Driver.check(
          cuTensorMapEncodeTiled(
              new CUtensorMap(map),
              type,
              2,
              start,
              new long[] {columns, lines},
              new long[] {(long) columns * Short.BYTES},
              BOX,
              new int[] {1, 1},
              CU_TENSOR_MAP_INTERLEAVE_NONE,
              CU_TENSOR_MAP_SWIZZLE_64B,
              CU_TENSOR_MAP_L2_PROMOTION_L2_256B,
              CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE),
          "describing a matrix of %s x %s for bulk copies".formatted(lines, columns));
      int[] words = new int[BYTES / Integer.BYTES];
      new IntPointer(map).get(words);
      return new Struct().addAll(words);
    }
  }
}
