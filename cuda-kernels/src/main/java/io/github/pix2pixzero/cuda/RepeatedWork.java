package io.github.pix2pixzero.cuda;

import io.github.pix2pixzero.tensor.backend.Repeatable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work that is recorded when it is done a second time, and replayed from then on. The first time
 * makes what is made once: modules that are loaded, the keys and values of a prompt.
 */
final class RepeatedWork implements Repeatable {
  private static final Logger LOG = LoggerFactory.getLogger(RepeatedWork.class);

  private final DeviceBackend backend;
  private final Runnable work;
  private int runs;
  private CudaGraph graph;

  RepeatedWork(DeviceBackend backend, Runnable work) {
    this.backend = backend;
    this.work = work;
  }

  @Override
  public void run() {
    if (runs++ == 1) {
      try {
        graph = backend.record(work);
      } catch (CudaException e) {
        LOG.warn("A step is not recorded, its kernels are launched each time: {}", e.getMessage());
      }
    }
    if (graph == null) {
      work.run();
    } else {
      graph.replay();
    }
  }

  @Override
  public void close() {
    if (graph != null) {
      graph.close();
    }
  }
}
