package io.github.pix2pixzero.cuda;

import static org.bytedeco.cuda.global.cudart.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;
import static org.bytedeco.cuda.global.cudart.CU_STREAM_NON_BLOCKING;
import static org.bytedeco.cuda.global.cudart.cuCtxSetCurrent;
import static org.bytedeco.cuda.global.cudart.cuDeviceGet;
import static org.bytedeco.cuda.global.cudart.cuDeviceGetName;
import static org.bytedeco.cuda.global.cudart.cuDevicePrimaryCtxRetain;
import static org.bytedeco.cuda.global.cudart.cuStreamCreate;
import static org.bytedeco.cuda.global.cudart.cuStreamSynchronize;

import java.nio.charset.StandardCharsets;
import org.bytedeco.cuda.cudart.CUctx_st;
import org.bytedeco.cuda.cudart.CUstream_st;

/** A GPU: its context, the one stream that all work goes through, its memory and its kernels. */
final class Device {
  private final int ordinal;
  private final String name;
  private final int capability;
  private final int multiprocessors;
  private final CUctx_st context = new CUctx_st();
  private final CUstream_st stream = new CUstream_st();
  private final ThreadLocal<Boolean> entered = new ThreadLocal<>();
  private final DevicePool pool;
  private final Transfers transfers;
  private final Launcher launcher;

  private Device(int ordinal) {
    this.ordinal = ordinal;
    int[] handle = new int[1];
    Driver.check(cuDeviceGet(handle, ordinal), "cuDeviceGet");
    byte[] text = new byte[256];
    Driver.check(cuDeviceGetName(text, text.length, handle[0]), "cuDeviceGetName");
    name = new String(text, StandardCharsets.UTF_8).replaceAll("\0.*", "");
    capability = Driver.capability(handle[0]);
    multiprocessors = Driver.attribute(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, handle[0]);
    Driver.check(cuDevicePrimaryCtxRetain(context, handle[0]), "cuDevicePrimaryCtxRetain");
    enter();
    Driver.check(cuStreamCreate(stream, CU_STREAM_NON_BLOCKING), "cuStreamCreate");
    pool = new DevicePool(this, Boolean.getBoolean("pix2pixzero.poison"));
    transfers = new Transfers(this);
    launcher = new Launcher(this, new Kernels(capability));
  }

  private static final class Holder {
    static final Device FIRST = new Device(0);
  }

  /** The first device; {@link Driver#unavailable} must be empty. */
  static Device first() {
    return Holder.FIRST;
  }

  /** Makes the context current for this thread. */
  void enter() {
    if (entered.get() == null) {
      Driver.check(cuCtxSetCurrent(context), "cuCtxSetCurrent");
      entered.set(true);
    }
  }

  CUstream_st stream() {
    return stream;
  }

  DevicePool pool() {
    return pool;
  }

  Transfers transfers() {
    return transfers;
  }

  Launcher launcher() {
    return launcher;
  }

  /** The compute capability, 90 for 9.0. */
  int capability() {
    return capability;
  }

  int multiprocessors() {
    return multiprocessors;
  }

  /** Waits until all work is done. */
  void synchronize() {
    enter();
    Driver.check(cuStreamSynchronize(stream), "waiting for the device");
  }

  @Override
  public String toString() {
    return "%s, device %s of compute capability %s.%s"
        .formatted(name, ordinal, capability / 10, capability % 10);
  }
}
