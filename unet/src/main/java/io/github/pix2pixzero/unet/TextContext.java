package io.github.pix2pixzero.unet;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Text embeddings, and what every cross-attention layer makes of them: keys and values do not
 * depend on the picture, so that the steps of an edit share them. They are made when a pass first
 * needs them.
 *
 * <p>Not for several threads at once.
 */
public final class TextContext {
  private final Tensor embeddings;
  private final ImmutableList<PromptRow> rows;
  private final Scope scope = Scope.current();
  private final Map<AttentionLayer, KeysAndValues> made = new HashMap<>();

  /**
   * To be made in the scope whose life the keys and values are to share, such as an edit's; outside
   * of any, they live as long as they are reachable.
   *
   * @param embeddings [batch, tokens, contextWidth]
   */
  public TextContext(Tensor embeddings) {
    this(embeddings, Collections.nCopies(embeddings.dim(0), PromptRow.PROMPT));
  }

  /**
   * Embeddings of prompts that have different parts to play. Keys and values live as long as the
   * scope that is open now.
   *
   * @param embeddings [batch, tokens, contextWidth]
   * @param rows whose each row of the batch is
   */
  public TextContext(Tensor embeddings, List<PromptRow> rows) {
    checkArgument(
        embeddings.dim(0) == rows.size(),
        "%s rows have names, but there are %s",
        rows.size(),
        embeddings.dim(0));
    this.embeddings = embeddings;
    this.rows = ImmutableList.copyOf(rows);
  }

  public Tensor embeddings() {
    return embeddings;
  }

  /** Whose prompt each row of the batch has. */
  public ImmutableList<PromptRow> rows() {
    return rows;
  }

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
