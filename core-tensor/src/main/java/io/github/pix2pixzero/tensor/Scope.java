package io.github.pix2pixzero.tensor;

import io.github.pix2pixzero.tensor.backend.Storage;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * The lifetime of tensors. Every tensor made while a scope is the innermost of its thread belongs
 * to that scope, and when the scope closes its memory goes back to the backend for the next one.
 *
 * <pre>{@code
 * try (Scope step = Scope.open()) {
 *   Tensor noise = unet.forward(latent, timestep, context, control);
 *   return step.keep(scheduler.step(noise, timestep, latent));
 * }
 * }</pre>
 *
 * <p>Scopes nest: model, edit, step, block. A {@linkplain #local() local} scope gives memory back
 * early inside a model and may be used whether or not a gradient is asked for: what a graph has
 * saved for its backward pass moves out to the nearest {@linkplain #open() open} scope.
 *
 * <p>Outside of any scope a tensor lives as long as it is reachable. Scopes belong to the thread
 * that opened them and close in reverse order.
 */
public final class Scope implements AutoCloseable {
  private static final ThreadLocal<Scope> INNERMOST = new ThreadLocal<>();

  private final Scope parent;
  private final boolean local;
  private final Thread thread = Thread.currentThread();
  private final Set<Storage> storages = new LinkedHashSet<>();
  private boolean closed;

  private Scope(boolean local) {
    this.parent = INNERMOST.get();
    this.local = local;
    INNERMOST.set(this);
  }

  /** Opens a scope that ends the life of everything made in it, graphs included. */
  public static Scope open() {
    return new Scope(false);
  }

  /** Opens a scope that ends the life of everything made in it but what a graph has saved. */
  public static Scope local() {
    return new Scope(true);
  }

  /** The innermost scope of this thread, or null. */
  public static Scope current() {
    return INNERMOST.get();
  }

  /** Lets a tensor outlive this scope: it belongs to the enclosing scope from here on. */
  public Tensor keep(Tensor tensor) {
    move(tensor.storage(), parent);
    return tensor;
  }

  /**
   * Takes over a tensor made in a scope further in, so that it lives as long as this one. This is
   * how an attention control keeps maps beyond the block that made them.
   */
  public Tensor adopt(Tensor tensor) {
    move(tensor.storage(), this);
    return tensor;
  }

  /**
   * Lets a tensor outlive all scopes of this thread: it then lives as long as it is reachable.
   * ({@link Tensor#detached} is about histories, not lifetimes.)
   */
  public static Tensor outlive(Tensor tensor) {
    move(tensor.storage(), null);
    return tensor;
  }

  /**
   * The result of a function, whose argument's life it ends unless a graph has recorded the result.
   * For chains of large tensors of which only the last is wanted.
   *
   * @param function makes a new tensor, not another view of its argument
   */
  public static Tensor through(Tensor argument, UnaryOperator<Tensor> function) {
    Tensor result = function.apply(argument);
    if (!result.isTracked()) {
      release(argument);
    }
    return result;
  }

  /**
   * Ends the life of a tensor before its scope does, as of a step's latent once the next one is
   * there.
   */
  public static void release(Tensor tensor) {
    for (Scope scope = INNERMOST.get(); scope != null; scope = scope.parent) {
      if (scope.storages.remove(tensor.storage())) {
        break;
      }
    }
    tensor.storage().release();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    if (INNERMOST.get() != this || Thread.currentThread() != thread) {
      throw new IllegalStateException(
          "scopes close on the thread that opened them, in reverse order");
    }
    closed = true;
    if (parent == null) {
      INNERMOST.remove();
    } else {
      INNERMOST.set(parent);
    }
    storages.forEach(Storage::release);
    storages.clear();
  }

  static Storage register(Storage storage) {
    Scope scope = INNERMOST.get();
    if (scope != null) {
      scope.storages.add(storage);
    }
    return storage;
  }

  /** A graph has saved this storage: it must outlive the local scopes it was made in. */
  static void holdForGraph(Storage storage) {
    for (Scope scope = INNERMOST.get(); scope != null && scope.local; scope = scope.parent) {
      if (scope.storages.remove(storage)) {
        Scope owner = scope.parent;
        while (owner != null && owner.local) {
          owner = owner.parent;
        }
        if (owner != null) {
          owner.storages.add(storage);
        }
        return;
      }
    }
  }

  private static void move(Storage storage, Scope target) {
    for (Scope scope = INNERMOST.get(); scope != null; scope = scope.parent) {
      if (scope == target) {
        return; // lives long enough already
      }
      if (scope.storages.remove(storage)) {
        if (target != null) {
          target.storages.add(storage);
        }
        return;
      }
    }
  }
}
