package io.github.pix2pixzero.tensor.nn;

import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Storage;
import java.lang.reflect.Proxy;

/** Storages that have a size and nothing in it. */
final class NoMemory extends Storage {
  /** A proxy: it stays right when the backend's boundary grows by a kernel. */
  static final Backend BACKEND =
      (Backend)
          Proxy.newProxyInstance(
              Backend.class.getClassLoader(),
              new Class<?>[] {Backend.class},
              (proxy, method, arguments) ->
                  switch (method.getName()) {
                    case "name", "toString" -> "declared";
                    case "allocate" -> new NoMemory((Backend) proxy, (int) arguments[0]);
                    case "hashCode" -> System.identityHashCode(proxy);
                    case "equals" -> proxy == arguments[0];
                    default ->
                        throw new UnsupportedOperationException(
                            "declared weights have shapes and no elements: there is no "
                                + method.getName()
                                + " of them");
                  });

  private NoMemory(Backend backend, int size) {
    super(backend, size);
  }

  @Override
  public int elementBytes() {
    return 0;
  }

  @Override
  protected void reclaim() {}
}
