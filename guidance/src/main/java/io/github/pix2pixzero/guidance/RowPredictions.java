package io.github.pix2pixzero.guidance;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.inversion.FinitePredictions;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.unet.AttentionControl;
import io.github.pix2pixzero.unet.PromptRow;
import io.github.pix2pixzero.unet.RepeatedPass;
import io.github.pix2pixzero.unet.TextContext;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import io.github.pix2pixzero.unet.UNet2DConditionModel.WithDeep;
import java.util.Collections;
import java.util.List;

/** The network's predictions for several prompts of one latent, at each of its timesteps. */
final class RowPredictions implements AutoCloseable {
  /** Pixels of a latent that keep all cores busy by itself. */
  static final int LARGE_LATENT = 32 * 32;

  private final ImmutableList<Batch> batches;
  private final int deepEvery;
  private int steps;
  private boolean checked;

  /** Always of the whole network. */
  RowPredictions(
      UNet2DConditionModel unet,
      Prompts prompts,
      ImmutableList<PromptRow> rows,
      boolean together,
      AttentionControl control) {
    this(unet, prompts, rows, together, control, 1);
  }

  /**
   * @param rows the prompts to predict for
   * @param together whether in one batch or one by one, which for large latents takes as long, in a
   *     third of the memory
   * @param control asked at every attention site
   * @param deepEvery every so many steps the whole network predicts, else its finest level alone
   */
  RowPredictions(
      UNet2DConditionModel unet,
      Prompts prompts,
      ImmutableList<PromptRow> rows,
      boolean together,
      AttentionControl control,
      int deepEvery) {
    this.deepEvery = deepEvery;
    List<? extends List<PromptRow>> parts =
        together ? List.of(rows) : rows.stream().map(List::of).toList();
    batches =
        parts.stream()
            .map(prompts::context)
            .map(context -> new Batch(unet, context, control))
            .collect(ImmutableList.toImmutableList());
  }

  /** The rows that are predicted in one pass. */
  private static final class Batch implements AutoCloseable {
    private final TextContext context;
    private final RepeatedPass whole;
    private final RepeatedPass finest;
    private Tensor deep;

    Batch(UNet2DConditionModel unet, TextContext context, AttentionControl control) {
      this.context = context;
      boolean repeatable = control == AttentionControl.NONE;
      whole =
          new RepeatedPass(
              unet,
              repeatable,
              (latents, timestep) -> {
                Tensor rows = batch(latents.get(0), context);
                WithDeep both = unet.forwardAll(rows, timestep, context, control);
                return List.of(both.prediction(), both.deep());
              });
      finest =
          new RepeatedPass(
              unet,
              repeatable,
              (latents, timestep) -> {
                Tensor rows = batch(latents.get(0), context);
                return List.of(
                    unet.forwardFinest(rows, latents.get(1), timestep, context, control));
              });
    }

    /**
     * The prediction at a latent.
     *
     * @param last whether nobody reads the deep features again
     */
    Tensor at(int timestep, Tensor latent, boolean fresh, boolean last) {
      List<Tensor> results = fresh ? whole.at(timestep, latent) : finest.at(timestep, latent, deep);
      if (last) {
        forget();
      } else if (fresh) {
        deep = Scope.outlive(results.get(1));
      }
      return results.get(0);
    }

    private void forget() {
      if (deep != null) {
        Scope.release(deep);
        deep = null;
      }
    }

    @Override
    public void close() {
      whole.close();
      finest.close();
      forget();
    }
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
    boolean fresh = steps % deepEvery == 0;
    steps++;
    boolean last = steps % deepEvery == 0;
    for (Batch batch : batches) {
      Tensor predicted = batch.at(timestep, latent, fresh, last);
      if (!checked) {
        FinitePredictions.require(predicted, timestep);
      }
      predictions.putAll(split(predicted, batch.context));
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
    batches.forEach(Batch::close);
  }
}
