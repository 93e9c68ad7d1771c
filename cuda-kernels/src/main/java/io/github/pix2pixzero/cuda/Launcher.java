package io.github.pix2pixzero.cuda;

import static org.bytedeco.cuda.global.cudart.CUDA_SUCCESS;
import static org.bytedeco.cuda.global.cudart.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
import static org.bytedeco.cuda.global.cudart.cuFuncSetAttribute;
import static org.bytedeco.cuda.global.cudart.cuLaunchKernel;

import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.HashSet;
import java.util.Set;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/** Launches kernels, one after the other. */
final class Launcher {
  private static final int MOST_BYTES = 4096; // what CUDA lets arguments take
  private static final int MOST_ARGUMENTS = 32;
  private static final int THREADS = 256;

  /** Blocks a multiprocessor that a loop over all elements is spread over at most. */
  private static final int LOOP_BLOCKS = 16;

  private final Device device;
  private final Kernels kernels;
  private final BytePointer bytes = new BytePointer(MOST_BYTES);
  private final LongPointer addresses = new LongPointer(MOST_ARGUMENTS);
  private final IntBuffer words = bytes.asByteBuffer().order(ByteOrder.nativeOrder()).asIntBuffer();
  private final LongBuffer slots = addresses.asBuffer();
  private final PointerPointer<Pointer> parameters = new PointerPointer<>(addresses);
  private final Set<CUfunc_st> given = new HashSet<>(); // that have their shared memory

  Launcher(Device device, Kernels kernels) {
    this.device = device;
    this.kernels = kernels;
  }

  /** Launches a kernel that loops over {@code size} elements with as many threads as there are. */
  void loop(String family, String kernel, int size, Arguments arguments) {
    long blocks = Math.min(divideUp(size, THREADS), (long) LOOP_BLOCKS * device.multiprocessors());
    launch(family, kernel, (int) blocks, THREADS, arguments);
  }

  /** Launches a kernel of which one block works on each of {@code rows} rows. */
  void rows(String family, String kernel, int rows, int width, Arguments arguments) {
    int warps = Math.max(1, Math.min(16, divideUp(width, 128)));
    launch(family, kernel, rows, 32 * warps, arguments);
  }

  /**
   * Launches a kernel.
   *
   * @param family the source file it is in
   * @throws CudaException naming the kernel, its grid and its arguments if that fails; a fault
   *     inside a kernel may only show at a later call
   */
  void launch(String family, String kernel, int blocks, int threads, Arguments arguments) {
    launch(family, kernel, blocks, threads, 0, arguments);
  }

  /**
   * The same with {@code shared} bytes of shared memory for the kernel's {@code SHARED_AT_LAUNCH}.
   */
  synchronized void launch(
      String family, String kernel, int blocks, int threads, int shared, Arguments arguments) {
    device.enter();
    CUfunc_st function = kernels.find(family, kernel);
    if (shared > 0 && given.add(function)) {
      Driver.check(
          cuFuncSetAttribute(function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, shared),
          "giving %s bytes of shared memory to the kernel %s".formatted(shared, kernel));
    }
    words.put(0, arguments.words(), 0, arguments.size());
    for (int i = 0; i < arguments.count(); i++) {
      slots.put(i, bytes.address() + arguments.offset(i));
    }
    int status =
        cuLaunchKernel(
            function, blocks, 1, 1, threads, 1, 1, shared, device.stream(), parameters, null);
    if (status != CUDA_SUCCESS) {
      throw new CudaException(
          status,
          "the kernel %s, %s blocks of %s threads with %s, failed: %s"
              .formatted(kernel, blocks, threads, arguments, Driver.describe(status)));
    }
  }

  /** Whether there is such a kernel for this device. */
  synchronized boolean has(String family, String kernel) {
    device.enter();
    return kernels.has(family, kernel);
  }

  static int divideUp(int a, int b) {
    return (a + b - 1) / b;
  }
}
