package io.github.pix2pixzero.benchmarks;

import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Attention of one picture that every contender computes on the same numbers. The loss of its
 * backward pass is the inner product of the result with {@link #weights}, and its gradient is taken
 * with respect to queries, keys and values.
 */
@State(Scope.Benchmark)
public abstract class AttentionProblem {
  @Param({"1", "2"})
  public int threads;

  public int queries;
  public int keys;
  public int heads;
  public int headDim;

  /** [1, queries, heads · headDim] */
  public float[] q;

  /** [1, keys, heads · headDim] */
  public float[] k;

  /** [1, keys, heads · headDim] */
  public float[] v;

  /** [1, queries, heads · headDim] */
  public float[] weights;

  /**
   * Fills the operands. JMH does not promise to set up a superclass first, so subclasses call it.
   */
  protected void draw() {
    int[] extents = Sizes.parse(size(), 4);
    queries = extents[0];
    keys = extents[1];
    heads = extents[2];
    headDim = extents[3];
    q = Sizes.normal(queries * width(), 1);
    k = Sizes.normal(keys * width(), 2);
    v = Sizes.normal(keys * width(), 3);
    weights = Sizes.normal(queries * width(), 4);
  }

  /** Queries, keys, heads and width of a head, such as {@code 4096x77x8x40}. */
  protected abstract String size();

  /** All heads side by side. */
  public int width() {
    return heads * headDim;
  }

  /** Self-attention, at the finest resolution of Stable Diffusion and of the toy model. */
  public abstract static class Self extends AttentionProblem {
    @Param({"4096x4096x8x40", "256x256x4x16"})
    public String size;

    @Override
    protected String size() {
      return size;
    }
  }

  /** Cross-attention to the text, at the finest resolution of Stable Diffusion. */
  public abstract static class Cross extends AttentionProblem {
    @Param("4096x77x8x40")
    public String size;

    @Override
    protected String size() {
      return size;
    }
  }
}
