package io.github.pix2pixzero.tensor.optim;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import io.github.pix2pixzero.tensor.random.PhiloxGenerator;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Batches of a data set, made ahead of their use on a thread of their own. Every epoch goes through
 * all items in an order of its own; a batch may reach into the next epoch.
 *
 * <p>What the batch of a step holds follows from the seed and the number of the step alone: to
 * resume, only the number is needed. For one thread.
 *
 * @param <T> a batch
 */
public final class BatchLoader<T> implements AutoCloseable {

  /** Makes a batch. */
  @FunctionalInterface
  public interface Decoder<T> {
    /**
     * Called on the loader's thread, in the order of the steps.
     *
     * @param items which items, from 0 on
     * @param random of this step alone, for augmentation
     */
    T decode(int[] items, PhiloxGenerator random) throws IOException;
  }

  /** Streams of the seed: orders of epochs, and what batches draw. */
  private static final long ORDERS = 0;

  private static final long DRAWS = 1;

  private final int size;
  private final int batch;
  private final int ahead;
  private final Decoder<T> decoder;
  private final PhiloxGenerator orders;
  private final PhiloxGenerator draws;
  private final Deque<Future<T>> made = new ArrayDeque<>();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread daemon = new Thread(work, "pix2pix-zero-loader");
            daemon.setDaemon(true);
            return daemon;
          });
  private long step;
  private int[] order;
  private long orderOf = -1;

  /**
   * @param size number of items, at least 1
   * @param batch items of a batch, at least 1
   * @param ahead batches made ahead, at least 1
   * @param step the first step; 0 at the beginning
   */
  public BatchLoader(int size, int batch, long seed, int ahead, long step, Decoder<T> decoder) {
    checkArgument(size > 0, "there are no items to load");
    checkArgument(batch > 0, "a batch has at least one item, got %s", batch);
    checkArgument(ahead > 0, "at least one batch is made ahead, got %s", ahead);
    checkArgument(step >= 0, "steps count from 0, got %s", step);
    this.size = size;
    this.batch = batch;
    this.ahead = ahead;
    this.step = step;
    this.decoder = decoder;
    PhiloxGenerator root = new PhiloxGenerator(seed);
    orders = root.split(ORDERS);
    draws = root.split(DRAWS);
  }

  /** The step whose batch {@link #next} gives. */
  public long step() {
    return step;
  }

  /**
   * The batch of this step; goes on to the next.
   *
   * @throws IOException if it could not be made, or this thread was interrupted
   */
  public T next() throws IOException {
    checkState(!thread.isShutdown(), "the loader is closed");
    while (made.size() <= ahead) {
      long future = step + made.size();
      made.add(thread.submit(() -> decoder.decode(items(future), draws.split(future))));
    }
    try {
      T result = made.element().get();
      made.remove();
      step++;
      return result;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a batch was made");
    } catch (ExecutionException e) {
      made.clear(); // so that the next call tries again
      Throwable cause = e.getCause();
      if (cause instanceof IOException) {
        throw (IOException) cause;
      }
      throw new IllegalStateException("the batch of step " + step + " could not be made", cause);
    }
  }

  /** The items of a step. On the loader's thread. */
  private int[] items(long of) {
    int[] items = new int[batch];
    for (int i = 0; i < batch; i++) {
      long at = of * batch + i;
      items[i] = order(at / size)[(int) (at % size)];
    }
    return items;
  }

  /** The order of an epoch: a Fisher–Yates shuffle. */
  private int[] order(long epoch) {
    if (epoch != orderOf) {
      PhiloxGenerator random = orders.split(epoch);
      order = new int[size];
      for (int i = 0; i < size; i++) {
        int j = random.nextInt(i + 1);
        order[i] = order[j];
        order[j] = i;
      }
      orderOf = epoch;
    }
    return order;
  }

  /** Stops making batches. */
  @Override
  public void close() {
    thread.shutdownNow();
  }
}
