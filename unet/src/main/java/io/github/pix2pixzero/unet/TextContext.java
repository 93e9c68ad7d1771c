package io.github.pix2pixzero.unet;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;

/**
 * Text embeddings, and what every cross-attention layer makes of them: keys and values do not
 * depend on the picture, so that the steps of an edit share them. They are made when a pass first
 * needs them, and live as long as the scope that this context was made in.
 *
 * <p>Not for several threads at once.
 */
public final class TextContext {
  private final Tensor embeddings;
  private final Scope scope = Scope.current();
  private final Map<AttentionLayer, KeysAndValues> made = new HashMap<>();

  /**
   * To be made in the scope whose life the keys and values are to share, such as an edit's; outside
   * of any, they live as long as they are reachable.
   *
   * @param embeddings [batch, tokens, contextWidth]
   */
  public TextContext(Tensor embeddings) {
    this.embeddings = embeddings;
  }

  public Tensor embeddings() {
    return embeddings;
  }

  /** What a layer attends to, [batch, tokens, width] each. */
  record KeysAndValues(Tensor keys, Tensor values) {}

  KeysAndValues of(AttentionLayer layer) {
    KeysAndValues known = made.get(layer);
    if (known == null) {
      KeysAndValues projected = layer.project(embeddings);
      known = new KeysAndValues(kept(projected.keys()), kept(projected.values()));
      made.put(layer, known);
    }
    return known;
  }

  private Tensor kept(Tensor tensor) {
    return scope == null ? Scope.outlive(tensor) : scope.adopt(tensor);
  }
}
