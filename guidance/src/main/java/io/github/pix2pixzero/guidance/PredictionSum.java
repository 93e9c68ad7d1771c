package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.unet.PromptRow;
import java.util.Map;

/**
 * What a step is taken along: the prediction for one prompt, and weighted differences between those
 * for two, {@code base + Σ weight (to - from)}. A difference whose weight is 0 is left out, and
 * what only it needs is never predicted.
 *
 * @param base the prompt whose prediction the sum starts from
 * @param terms the differences, none with a weight of 0
 */
public record PredictionSum(PromptRow base, ImmutableList<Term> terms) {

  /** A weighted difference of two predictions. */
  public record Term(double weight, PromptRow from, PromptRow to) {}

  /** The prediction for one prompt. */
  public static PredictionSum of(PromptRow row) {
    return new PredictionSum(row, ImmutableList.of());
  }

  /**
   * Classifier-free guidance (Ho and Salimans, 2022): from the prediction for the negative prompt
   * so many times the way to that for another. A scale of 1 turns it off, smaller ones lead towards
   * the negative prompt.
   */
  public static PredictionSum classifierFree(PromptRow row, double scale) {
    return scale == 1 ? of(row) : of(PromptRow.NEGATIVE).plus(scale, PromptRow.NEGATIVE, row);
  }

  /** The sum with one more difference. */
  public PredictionSum plus(double weight, PromptRow from, PromptRow to) {
    checkArgument(Double.isFinite(weight), "the weight of a prediction is %s", weight);
    return weight == 0
        ? this
        : new PredictionSum(
            base,
            ImmutableList.<Term>builder().addAll(terms).add(new Term(weight, from, to)).build());
  }

  /** The prompts whose predictions are needed, in the order of the sum. */
  public ImmutableList<PromptRow> rows() {
    ImmutableSet.Builder<PromptRow> rows = ImmutableSet.<PromptRow>builder().add(base);
    terms.forEach(term -> rows.add(term.from(), term.to()));
    return rows.build().asList();
  }

  /**
   * The sum.
   *
   * @param predictions of all {@link #rows}, and perhaps of others
   */
  public Tensor of(Map<PromptRow, Tensor> predictions) {
    Tensor sum = predictions.get(base);
    for (Term term : terms) {
      Tensor difference = predictions.get(term.to()).sub(predictions.get(term.from()));
      sum = sum.add(difference.mul((float) term.weight()));
    }
    return sum;
  }
}
