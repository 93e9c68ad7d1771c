package io.github.pix2pixzero.cuda;

import static org.bytedeco.cuda.global.cudart.CUDA_ERROR_NO_DEVICE;
import static org.bytedeco.cuda.global.cudart.CUDA_SUCCESS;
import static org.bytedeco.cuda.global.cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static org.bytedeco.cuda.global.cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static org.bytedeco.cuda.global.cudart.cuDeviceGetAttribute;
import static org.bytedeco.cuda.global.cudart.cuDeviceGetCount;
import static org.bytedeco.cuda.global.cudart.cuDriverGetVersion;
import static org.bytedeco.cuda.global.cudart.cuGetErrorName;
import static org.bytedeco.cuda.global.cudart.cuGetErrorString;
import static org.bytedeco.cuda.global.cudart.cuInit;

import java.util.Optional;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;

/** The CUDA driver: whether it can be used, and what its statuses mean. */
final class Driver {
  /** The driver that the presets' runtime needs, as {@code cuDriverGetVersion} counts: 12.0. */
  private static final int OLDEST = 12000;

  private static final int OLDEST_CAPABILITY = 75;
  private static final Optional<String> UNAVAILABLE = probe();

  private Driver() {}

  /** Why no device can be used here, in one line; empty if one can. */
  static Optional<String> unavailable() {
    return UNAVAILABLE;
  }

  private static Optional<String> probe() {
    try {
      int[] number = new int[1];
      int status = cuInit(0);
      if (status == CUDA_ERROR_NO_DEVICE) {
        return Optional.of("the NVIDIA driver sees no device");
      }
      if (status != CUDA_SUCCESS) {
        return Optional.of("the NVIDIA driver does not start: " + describe(status));
      }
      check(cuDriverGetVersion(number), "cuDriverGetVersion");
      if (number[0] < OLDEST) {
        return Optional.of(
            "the NVIDIA driver is for CUDA %s, and %s or later is needed"
                .formatted(version(number[0]), version(OLDEST)));
      }
      check(cuDeviceGetCount(number), "cuDeviceGetCount");
      if (number[0] == 0) {
        return Optional.of("the NVIDIA driver sees no device");
      }
      int capability = capability(0);
      return capability >= OLDEST_CAPABILITY
          ? Optional.empty()
          : Optional.of(
              "the device has compute capability %s.%s, and 7.5 or later is needed"
                  .formatted(capability / 10, capability % 10));
    } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
      return Optional.of(
          "the NVIDIA driver (libcuda.so.1), the CUDA 12 runtime (libcudart.so.12, in"
              + " org.bytedeco:cuda-redist) or the natives of org.bytedeco:cuda are missing: "
              + firstLine(e));
    } catch (CudaException e) {
      return Optional.of(e.getMessage());
    }
  }

  private static String firstLine(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage()).lines().findFirst().orElse("");
  }

  /** The compute capability of a device, 90 for 9.0. */
  static int capability(int device) {
    return 10 * attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device)
        + attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device);
  }

  static int attribute(int attribute, int device) {
    int[] value = new int[1];
    check(cuDeviceGetAttribute(value, attribute, device), "cuDeviceGetAttribute");
    return value[0];
  }

  /**
   * Passes if a call has succeeded.
   *
   * @param what the call, for the message
   * @throws CudaException if it has not
   */
  static void check(int status, String what) {
    if (status != CUDA_SUCCESS) {
      throw new CudaException(status, what + " failed: " + describe(status));
    }
  }

  /** The name of a status and the driver's words for it. */
  static String describe(int status) {
    try (PointerPointer<BytePointer> text = new PointerPointer<>(1)) {
      String name =
          cuGetErrorName(status, text) == CUDA_SUCCESS ? string(text) : "status " + status;
      return cuGetErrorString(status, text) == CUDA_SUCCESS ? name + ", " + string(text) : name;
    }
  }

  private static String string(PointerPointer<BytePointer> text) {
    BytePointer characters = text.get(BytePointer.class, 0);
    return characters == null ? "" : characters.getString();
  }

  private static String version(int number) {
    return number / 1000 + "." + number % 1000 / 10;
  }
}
