package io.github.pix2pixzero.cuda;

import static io.github.pix2pixzero.cuda.Launcher.divideUp;

import io.github.pix2pixzero.cuda.Arguments.Struct;
import io.github.pix2pixzero.cuda.MatrixProducts.Operand;
import io.github.pix2pixzero.tensor.backend.AttentionSpec;
import io.github.pix2pixzero.tensor.backend.MatmulSpec;
import java.util.function.UnaryOperator;

/** Attention: fused, and in two halves with the probabilities stored between them. */
final class Attention {
  private static final String FAMILY = "attention";
  private static final int TILE = 64;
  private static final int THREADS = 256;
  private static final int WARP = 32;

  /** Head dimensions that a block can take on, in sixteens. */
  private static final int[] COLUMNS = {1, 3, 4, 5, 8, 10};

  private final Device device;
  private final MatrixProducts products;
  private final Rows rows;

  Attention(Device device, MatrixProducts products, Rows rows) {
    this.device = device;
    this.products = products;
    this.rows = rows;
  }

  void forward(
      AttentionSpec spec, long q, long k, long v, long out, long logSumExp) {
    fused("attention", spec, spec.queries())
        .launch(arguments -> arguments.add(q).add(k).add(v).add(out).add(logSumExp));
  }

  void backward(
      AttentionSpec spec,
      long q,
      long k,
      long v,
      long out,
      long logSumExp,
      long gradOut,
      long gradQ,
      long gradK,
      long gradV) {
    int count = spec.batch() * spec.heads() * spec.queries();
    try (Workspace delta = new Workspace(device, count)) {
      device
          .launcher()
          .launch(
              FAMILY,
              "attention_delta",
              divideUp(count, THREADS / WARP),
              THREADS,
              new Arguments()
                  .add(count)
                  .add(Divisor.of(spec.queries()))
                  .add(Divisor.of(spec.heads()))
                  .add(spec.headDim())
                  .add(out)
                  .add(gradOut)
                  .add(delta.address()));
      fused("attention_backward_queries", spec, spec.queries())
          .launch(
              arguments ->
                  arguments.add(q).add(k).add(v).add(logSumExp).add(delta.address()).add(gradOut).add(gradQ));
      if (gradK != 0) {
        fused("attention_backward_keys", spec, spec.keys())
            .launch(
                arguments ->
                    arguments
                        .add(q)
                        .add(k)
                        .add(v)
                        .add(logSumExp)
                        .add(delta.address())
                        .add(gradOut)
                        .add(gradK)
                        .add(gradV));
      }
    }
  }

  private interface Fused {
    void launch(UnaryOperator<Arguments> storages);
  }

  /** A kernel whose blocks own tiles of {@code rows} queries or keys. */
  private Fused fused(String kernel, AttentionSpec spec, int rows) {
    int columns = COLUMNS[COLUMNS.length - 1];
    for (int candidate : COLUMNS) {
      if (16 * candidate >= spec.headDim()) {
        columns = candidate;
        break;
      }
    }
    int tiles = divideUp(rows, TILE);
    int chunks = divideUp(spec.headDim(), 16 * columns);
    Struct struct =
        new Struct()
            .addAll(spec.queries(), spec.keys(), spec.headDim(), spec.heads())
            .add(spec.scale())
            .add(spec.causal() ? 1 : 0)
            .add(Divisor.of(tiles))
            .add(Divisor.of(chunks));
    String name = kernel + "_" + columns;
    int blocks = tiles * chunks * spec.batch() * spec.heads();
    return storages ->
        device
            .launcher()
            .launch(FAMILY, name, blocks, THREADS, storages.apply(new Arguments().add(struct)));
  }

  void probs(AttentionSpec spec, long q, long k, long probs) {
    products.run(
        product(spec, spec.queries(), spec.keys(), spec.headDim(), false, true, spec.scale()),
        spec.heads(),
        queries(spec, q),
        keys(spec, k),
        0,
        matrix(spec, probs));
    rows.softmax(
        spec.batch() * spec.heads() * spec.queries(),
        spec.keys(),
        spec.causal() ? spec.queries() : 0,
        probs,
        probs);
  }

  void probsBackward(
      AttentionSpec spec,
      long q,
      long k,
      long probs,
      long gradProbs,
      long gradQ,
      long gradK) {
    int count = spec.batch() * spec.heads() * spec.queries();
    try (Workspace scores = new Workspace(device, count * spec.keys())) {
      long gradScores = scores.address();
      rows.softmaxBackward(count, spec.keys(), spec.scale(), probs, gradProbs, gradScores);
      products.run(
          product(spec, spec.queries(), spec.headDim(), spec.keys(), false, false, 1f),
          spec.heads(),
          matrix(spec, gradScores),
          keys(spec, k),
          0,
          queries(spec, gradQ));
      if (gradK != 0) {
        products.run(
            product(spec, spec.keys(), spec.headDim(), spec.queries(), true, false, 1f),
            spec.heads(),
            matrix(spec, gradScores),
            queries(spec, q),
            0,
            keys(spec, gradK));
      }
    }
  }

  void apply(AttentionSpec spec, long probs, long v, long out) {
    products.run(
        product(spec, spec.queries(), spec.headDim(), spec.keys(), false, false, 1f),
        spec.heads(),
        matrix(spec, probs),
        keys(spec, v),
        0,
        queries(spec, out));
  }

  void applyBackward(
      AttentionSpec spec,
      long probs,
      long v,
      long gradOut,
      long gradProbs,
      long gradV) {
    products.run(
        product(spec, spec.queries(), spec.keys(), spec.headDim(), false, true, 1f),
        spec.heads(),
        queries(spec, gradOut),
        keys(spec, v),
        0,
        matrix(spec, gradProbs));
    if (gradV != 0) {
      products.run(
          product(spec, spec.keys(), spec.headDim(), spec.queries(), true, false, 1f),
          spec.heads(),
          matrix(spec, probs),
          queries(spec, gradOut),
          0,
          keys(spec, gradV));
    }
  }

  /** One product for each head. */
  private static MatmulSpec product(
      AttentionSpec spec, int m, int n, int k, boolean transposeA, boolean transposeB, float alpha) {
    int heads = spec.batch() * spec.heads();
    return new MatmulSpec(heads, m, n, k, transposeA, transposeB, false, false, alpha);
  }

  private static Operand queries(AttentionSpec spec, long address) {
    return new Operand(address, spec.width(), spec.queries() * spec.width(), spec.headDim());
  }

  private static Operand keys(AttentionSpec spec, long address) {
    return new Operand(address, spec.width(), spec.keys() * spec.width(), spec.headDim());
  }

  private static Operand matrix(AttentionSpec spec, long address) {
    int size = spec.queries() * spec.keys();
    return new Operand(address, spec.keys(), spec.heads() * size, size);
  }
}
