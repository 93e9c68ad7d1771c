package io.github.pix2pixzero.cuda;

import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.MemoryUse;
import io.github.pix2pixzero.tensor.backend.Repeatable;
import io.github.pix2pixzero.tensor.backend.Storage;
import io.github.pix2pixzero.tensor.io.StoredType;
import java.nio.ByteBuffer;
import java.util.Optional;

/** The device below the kernels: its memory, the ways to and from it, and its graphs. */
abstract class DeviceBackend implements Backend {
  private static final boolean GRAPHS = isOn("pix2pixzero.cuda.graphs");

  final Precision precision;
  final ElementType elements;
  final Device device;
  final Conversions conversions;

  DeviceBackend(Precision precision) {
    Driver.unavailable()
        .ifPresent(
            reason -> {
              throw new IllegalStateException("CUDA cannot be used: " + reason);
            });
    this.precision = precision;
    device = Device.first();
    if (device.capability() < precision.capability()) {
      throw new IllegalStateException(
          "%s has no %s; it needs compute capability %s.%s"
              .formatted(
                  device, precision, precision.capability() / 10, precision.capability() % 10));
    }
    elements = precision.elements();
    conversions = new Conversions(this, device);
  }

  /** Whether a system property does not turn something off. */
  static boolean isOn(String property) {
    return Boolean.parseBoolean(System.getProperty(property, "true"));
  }

  @Override
  public String name() {
    return "cuda";
  }

  /**
   * Runs some work and records the kernels that it launches, to be replayed. The work must not copy
   * to or from the device.
   */
  public CudaGraph record(Runnable work) {
    return CudaGraph.record(device, work);
  }

  /** As a graph; the system property {@code pix2pixzero.cuda.graphs=false} does without. */
  @Override
  public Optional<Repeatable> repeatable(Runnable work) {
    return GRAPHS ? Optional.of(new RepeatedWork(this, work)) : Optional.empty();
  }

  /** Waits until everything launched has run. */
  public void synchronize() {
    device.synchronize();
  }

  @Override
  public Storage allocate(int size) {
    return new CudaStorage(this, device.pool(), elements, size);
  }

  @Override
  public void upload(float[] source, int offset, Storage target) {
    conversions.begin();
    if (elements == ElementType.FLOAT32) {
      device.transfers().upload(source, offset, target.size(), out(target));
      return;
    }
    try (Workspace floats = new Workspace(device, target.size())) {
      device.transfers().upload(source, offset, target.size(), floats.address());
      conversions.convert(
          floats.address(), ElementType.FLOAT32, out(target), elements, target.size());
    }
  }

  @Override
  public void download(Storage source, float[] target, int offset) {
    conversions.begin();
    device.transfers().download(inFloats(source), source.size(), target, offset);
  }

  /**
   * Halves go to the device as they are: the host has no float32 copy of them, and the device one
   * only if that is what tensors are stored as.
   */
  @Override
  public Storage constant(StoredType type, ByteBuffer data) {
    return switch (type) {
      case F16 -> halves(ElementType.FLOAT16, data);
      case BF16 -> halves(ElementType.BFLOAT16, data);
      default -> Backend.super.constant(type, data);
    };
  }

  private Storage halves(ElementType type, ByteBuffer data) {
    conversions.begin();
    int size = data.remaining() / type.bytes();
    CudaStorage storage = new CudaStorage(this, device.pool(), type, size);
    device.transfers().upload(data, storage.address());
    conversions.change(storage, elements);
    return storage.freeze();
  }

  /** Waits for the device; does nothing while a graph is recorded. */
  @Override
  public void trim() {
    device.pool().freeAll();
  }

  @Override
  public MemoryUse memory() {
    return device.pool().use();
  }

  /** Where elements are read; 0 where there are none. */
  final long in(Storage storage) {
    return storage == null ? 0 : conversions.read((CudaStorage) storage, elements);
  }

  /** Where all elements are written; 0 where there are none. */
  final long out(Storage storage) {
    return storage == null ? 0 : ((CudaStorage) storage).overwritten(elements);
  }

  /** Where elements are read that must not have been rounded. */
  final long inFloats(Storage storage) {
    return conversions.read((CudaStorage) storage, ElementType.FLOAT32);
  }

  final long outFloats(Storage storage) {
    return ((CudaStorage) storage).overwritten(ElementType.FLOAT32);
  }

  /** Where elements are read and written. */
  final long change(Storage storage, ElementType type) {
    return conversions.change((CudaStorage) storage, type);
  }

  @Override
  public String toString() {
    return "cuda (%s, %s)".formatted(device, precision);
  }
}
