package io.github.pix2pixzero.guidance;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.inversion.FinitePredictions;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.unet.AttentionControl;
import io.github.pix2pixzero.unet.PromptRow;
import io.github.pix2pixzero.unet.RepeatedPass;
import io.github.pix2pixzero.unet.TextContext;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import java.util.Collections;
import java.util.List;

/** The network's predictions for several prompts of one latent, at each of its timesteps. */
final class RowPredictions implements AutoCloseable {
  /** Pixels of a latent that keep all cores busy by itself. */
  static final int LARGE_LATENT = 32 * 32;

  private final ImmutableList<Batch> batches;
  private boolean checked;

  private record Batch(TextContext context, RepeatedPass pass) {}

  /**
   * @param rows the prompts to predict for
   * @param together whether in one batch or one by one, which for large latents takes as long, in a
   *     third of the memory
   * @param control asked at every attention site
   */
  RowPredictions(
      UNet2DConditionModel unet,
      Prompts prompts,
      ImmutableList<PromptRow> rows,
      boolean together,
      AttentionControl control) {
    List<? extends List<PromptRow>> parts =
        together ? List.of(rows) : rows.stream().map(List::of).toList();
    batches =
        parts.stream()
            .map(prompts::context)
            .map(context -> new Batch(context, pass(unet, context, control)))
            .collect(ImmutableList.toImmutableList());
  }

  private static RepeatedPass pass(
      UNet2DConditionModel unet, TextContext context, AttentionControl control) {
    return new RepeatedPass(
        unet,
        control == AttentionControl.NONE,
        (latents, timestep) ->
            List.of(unet.forward(batch(latents.get(0), context), timestep, context, control)));
  }

  /** Says that the first predictions of the run have been another's. */
  void goOn() {
    checked = true;
  }

  /**
   * The predictions by prompt, in the caller's scope.
   *
   * @throws ArithmeticException if the first ones are not of finite numbers
   */
  ImmutableMap<PromptRow, Tensor> at(int timestep, Tensor latent) {
    ImmutableMap.Builder<PromptRow, Tensor> predictions = ImmutableMap.builder();
    for (Batch batch : batches) {
      Tensor predicted = batch.pass().at(timestep, latent).get(0);
      if (!checked) {
        FinitePredictions.require(predicted, timestep);
      }
      predictions.putAll(split(predicted, batch.context()));
    }
    checked = true;
    return predictions.buildOrThrow();
  }

  /** A latent, once for every row of a context. */
  static Tensor batch(Tensor latent, TextContext context) {
    int rows = context.rows().size();
    return rows == 1
        ? latent
        : Tensor.concat(0, Collections.nCopies(rows, latent).toArray(Tensor[]::new));
  }

  /** What a network made of a batch, by the names of its rows. */
  static ImmutableMap<PromptRow, Tensor> split(Tensor batch, TextContext context) {
    ImmutableMap.Builder<PromptRow, Tensor> rows = ImmutableMap.builder();
    for (int i = 0; i < context.rows().size(); i++) {
      rows.put(context.rows().get(i), batch.slice(0, i, i + 1));
    }
    return rows.buildOrThrow();
  }

  @Override
  public void close() {
    batches.forEach(batch -> batch.pass().close());
  }
}
