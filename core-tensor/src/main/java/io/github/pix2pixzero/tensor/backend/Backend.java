package io.github.pix2pixzero.tensor.backend;

import io.github.pix2pixzero.tensor.io.StoredType;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The kernels a device offers. This is the whole boundary between tensors and hardware.
 *
 * <p>Every method reads contiguous storages and writes all of a preallocated, contiguous output
 * that overlaps none of its inputs unless said otherwise. Outputs may hold anything beforehand.
 * Shapes have been checked, broadcasting is resolved and gradients are somebody else's business
 * before a method here is called. Optional storages are {@code null} where absent. Calls may be
 * asynchronous as long as {@link #download} sees the results of those before it. Results are the
 * same bits whatever the number of threads.
 *
 * <p>Pictures and activations are channels-last: [batch, height, width, channels].
 */
public interface Backend {

  /** A short name for people, such as {@code vector} or {@code cuda}. */
  String name();

  // ------------------------------------------------------------------ memory

  /** Memory for {@code size} elements of undefined content. */
  Storage allocate(int size);

  /** Copies {@code target.size()} elements from {@code source[offset]} on. */
  void upload(float[] source, int offset, Storage target);

  /** Copies all elements out. */
  void download(Storage source, float[] target, int offset);

  /**
   * A {@linkplain Storage#freeze() frozen} storage of floating-point numbers as a file holds them.
   * F16 and BF16 may stay as they are for as long as no kernel needs them otherwise: what is
   * computed from them is the same bits either way.
   *
   * @param data little-endian, from position to limit; copied
   */
  default Storage constant(StoredType type, ByteBuffer data) {
    float[] floats = new float[data.remaining() / type.byteSize()];
    type.decode(data, floats, 0);
    Storage storage = allocate(floats.length);
    upload(floats, 0, storage);
    return storage.freeze();
  }

  /**
   * Gives memory that waits to be used again back to the system, as between phases of a computation
   * that need arrays of different sizes.
   */
  default void trim() {}

  /**
   * Work for a backend to record, so that each further time costs less than calling it; empty where
   * there is nothing to save.
   *
   * @param work the same calls of this backend every time, on the same storages but for those that
   *     it allocates and releases itself. What copies to or from the host cannot be recorded: such
   *     work is then done as it is.
   */
  default Optional<Repeatable> repeatable(Runnable work) {
    return Optional.empty();
  }

  /** What this backend's live and recycled storages take, and took at most. */
  MemoryUse memory();

  /** Whether storages lie in Java's heap, so that its limit is theirs. */
  default boolean usesHeap() {
    return false;
  }

  // ------------------------------------------------------------------ matrix products

  /** {@code out = alpha · a · b + bias}; see {@link MatmulSpec}. {@code bias} [n] may be null. */
  void matmul(MatmulSpec spec, Storage a, Storage b, Storage bias, Storage out);

  /** {@link #matmul} plus {@code addend}, which has the size of {@code out}. */
  default void matmulAdd(
      MatmulSpec spec, Storage a, Storage b, Storage bias, Storage addend, Storage out) {
    matmul(spec, a, b, bias, out);
    axpby(out.size(), 1f, addend, 1f, out);
  }

  /**
   * {@link #geglu} of {@link #matmul}: {@code out} [batch, m, n / 2], where {@code spec.n()} counts
   * values and gates.
   */
  default void matmulGeglu(MatmulSpec spec, Storage a, Storage b, Storage bias, Storage out) {
    Storage product = allocate(spec.batch() * spec.m() * spec.n());
    matmul(spec, a, b, bias, product);
    geglu(spec.batch() * spec.m(), spec.n() / 2, product, out);
    product.release();
  }

  /** Convolution; {@code bias} [outChannels] may be null. */
  void conv2d(Conv2dSpec spec, Storage x, Storage weight, Storage bias, Storage out);

  /** {@link #conv2d} plus {@code addend}, which has the size of {@code out}. */
  default void conv2dAdd(
      Conv2dSpec spec, Storage x, Storage weight, Storage bias, Storage addend, Storage out) {
    conv2d(spec, x, weight, bias, out);
    axpby(out.size(), 1f, addend, 1f, out);
  }

  /** The gradient of {@link #conv2d} with respect to {@code x}. */
  void conv2dInputGradient(Conv2dSpec spec, Storage gradOut, Storage weight, Storage gradX);

  /** The gradient of {@link #conv2d} with respect to {@code weight}. */
  void conv2dWeightGradient(Conv2dSpec spec, Storage x, Storage gradOut, Storage gradWeight);

  /**
   * Convolution whose input is multiplied by {@code before} [batch, inChannels] and whose result by
   * {@code after} [batch, outChannels], channel by channel; {@code after} may be null.
   */
  default void modulatedConv2d(
      Conv2dSpec spec, Storage x, Storage before, Storage weight, Storage after, Storage out) {
    Modulation modulation = new Modulation(this, spec.batch());
    modulation.surround(
        x, before, (scaled, bare) -> conv2d(spec, scaled, weight, null, bare), after, out);
  }

  /**
   * {@link #conv2dInputGradient} of {@code gradOut} multiplied by {@code before} [batch,
   * outChannels], and multiplied by {@code after} [batch, inChannels]; {@code after} may be null.
   */
  default void modulatedConv2dInputGradient(
      Conv2dSpec spec,
      Storage gradOut,
      Storage before,
      Storage weight,
      Storage after,
      Storage gradX) {
    Modulation modulation = new Modulation(this, spec.batch());
    modulation.surround(
        gradOut,
        before,
        (scaled, bare) -> conv2dInputGradient(spec, scaled, weight, bare),
        after,
        gradX);
  }

  // ------------------------------------------------------------------ normalisation

  /**
   * Group normalisation, then SiLU if the spec says so. {@code gamma}, {@code beta} are [channels];
   * {@code stats} [batch, groups, 2] receives mean and 1 / √(variance + ε).
   */
  void groupNorm(
      GroupNormSpec spec, Storage x, Storage gamma, Storage beta, Storage out, Storage stats);

  /**
   * Backward of {@link #groupNorm}. {@code gradGamma} and {@code gradBeta} are both null where not
   * wanted.
   */
  void groupNormBackward(
      GroupNormSpec spec,
      Storage x,
      Storage gamma,
      Storage beta,
      Storage stats,
      Storage gradOut,
      Storage gradX,
      Storage gradGamma,
      Storage gradBeta);

  /**
   * Normalises each of {@code rows} rows of {@code width} elements, then scales by {@code gamma}
   * and shifts by {@code beta}, both [width]. {@code stats} [rows, 2] receives mean and 1 /
   * √(variance + ε).
   */
  void layerNorm(
      int rows,
      int width,
      float epsilon,
      Storage x,
      Storage gamma,
      Storage beta,
      Storage out,
      Storage stats);

  /**
   * Backward of {@link #layerNorm}. {@code gradGamma} and {@code gradBeta} are both null where not
   * wanted.
   */
  void layerNormBackward(
      int rows,
      int width,
      Storage x,
      Storage gamma,
      Storage stats,
      Storage gradOut,
      Storage gradX,
      Storage gradGamma,
      Storage gradBeta);

  /** Softmax of each of {@code rows} rows of {@code width} elements. */
  void softmax(int rows, int width, Storage x, Storage out);

  /** Backward of {@link #softmax}, from its result {@code y}. */
  void softmaxBackward(int rows, int width, Storage y, Storage gradOut, Storage gradX);

  // ------------------------------------------------------------------ attention

  /**
   * Attention whose probabilities are never stored. {@code logSumExp} [batch, heads, queries]
   * receives the logarithm of each row's sum of exponentials, from which the backward pass
   * recomputes.
   */
  void attention(
      AttentionSpec spec, Storage q, Storage k, Storage v, Storage out, Storage logSumExp);

  /**
   * Backward of {@link #attention}. {@code gradK} and {@code gradV} are both null where not wanted.
   */
  void attentionBackward(
      AttentionSpec spec,
      Storage q,
      Storage k,
      Storage v,
      Storage out,
      Storage logSumExp,
      Storage gradOut,
      Storage gradQ,
      Storage gradK,
      Storage gradV);

  /** {@code probs = softmax(scale · q · kᵀ)}, [batch, heads, queries, keys]. */
  void attentionProbs(AttentionSpec spec, Storage q, Storage k, Storage probs);

  /**
   * Backward of {@link #attentionProbs}. The gradient of the probabilities is the sum of {@code
   * gradProbs} and {@code moreGradProbs}, which may be null. {@code gradK} is null where not
   * wanted.
   */
  void attentionProbsBackward(
      AttentionSpec spec,
      Storage q,
      Storage k,
      Storage probs,
      Storage gradProbs,
      Storage moreGradProbs,
      Storage gradQ,
      Storage gradK);

  /** {@code out = probs · v}, [batch, queries, heads · headDim]. */
  void attentionApply(AttentionSpec spec, Storage probs, Storage v, Storage out);

  /** Backward of {@link #attentionApply}. {@code gradV} is null where not wanted. */
  void attentionApplyBackward(
      AttentionSpec spec,
      Storage probs,
      Storage v,
      Storage gradOut,
      Storage gradProbs,
      Storage gradV);

  // ------------------------------------------------------------------ elementwise

  /** {@code out[i] = f(x[i])}. {@code out} may be {@code x}. */
  void unary(Unary f, int size, Storage x, Storage out);

  /** {@code gradX[i] = f′(x[i]) · gradOut[i]}. {@code gradX} may be {@code gradOut}. */
  void unaryBackward(Unary f, int size, Storage x, Storage gradOut, Storage gradX);

  /** {@code out[i] = scale · x[i] + shift}. {@code out} may be {@code x}. */
  void affine(int size, Storage x, float scale, float shift, Storage out);

  /**
   * {@code out[i] = max(x[i], 0) + slope · min(x[i], 0)}, which is ReLU for a slope of 0. {@code
   * out} may be {@code x}.
   */
  void leakyRelu(int size, float slope, Storage x, Storage out);

  /**
   * {@code gradX[i] = gradOut[i]} where {@code x[i] > 0} and {@code slope · gradOut[i]} elsewhere.
   * {@code gradX} may be {@code gradOut}.
   */
  void leakyReluBackward(int size, float slope, Storage x, Storage gradOut, Storage gradX);

  /** {@code out[i] = min(max(x[i], low), high)}. {@code out} may be {@code x}. */
  void clamp(int size, float low, float high, Storage x, Storage out);

  /**
   * {@code gradX[i] = gradOut[i]} where {@code low ≤ x[i] ≤ high} and 0 elsewhere. {@code gradX}
   * may be {@code gradOut}.
   */
  void clampBackward(int size, float low, float high, Storage x, Storage gradOut, Storage gradX);

  /**
   * {@code out = f(a, b)} with broadcasting; where nothing is stretched, {@code out} may be {@code
   * a}.
   */
  void binary(Binary f, BroadcastSpec spec, Storage a, Storage b, Storage out);

  /**
   * GEGLU (Shazeer, 2020): of each row of {@code 2 · width} elements the first half times GELU of
   * the second half.
   */
  void geglu(int rows, int width, Storage x, Storage out);

  /** Backward of {@link #geglu}. */
  void gegluBackward(int rows, int width, Storage x, Storage gradOut, Storage gradX);

  // ------------------------------------------------------------------ training

  /** {@code y[i] = alpha · x[i] + beta · y[i]}, in place. */
  void axpby(int size, float alpha, Storage x, float beta, Storage y);

  /** One step of Adam, in place in all but {@code gradient}; see {@link AdamSpec}. */
  void adam(AdamSpec spec, Storage gradient, Storage parameter, Storage mean, Storage square);

  // ------------------------------------------------------------------ movement and reduction

  /** {@code out[o, i] = Σ_r x[o, r, i]}, summed in an order that depends on the extents alone. */
  void sum(int outer, int reduced, int inner, Storage x, Storage out);

  /** {@code out[o, i] = max_r x[o, r, i]}; NaN if one of them is. */
  void max(int outer, int reduced, int inner, Storage x, Storage out);

  /**
   * {@code out[0] = weight · Σ (a[i] - b[i])²}, summed in an order that depends on the size alone.
   */
  void squaredDistance(int size, float weight, Storage a, Storage b, Storage out);

  /**
   * Backward of {@link #squaredDistance}: {@code gradA[i] = 2 · weight · gradOut[0] · (a[i] -
   * b[i])}.
   */
  void squaredDistanceBackward(
      int size, float weight, Storage a, Storage b, Storage gradOut, Storage gradA);

  /** Copies along a walk; elements of {@code target} off the walk keep their values. */
  void copy(StridedSpec spec, Storage source, Storage target);

  /** Row {@code i} of {@code out} [rows.length, width] is row {@code rows[i]} of {@code table}. */
  void gather(int[] rows, int width, Storage table, Storage out);

  /**
   * Adds row {@code i} of {@code source} [rows.length, width] to row {@code rows[i]} of {@code
   * target}, in the order of {@code i}.
   */
  void scatterAdd(int[] rows, int width, Storage source, Storage target);

  /**
   * Upsamples, filters and downsamples each channel; see {@link UpfirdnSpec}. {@code filter} is
   * [filterHeight, filterWidth].
   */
  void upfirdn(UpfirdnSpec spec, Storage x, Storage filter, Storage out);

  /**
   * Every pixel of [batch, height, width, channels] repeated {@code factor} times along both axes.
   */
  void upsampleNearest(
      int batch, int height, int width, int channels, int factor, Storage x, Storage out);

  /**
   * Backward of {@link #upsampleNearest}: sums over each block; sizes are those of the forward
   * input.
   */
  void upsampleNearestBackward(
      int batch, int height, int width, int channels, int factor, Storage gradOut, Storage gradX);

  /** Sets every element. */
  void fill(float value, Storage out);
}
