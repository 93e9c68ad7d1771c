package io.github.pix2pixzero.tensor.backend;

/**
 * The elements of a tensor, in row-major order without gaps, where a {@link Backend} keeps them: an
 * array on the CPU, device memory on a GPU.
 *
 * <p>A storage is released once, by its scope or by {@link #release()}; any use after that is an
 * {@link IllegalStateException}.
 */
public abstract class Storage {
  private final Backend backend;
  private final int size;
  private boolean constant;
  private int version;
  private boolean released;

  protected Storage(Backend backend, int size) {
    this.backend = backend;
    this.size = size;
  }

  public final Backend backend() {
    return backend;
  }

  /** The number of elements. */
  public final int size() {
    return size;
  }

  /** Bytes an element takes. */
  public abstract int elementBytes();

  /**
   * Declares that the elements never change from here on, as those of a model's weights. A backend
   * may then keep a rearranged copy of them beside the original.
   */
  public final Storage freeze() {
    constant = true;
    return this;
  }

  public final boolean isConstant() {
    return constant;
  }

  /**
   * To be called when the elements have been changed in place, as those of trained parameters are:
   * graphs that saved them before then refuse to be differentiated.
   *
   * @throws IllegalStateException if the storage was declared to be constant
   */
  public final void markChanged() {
    if (constant) {
      throw new IllegalStateException("a constant tensor of " + size + " elements was changed");
    }
    version++;
  }

  /** How often the elements have been changed in place. */
  public final int version() {
    return version;
  }

  /** Gives the memory back to the backend. Releasing twice is harmless. */
  public final void release() {
    if (!released) {
      released = true;
      reclaim();
    }
  }

  /** Hands the memory to whatever the backend keeps for reuse. Called once. */
  protected abstract void reclaim();

  protected final void checkLive() {
    if (released) {
      throw new IllegalStateException(
          "a tensor of " + size + " elements was used after its scope closed; see Scope.keep");
    }
  }
}
