package io.github.pix2pixzero;

import static com.google.common.base.Preconditions.checkNotNull;

import io.github.pix2pixzero.Progress.Stage;
import io.github.pix2pixzero.inversion.StepListener;
import io.github.pix2pixzero.tensor.Cancellation;
import io.github.pix2pixzero.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Work of several stages, while a listener is kept up to date with it. The work ends before the
 * next pass through a network when the listener or an interruption of the thread asks for it.
 */
final class Work implements AutoCloseable {
  private final ProgressListener listener;
  private final Function<Tensor, BufferedImage> decoder;
  private final Cancellation watch;
  private final Map<Stage, Double> weights = new EnumMap<>(Stage.class);
  private final int items;
  private int item;
  private double total;
  private double finished;
  private double reached;

  /**
   * Begins the work.
   *
   * @param decoder from a latent to a preview
   * @param items how many pictures the work is about
   */
  Work(ProgressListener listener, Function<Tensor, BufferedImage> decoder, int items) {
    this.listener = checkNotNull(listener, "listener");
    this.decoder = decoder;
    this.items = items;
    watch = Cancellation.watch(listener::isCancelled);
  }

  /**
   * Expects a stage, so that the fraction of the whole can be told.
   *
   * @param passes how long the stage takes, as so many predictions of the network
   * @param times how often it will be gone through
   */
  Work expect(Stage stage, double passes, int times) {
    weights.merge(stage, passes, Double::sum);
    total += passes * times;
    return this;
  }

  /** Says which picture the stages are about from here on. */
  void startItem(int number) {
    item = number;
  }

  /** Gives the listener an edit that is done. */
  void edited(Edit edit) {
    listener.edited(item, edit);
  }

  /** A stage of one step. */
  <T> T once(Stage stage, Supplier<T> step) {
    Cancellation.check();
    tell(stage, 0, 1);
    T result = step.get();
    tell(stage, 1, 1);
    finish(stage);
    return result;
  }

  /** A stage of a run of single latents. */
  StepListener<Tensor> steps(Stage stage) {
    return steps(stage, latent -> latent);
  }

  /**
   * A stage of a run.
   *
   * @param shown the latent that previews show
   */
  <T> StepListener<T> steps(Stage stage, Function<T, Tensor> shown) {
    PreviewDecoder previews = new PreviewDecoder(decoder, listener.decodeEvery());
    return new StepListener<>() {
      @Override
      public void began(int steps) {
        Cancellation.check();
        tell(stage, 0, steps);
      }

      @Override
      public void stepped(int step, int steps, T current) {
        int done = step + 1;
        Progress progress = tell(stage, done, steps);
        int every = listener.previewEvery();
        boolean isPicture = stage == Stage.EDIT || stage == Stage.GENERATE;
        if (isPicture && every > 0 && done % every == 0) {
          listener.previewed(progress, previews.preview(done, shown.apply(current)));
        }
        if (done == steps) {
          finish(stage);
        }
      }
    };
  }

  private Progress tell(Stage stage, int done, int steps) {
    double stands = finished + weights.getOrDefault(stage, 0.0) * done / steps;
    reached = total == 0 ? 0 : Math.max(reached, Math.min(1, stands / total));
    Progress progress = new Progress(stage, done, steps, reached, item, items);
    listener.progressed(progress);
    return progress;
  }

  private void finish(Stage stage) {
    finished += weights.getOrDefault(stage, 0.0);
  }

  @Override
  public void close() {
    watch.close();
  }
}
