package io.github.pix2pixzero.tensor;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.Ints;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Storage;
import io.github.pix2pixzero.tensor.backend.Unary;
import io.github.pix2pixzero.tensor.io.StoredType;
import io.github.pix2pixzero.tensor.ops.Activate;
import io.github.pix2pixzero.tensor.ops.Add;
import io.github.pix2pixzero.tensor.ops.Affine;
import io.github.pix2pixzero.tensor.ops.Clamp;
import io.github.pix2pixzero.tensor.ops.Concat;
import io.github.pix2pixzero.tensor.ops.Div;
import io.github.pix2pixzero.tensor.ops.Expand;
import io.github.pix2pixzero.tensor.ops.Extremum;
import io.github.pix2pixzero.tensor.ops.LeakyRelu;
import io.github.pix2pixzero.tensor.ops.LogSoftmax;
import io.github.pix2pixzero.tensor.ops.Matmul;
import io.github.pix2pixzero.tensor.ops.Max;
import io.github.pix2pixzero.tensor.ops.Mul;
import io.github.pix2pixzero.tensor.ops.Pad;
import io.github.pix2pixzero.tensor.ops.Permute;
import io.github.pix2pixzero.tensor.ops.Reshape;
import io.github.pix2pixzero.tensor.ops.Slice;
import io.github.pix2pixzero.tensor.ops.Softmax;
import io.github.pix2pixzero.tensor.ops.Sub;
import io.github.pix2pixzero.tensor.ops.Sum;
import java.nio.ByteBuffer;

/**
 * A multi-dimensional array of floating-point numbers on a {@link Backend}: contiguous, row-major
 * and never changed once made, but for the parameters that an optimiser trains.
 *
 * <p>Operations run at once. Those on a {@linkplain #variable() variable}, or on what was computed
 * from one, are recorded for {@link Autograd}. Memory belongs to the innermost {@link Scope}.
 */
public final class Tensor {
  private final Storage storage;
  private final Shape shape;
  private final boolean variable;
  Op origin;

  private Tensor(Storage storage, Shape shape, boolean variable) {
    checkArgument(
        storage.size() == shape.size(), "%s elements do not fill %s", storage.size(), shape);
    this.storage = storage;
    this.shape = shape;
    this.variable = variable;
  }

  // ------------------------------------------------------------------ making

  /** A tensor of undefined content, for an operation to fill. */
  public static Tensor empty(Backend backend, Shape shape) {
    return new Tensor(Scope.register(backend.allocate(shape.size())), shape, false);
  }

  /** A tensor with a copy of {@code data} in row-major order. */
  public static Tensor of(Backend backend, float[] data, int... dims) {
    Shape shape = Shape.of(dims);
    checkArgument(data.length == shape.size(), "%s numbers do not fill %s", data.length, shape);
    Tensor tensor = empty(backend, shape);
    backend.upload(data, 0, tensor.storage);
    return tensor;
  }

  /**
   * A constant tensor of floating-point numbers as a file holds them; see {@link Backend#constant}.
   *
   * @param data row-major, little-endian, from position to limit; copied
   */
  public static Tensor constant(Backend backend, StoredType type, ByteBuffer data, int... dims) {
    Shape shape = Shape.of(dims);
    checkArgument(
        data.remaining() == (long) shape.size() * type.byteSize(),
        "%s bytes of %s do not fill %s",
        data.remaining(),
        type,
        shape);
    return new Tensor(Scope.register(backend.constant(type, data)), shape, false);
  }

  /** A tensor of one value throughout. */
  public static Tensor full(Backend backend, Shape shape, float value) {
    Tensor tensor = empty(backend, shape);
    backend.fill(value, tensor.storage);
    return tensor;
  }

  /** A tensor of zeros. */
  public static Tensor zeros(Backend backend, int... dims) {
    return full(backend, Shape.of(dims), 0f);
  }

  /** The same elements seen with another shape of the same size. For operations; not recorded. */
  public Tensor view(Shape other) {
    return new Tensor(storage, other, false);
  }

  // ------------------------------------------------------------------ reading

  public Shape shape() {
    return shape;
  }

  /** The extent of an axis; negative axes count from the last. */
  public int dim(int axis) {
    return shape.dim(axis);
  }

  public int size() {
    return shape.size();
  }

  public Storage storage() {
    return storage;
  }

  public Backend backend() {
    return storage.backend();
  }

  /** A copy of the elements in row-major order. */
  public float[] toFloats() {
    float[] data = new float[size()];
    backend().download(storage, data, 0);
    return data;
  }

  /** The only element. */
  public float item() {
    checkArgument(size() == 1, "%s has more than one element", shape);
    return toFloats()[0];
  }

  // ------------------------------------------------------------------ gradients

  /**
   * The same elements as the start of a graph: what is computed from the result can be
   * differentiated.
   */
  public Tensor variable() {
    return new Tensor(storage, shape, true);
  }

  /** The same elements without a history. */
  public Tensor detached() {
    return isTracked() ? new Tensor(storage, shape, false) : this;
  }

  /** Whether this is a variable or was computed from one. */
  public boolean isTracked() {
    return variable || origin != null;
  }

  // ------------------------------------------------------------------ arithmetic (broadcasts)

  public Tensor add(Tensor other) {
    return Add.of(this, other);
  }

  public Tensor sub(Tensor other) {
    return Sub.of(this, other);
  }

  public Tensor mul(Tensor other) {
    return Mul.of(this, other);
  }

  public Tensor div(Tensor other) {
    return Div.of(this, other);
  }

  public Tensor add(float value) {
    return Affine.of(this, 1f, value);
  }

  public Tensor mul(float factor) {
    return Affine.of(this, factor, 0f);
  }

  public Tensor neg() {
    return mul(-1f);
  }

  /** 1 / x. */
  public Tensor reciprocal() {
    return full(backend(), Shape.of(), 1f).div(this);
  }

  /** 1 / √x. */
  public Tensor rsqrt() {
    return sqrt().reciprocal();
  }

  /** x to a constant power, for positive x. */
  public Tensor pow(float exponent) {
    return log().mul(exponent).exp();
  }

  /** |x|; the gradient at 0 is 0. */
  public Tensor abs() {
    return maximum(neg());
  }

  /** The larger of each two elements; the gradient of equal ones is shared. */
  public Tensor maximum(Tensor other) {
    return Extremum.max(this, other);
  }

  /** The smaller of each two elements; the gradient of equal ones is shared. */
  public Tensor minimum(Tensor other) {
    return Extremum.min(this, other);
  }

  /** Elements kept between two bounds; the gradient outside is 0. */
  public Tensor clamp(float low, float high) {
    return Clamp.of(this, low, high);
  }

  /** The product of the last two axes, batched over the others; see {@link Matmul}. */
  public Tensor matmul(Tensor other) {
    return Matmul.of(this, other);
  }

  public Tensor silu() {
    return Activate.of(Unary.SILU, this);
  }

  public Tensor gelu() {
    return Activate.of(Unary.GELU, this);
  }

  /** The approximation of GELU by tanh; see {@link Unary#GELU_TANH}. */
  public Tensor geluTanh() {
    return Activate.of(Unary.GELU_TANH, this);
  }

  public Tensor quickGelu() {
    return Activate.of(Unary.QUICK_GELU, this);
  }

  public Tensor sigmoid() {
    return Activate.of(Unary.SIGMOID, this);
  }

  public Tensor tanh() {
    return Activate.of(Unary.TANH, this);
  }

  public Tensor softplus() {
    return Activate.of(Unary.SOFTPLUS, this);
  }

  /** The distribution function of the standard normal. */
  public Tensor normalCdf() {
    return Activate.of(Unary.NORMAL_CDF, this);
  }

  public Tensor relu() {
    return LeakyRelu.of(this, 0f);
  }

  /** x where positive, {@code slope · x} elsewhere. */
  public Tensor leakyRelu(float slope) {
    return LeakyRelu.of(this, slope);
  }

  public Tensor exp() {
    return Activate.of(Unary.EXP, this);
  }

  public Tensor log() {
    return Activate.of(Unary.LOG, this);
  }

  public Tensor sqrt() {
    return Activate.of(Unary.SQRT, this);
  }

  public Tensor square() {
    return Activate.of(Unary.SQUARE, this);
  }

  /** Softmax over the last axis. */
  public Tensor softmax() {
    return Softmax.of(this);
  }

  /** The logarithm of {@link #softmax()}, exact where that is too small for a float. */
  public Tensor logSoftmax() {
    return LogSoftmax.of(this);
  }

  // ------------------------------------------------------------------ reductions

  /** The sum of all elements, a scalar. */
  public Tensor sum() {
    return Sum.of(reshape(size()), 0).reshape();
  }

  /** The sum over one axis, which keeps extent 1. */
  public Tensor sum(int axis) {
    return Sum.of(this, axis);
  }

  /** The sum over several axes, which keep extent 1. */
  public Tensor sum(int axis, int... more) {
    Tensor sum = sum(axis);
    for (int next : more) {
      sum = sum.sum(next);
    }
    return sum;
  }

  /** The mean of all elements, a scalar. */
  public Tensor mean() {
    return sum().mul(1f / size());
  }

  /** The mean over one axis, which keeps extent 1. */
  public Tensor mean(int axis) {
    return sum(axis).mul(1f / dim(axis));
  }

  /** The mean over several axes, which keep extent 1. */
  public Tensor mean(int axis, int... more) {
    Tensor sum = sum(axis, more);
    return sum.mul((float) sum.size() / size());
  }

  /** The mean squared deviation from the mean, over axes which keep extent 1. */
  public Tensor variance(int axis, int... more) {
    return sub(mean(axis, more)).square().mean(axis, more);
  }

  /** The largest element over one axis, which keeps extent 1; equal ones share the gradient. */
  public Tensor max(int axis) {
    return Max.of(this, axis);
  }

  /** The smallest element over one axis, which keeps extent 1; equal ones share the gradient. */
  public Tensor min(int axis) {
    return neg().max(axis).neg();
  }

  /**
   * Undoes broadcasting: the sum over every axis along which {@code target} was stretched to this
   * shape.
   */
  public Tensor sumTo(Shape target) {
    if (shape.equals(target)) {
      return this;
    }
    Tensor sum = this;
    int lead = shape.rank() - target.rank();
    for (int axis = 0; axis < shape.rank(); axis++) {
      if (shape.dim(axis) != 1 && (axis < lead || target.dim(axis - lead) == 1)) {
        sum = sum.sum(axis);
      }
    }
    return sum.reshape(target.toArray());
  }

  // ------------------------------------------------------------------ rearranging

  /** The same elements in another shape; one extent may be -1 and is then worked out. */
  public Tensor reshape(int... dims) {
    int[] resolved = dims.clone();
    int open = -1;
    int known = 1;
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] == -1) {
        checkArgument(open < 0, "only one extent may be -1 in %s", Ints.asList(dims));
        open = i;
      } else {
        known *= dims[i];
      }
    }
    if (open >= 0) {
      checkArgument(
          known > 0 && size() % known == 0, "%s does not reshape to %s", shape, Ints.asList(dims));
      resolved[open] = size() / known;
    }
    return Reshape.of(this, Shape.of(resolved));
  }

  /** Axes reordered: axis {@code i} of the result is axis {@code axes[i]} of this. */
  public Tensor permute(int... axes) {
    return Permute.of(this, axes);
  }

  /** The part {@code from} (inclusive) to {@code to} (exclusive) of an axis. */
  public Tensor slice(int axis, int from, int to) {
    return Slice.of(this, axis, from, to);
  }

  /** Zeros added at both ends of an axis. */
  public Tensor pad(int axis, int before, int after) {
    return Pad.of(this, axis, before, before + dim(axis) + after);
  }

  /** This tensor stretched to a shape it broadcasts to. */
  public Tensor expand(int... dims) {
    return Expand.of(this, Shape.of(dims));
  }

  /** Tensors joined along an axis. */
  public static Tensor concat(int axis, Tensor... parts) {
    return Concat.of(axis, parts);
  }

  /**
   * Elements moved along an axis by {@code shift} places; what leaves at one end enters at the
   * other.
   */
  public Tensor roll(int axis, int shift) {
    int extent = dim(axis);
    int cut = Math.floorMod(-shift, extent);
    return cut == 0 ? this : concat(axis, slice(axis, cut, extent), slice(axis, 0, cut));
  }

  /** Channels-first [batch, channels, height, width] to channels-last. */
  public Tensor toChannelsLast() {
    return permute(0, 2, 3, 1);
  }

  /** Channels-last [batch, height, width, channels] to channels-first. */
  public Tensor toChannelsFirst() {
    return permute(0, 3, 1, 2);
  }

  @Override
  public String toString() {
    return "Tensor" + shape + " on " + backend().name();
  }
}
