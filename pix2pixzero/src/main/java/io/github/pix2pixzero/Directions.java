package io.github.pix2pixzero;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import io.github.pix2pixzero.EditOptions.Sentences;
import io.github.pix2pixzero.Progress.Stage;
import io.github.pix2pixzero.direction.DirectionCache;
import io.github.pix2pixzero.direction.EditDirection;
import io.github.pix2pixzero.stablediffusion.StableDiffusion;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * The directions of a model. Those made of sentences are remembered: to encode them takes as long
 * as some steps of an edit.
 */
final class Directions {
  private static final int REMEMBERED = 32;

  private final StableDiffusion model;
  private final Optional<DirectionCache> kept;
  private final Cache<Sentences, EditDirection> made =
      CacheBuilder.newBuilder().maximumSize(REMEMBERED).build();

  /**
   * @param kept where directions are kept on disk, if they are
   */
  Directions(StableDiffusion model, Optional<DirectionCache> kept) {
    this.model = model;
    this.kept = kept;
  }

  /** The direction from one set of sentences to another. */
  EditDirection between(List<String> source, List<String> target) {
    EditDirection direction =
        kept.map(cache -> cache.between(model.textEncoder(), source, target))
            .orElseGet(() -> EditDirection.between(model.textEncoder(), source, target));
    Scope.outlive(direction.embedding());
    return direction;
  }

  /**
   * The direction that options ask for.
   *
   * @throws IllegalArgumentException if nothing says what to change, or the direction was made for
   *     another kind of model
   */
  EditDirection of(EditOptions options, Work work) {
    if (options.direction().isPresent()) {
      checkFits(options.direction().get());
      return options.direction().get();
    }
    Sentences sentences = options.allSentences().orElse(null);
    checkArgument(
        sentences != null,
        "an edit needs a source and a target (words or sentences), or a direction, or a target"
            + " caption");
    EditDirection direction = made.getIfPresent(sentences);
    if (direction == null) {
      direction = work.once(Stage.DIRECTION, () -> between(sentences.source(), sentences.target()));
      made.put(sentences, direction);
    }
    return direction;
  }

  private void checkFits(EditDirection direction) {
    int tokens = model.tokenizer().maxLength();
    int width = model.unet().config().contextWidth();
    Tensor embedding = direction.embedding();
    checkArgument(
        embedding.dim(1) == tokens && embedding.dim(2) == width,
        "the edit direction is for text embeddings of %s tokens by %s, this model's are %s by %s",
        embedding.dim(1),
        embedding.dim(2),
        tokens,
        width);
    direction.checkMadeBy(model.textEncoder());
  }
}
