package io.github.pix2pixzero.cuda;

import static io.github.pix2pixzero.cuda.Launcher.divideUp;

import io.github.pix2pixzero.cuda.Arguments.Struct;
import io.github.pix2pixzero.cuda.MatrixProducts.Operand;
import io.github.pix2pixzero.tensor.backend.AttentionSpec;
import io.github.pix2pixzero.tensor.backend.MatmulSpec;
import java.util.function.UnaryOperator;

/** Attention: fused, and in two halves with the probabilities stored between them. */
final class Attention {
  private static final int TILE = 64;
  private static final int THREADS = 256;
  private static final int WARP = 32;

  /** Head dimensions that a block can take on, in sixteens. */
  private static final int[] COLUMNS = {1, 3, 4, 5, 8, 10};

  private static final int[] SHORT_COLUMNS = {10};

  /** The same of the kernels for tensor cores. */
  private static final int[] FLASH_DIMS = {16, 48, 64, 80, 160};

  /**
   * Up to here a warp takes on twice the queries, and a block of a backward pass all of the head
   * dimension.
   */
  private static final int FLASH_TWICE = 80;

  private static final int FLASH_THREADS = 128;

  /** Keys whose probabilities one block computes at once. */
  private static final int FEW_KEYS = 80;

  private final Device device;
  private final ElementType elements;
  private final String family;
  private final MatrixProducts products;
  private final Rows rows;

  Attention(Device device, ElementType elements, MatrixProducts products, Rows rows) {
    this.device = device;
    this.elements = elements;
    family = "attention_" + elements.suffix();
    this.products = products;
    this.rows = rows;
  }

  void forward(AttentionSpec spec, long q, long k, long v, long out, long logSumExp) {
    fused("", spec, spec.queries(), false)
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
              family,
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
      fused("_backward_queries", spec, spec.queries(), true)
          .launch(
              arguments ->
                  arguments
                      .add(q)
                      .add(k)
                      .add(v)
                      .add(logSumExp)
                      .add(delta.address())
                      .add(gradOut)
                      .add(gradQ));
      if (gradK != 0) {
        fused("_backward_keys", spec, spec.keys(), true)
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

  /** On tensor cores where the elements are short. */
  private boolean isFlash(AttentionSpec spec) {
    return elements != ElementType.FLOAT32
        && spec.headDim() % elements.packed() == 0
        && spec.headDim() <= FLASH_DIMS[FLASH_DIMS.length - 1];
  }

  /** The first that is enough, or else the last. */
  private static int enough(int[] candidates, int wanted) {
    for (int candidate : candidates) {
      if (candidate >= wanted) {
        return candidate;
      }
    }
    return candidates[candidates.length - 1];
  }

  /**
   * A kernel whose blocks own tiles of rows, which are queries or keys.
   *
   * @param backward whether it is one of a backward pass
   */
  private Fused fused(String kernel, AttentionSpec spec, int rows, boolean backward) {
    if (!isFlash(spec)) {
      int columns =
          enough(
              elements == ElementType.FLOAT32 ? COLUMNS : SHORT_COLUMNS,
              divideUp(spec.headDim(), 16));
      int chunks = divideUp(spec.headDim(), 16 * columns);
      return fused(
          "attention" + kernel + "_" + columns, spec, divideUp(rows, TILE), chunks, THREADS);
    }
    int dims = enough(FLASH_DIMS, spec.headDim());
    boolean twice = !backward && dims != FLASH_DIMS[0] && dims <= FLASH_TWICE;
    int chunks = backward && dims > FLASH_TWICE ? divideUp(spec.headDim(), FLASH_TWICE) : 1;
    int tiles = divideUp(rows, twice ? 2 * TILE : TILE);
    return fused("flash" + kernel + "_" + dims, spec, tiles, chunks, FLASH_THREADS);
  }

  private Fused fused(String name, AttentionSpec spec, int tiles, int chunks, int threads) {
    Struct struct =
        new Struct()
            .addAll(spec.queries(), spec.keys(), spec.headDim(), spec.heads())
            .add(spec.scale())
            .add(spec.causal() ? 1 : 0)
            .add(Divisor.of(tiles))
            .add(Divisor.of(chunks));
    int blocks = tiles * chunks * spec.batch() * spec.heads();
    return storages ->
        device
            .launcher()
            .launch(family, name, blocks, threads, storages.apply(new Arguments().add(struct)));
  }

  /** Few keys, on tensor cores. */
  private boolean isFew(AttentionSpec spec) {
    return isFlash(spec) && spec.keys() <= FEW_KEYS;
  }

  /** A kernel for few keys. */
  private Fused few(String kernel, AttentionSpec spec) {
    int dims = enough(FLASH_DIMS, spec.headDim());
    return fused(kernel + "_" + dims, spec, divideUp(spec.queries(), TILE), 1, FLASH_THREADS);
  }

  void probs(AttentionSpec spec, long q, long k, long probs) {
    if (isFew(spec)) {
      few("probs", spec).launch(arguments -> arguments.add(q).add(k).add(probs));
      return;
    }
    products.run(
        product(spec, spec.queries(), spec.keys(), spec.headDim(), false, true, spec.scale()),
        spec.heads(),
        queries(spec, q),
        keys(spec, k),
        matrix(spec, probs));
    rows.softmax(
        spec.batch() * spec.heads() * spec.queries(),
        spec.keys(),
        spec.causal() ? spec.queries() : 0,
        probs,
        probs);
  }

  /** The gradient of the probabilities is {@code gradProbs + more}; {@code more} may be 0. */
  void probsBackward(
      AttentionSpec spec,
      long q,
      long k,
      long probs,
      long gradProbs,
      long more,
      long gradQ,
      long gradK) {
    if (isFew(spec) && gradK == 0) {
      few("probs_backward", spec)
          .launch(arguments -> arguments.add(probs).add(gradProbs).add(more).add(k).add(gradQ));
      return;
    }
    int count = spec.batch() * spec.heads() * spec.queries();
    try (Workspace scores = new Workspace(device, count * spec.keys())) {
      long gradScores = scores.address();
      rows.softmaxBackward(count, spec.keys(), spec.scale(), probs, gradProbs, more, gradScores);
      products.run(
          product(spec, spec.queries(), spec.headDim(), spec.keys(), false, false, 1f),
          spec.heads(),
          matrix(spec, gradScores),
          keys(spec, k),
          queries(spec, gradQ));
      if (gradK != 0) {
        products.run(
            product(spec, spec.keys(), spec.headDim(), spec.queries(), true, false, 1f),
            spec.heads(),
            matrix(spec, gradScores),
            queries(spec, q),
            keys(spec, gradK));
      }
    }
  }

  void apply(AttentionSpec spec, long probs, long v, long out) {
    if (isFew(spec)) {
      few("probs_apply", spec).launch(arguments -> arguments.add(probs).add(v).add(out));
      return;
    }
    products.run(
        product(spec, spec.queries(), spec.headDim(), spec.keys(), false, false, 1f),
        spec.heads(),
        matrix(spec, probs),
        keys(spec, v),
        queries(spec, out));
  }

  void applyBackward(
      AttentionSpec spec, long probs, long v, long gradOut, long gradProbs, long gradV) {
    if (isFew(spec)) {
      AttentionSpec plain =
          new AttentionSpec(
              spec.batch(),
              spec.heads(),
              spec.queries(),
              spec.keys(),
              spec.headDim(),
              1f,
              spec.causal());
      few("probs_apply_backward", plain)
          .launch(arguments -> arguments.add(gradOut).add(v).add(gradProbs));
    } else {
      products.run(
          product(spec, spec.queries(), spec.keys(), spec.headDim(), false, true, 1f),
          spec.heads(),
          queries(spec, gradOut),
          keys(spec, v),
          matrix(spec, gradProbs));
    }
    if (gradV != 0) {
      products.run(
          product(spec, spec.keys(), spec.headDim(), spec.queries(), true, false, 1f),
          spec.heads(),
          matrix(spec, probs),
          queries(spec, gradOut),
          keys(spec, gradV));
    }
  }

  /** One product for each head. */
  private static MatmulSpec product(
      AttentionSpec spec,
      int m,
      int n,
      int k,
      boolean transposeA,
      boolean transposeB,
      float alpha) {
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
