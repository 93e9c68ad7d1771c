package io.github.pix2pixzero.cuda;

import io.github.pix2pixzero.cuda.Arguments.Struct;
import io.github.pix2pixzero.tensor.backend.AdamSpec;
import io.github.pix2pixzero.tensor.backend.Binary;
import io.github.pix2pixzero.tensor.backend.BroadcastSpec;
import io.github.pix2pixzero.tensor.backend.StridedSpec;
import io.github.pix2pixzero.tensor.backend.Unary;

/** Functions of one and of two tensors, and copies along a walk. */
final class Elementwise {
  private static final String FAMILY = "elementwise_";

  /** Axes that a walk has at most, once neighbours are merged. */
  private static final int MAX_RANK = 8;

  private final Device device;
  private final ElementType elements;

  Elementwise(Device device, ElementType elements) {
    this.device = device;
    this.elements = elements;
  }

  void unary(Unary f, int size, long x, long out) {
    loop("unary", size, new Arguments().add(f.ordinal()).add(size).add(x).add(out));
  }

  void unaryBackward(Unary f, int size, long x, long gradOut, long gradX) {
    loop(
        "unary_backward",
        size,
        new Arguments().add(f.ordinal()).add(size).add(x).add(gradOut).add(gradX));
  }

  void affine(int size, long x, float scale, float shift, long out) {
    loop("affine", size, new Arguments().add(size).add(x).add(scale).add(shift).add(out));
  }

  void leakyRelu(int size, float slope, long x, long out) {
    loop("leaky_relu", size, new Arguments().add(size).add(slope).add(x).add(out));
  }

  void leakyReluBackward(int size, float slope, long x, long gradOut, long gradX) {
    loop(
        "leaky_relu_backward",
        size,
        new Arguments().add(size).add(slope).add(x).add(gradOut).add(gradX));
  }

  void clamp(int size, float low, float high, long x, long out) {
    loop("clamp", size, new Arguments().add(size).add(low).add(high).add(x).add(out));
  }

  void clampBackward(int size, float low, float high, long x, long gradOut, long gradX) {
    loop(
        "clamp_backward",
        size,
        new Arguments().add(size).add(low).add(high).add(x).add(gradOut).add(gradX));
  }

  void squaredDistanceBackward(int size, float weight, long a, long b, long gradOut, long gradA) {
    loop(
        "squared_distance_backward",
        size,
        new Arguments().add(size).add(2 * weight).add(a).add(b).add(gradOut).add(gradA));
  }

  /** Of elements of a type that need not be that of the backend. */
  void axpby(ElementType type, int size, float alpha, long x, float beta, long y) {
    device
        .launcher()
        .loop(
            FAMILY + type.suffix(),
            "axpby",
            size,
            new Arguments().add(size).add(alpha).add(x).add(beta).add(y));
  }

  /** Of float32. */
  void adam(AdamSpec spec, long gradient, long parameter, long mean, long square) {
    device
        .launcher()
        .loop(
            FAMILY + ElementType.FLOAT32.suffix(),
            "adam",
            spec.size(),
            new Arguments()
                .add(spec.size())
                .add(spec.decay())
                .add(spec.keep())
                .add(spec.meanRate())
                .add(spec.squareRate())
                .add(spec.stepSize())
                .add(spec.rootScale())
                .add(spec.epsilon())
                .add(gradient)
                .add(parameter)
                .add(mean)
                .add(square));
  }

  void fill(float value, int size, long out) {
    loop("fill", size, new Arguments().add(size).add(value).add(out));
  }

  void binary(Binary f, BroadcastSpec spec, long a, long b, long out) {
    Walk walk = Walk.of(spec.shape(), spec.aStrides(), spec.bStrides());
    if (walk.isAbreast()) {
      loop(
          "binary_abreast",
          walk.size(),
          new Arguments().add(f.ordinal()).add(walk.size()).add(a).add(b).add(out));
    } else {
      loop(
          "binary",
          walk.size(),
          new Arguments()
              .add(f.ordinal())
              .add(struct(walk))
              .add(walk.size())
              .add(a)
              .add(b)
              .add(out));
    }
  }

  void copy(StridedSpec spec, long source, long target) {
    Walk walk = Walk.of(spec.shape(), spec.sourceStrides(), spec.targetStrides());
    loop(
        "strided_copy",
        walk.size(),
        new Arguments()
            .add(struct(walk))
            .add(walk.size())
            .add(spec.sourceOffset())
            .add(spec.targetOffset())
            .add(source)
            .add(target));
  }

  void geglu(int rows, int width, long x, long out) {
    loop(
        "geglu",
        rows * width,
        new Arguments().add(rows * width).add(Divisor.of(width)).add(x).add(out));
  }

  void gegluBackward(int rows, int width, long x, long gradOut, long gradX) {
    loop(
        "geglu_backward",
        rows * width,
        new Arguments().add(rows * width).add(Divisor.of(width)).add(x).add(gradOut).add(gradX));
  }

  private void loop(String kernel, int size, Arguments arguments) {
    device.launcher().loop(FAMILY + elements.suffix(), kernel, size, arguments);
  }

  /** The kernels' struct {@code Walk}: axis 0 is the innermost there. */
  private static Struct struct(Walk walk) {
    int rank = walk.rank();
    if (rank > MAX_RANK) {
      throw new IllegalArgumentException(
          "a walk over %s axes; CUDA kernels walk over %s at most".formatted(rank, MAX_RANK));
    }
    Struct struct = new Struct().add(rank);
    for (int i = 0; i < MAX_RANK; i++) {
      struct.add(Divisor.of(i < rank ? walk.extent(rank - 1 - i) : 1));
    }
    for (int i = 0; i < MAX_RANK; i++) {
      struct.add(i < rank ? walk.aStride(rank - 1 - i) : 0);
    }
    for (int i = 0; i < MAX_RANK; i++) {
      struct.add(i < rank ? walk.bStride(rank - 1 - i) : 0);
    }
    return struct;
  }
}
