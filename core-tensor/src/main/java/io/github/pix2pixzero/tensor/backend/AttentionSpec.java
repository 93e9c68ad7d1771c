package io.github.pix2pixzero.tensor.backend;

/**
 * Multi-head scaled dot-product attention. Queries are [batch, queries, heads · headDim], keys and
 * values [batch, keys, heads · headDim], probabilities [batch, heads, queries, keys].
 *
 * @param scale factor of the dot products, 1 / √headDim as a rule
 * @param causal query i sees the keys 0 … i only
 */
public record AttentionSpec(
    int batch, int heads, int queries, int keys, int headDim, float scale, boolean causal) {

  public int width() {
    return heads * headDim;
  }
}
