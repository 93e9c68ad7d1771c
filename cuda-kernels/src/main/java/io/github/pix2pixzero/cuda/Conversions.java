package io.github.pix2pixzero.cuda;

import io.github.pix2pixzero.tensor.backend.Backend;
import java.util.ArrayList;
import java.util.List;

/**
 * Storages as the types that kernels want. What is lent stays until the next call of the same
 * thread: by then all kernels that read it have been launched, and its memory may be written to by
 * those that follow.
 */
final class Conversions {
  private static final String FAMILY = "elementwise_";

  private final Backend backend;
  private final Device device;
  private final ThreadLocal<List<CudaStorage>> lent = ThreadLocal.withInitial(ArrayList::new);

  Conversions(Backend backend, Device device) {
    this.backend = backend;
    this.device = device;
  }

  /** To be called when a call begins. */
  void begin() {
    List<CudaStorage> storages = lent.get();
    if (!storages.isEmpty()) {
      storages.forEach(CudaStorage::release);
      storages.clear();
    }
  }

  /** Where the elements are as such a type, to be read. */
  long read(CudaStorage storage, ElementType type) {
    return storage.type() == type ? storage.address() : lend(storage, type).address();
  }

  /** Where the elements are, to be read and changed; from here on the storage has that type. */
  long change(CudaStorage storage, ElementType type) {
    if (storage.type() != type) {
      CudaStorage copy = lend(storage, type);
      convert(copy.address(), type, storage.overwritten(type), type, storage.size());
    }
    return storage.address();
  }

  private CudaStorage lend(CudaStorage storage, ElementType type) {
    CudaStorage copy = new CudaStorage(backend, device.pool(), type, storage.size());
    lent.get().add(copy);
    convert(storage.address(), storage.type(), copy.address(), type, storage.size());
    return copy;
  }

  /** Copies elements, rounding them where they become shorter. */
  void convert(long from, ElementType source, long to, ElementType target, int size) {
    if (source == ElementType.FLOAT32) {
      launch("from_floats", target, size, from, to);
    } else if (target == ElementType.FLOAT32) {
      launch("to_floats", source, size, from, to);
    } else {
      try (Workspace floats = new Workspace(device, size)) {
        launch("to_floats", source, size, from, floats.address());
        launch("from_floats", target, size, floats.address(), to);
      }
    }
  }

  private void launch(String kernel, ElementType type, int size, long from, long to) {
    device
        .launcher()
        .loop(FAMILY + type.suffix(), kernel, size, new Arguments().add(size).add(from).add(to));
  }
}
