package io.github.pix2pixzero.cuda;

import static org.bytedeco.cuda.global.cudart.CU_STREAM_CAPTURE_MODE_RELAXED;
import static org.bytedeco.cuda.global.cudart.cuGraphDestroy;
import static org.bytedeco.cuda.global.cudart.cuGraphExecDestroy;
import static org.bytedeco.cuda.global.cudart.cuGraphInstantiate;
import static org.bytedeco.cuda.global.cudart.cuGraphLaunch;
import static org.bytedeco.cuda.global.cudart.cuStreamBeginCapture;
import static org.bytedeco.cuda.global.cudart.cuStreamEndCapture;

import org.bytedeco.cuda.cudart.CUgraphExec_st;
import org.bytedeco.cuda.cudart.CUgraph_st;

/**
 * The kernels that a piece of work launched, to be launched again as a whole: what a step of
 * thousands of small launches costs the host is paid once. A replay reads and writes the very
 * storages the recorded work did; the memory that it took meanwhile is its own until it is closed.
 */
public final class CudaGraph implements AutoCloseable {
  private final Device device;
  private final DevicePool.Recording recording;
  private final CUgraphExec_st executable = new CUgraphExec_st();
  private boolean closed;

  private CudaGraph(Device device, DevicePool.Recording recording) {
    this.device = device;
    this.recording = recording;
  }

  static CudaGraph record(Device device, Runnable work) {
    device.enter();
    CudaGraph graph = new CudaGraph(device, device.pool().record());
    CUgraph_st captured = new CUgraph_st();
    try {
      Driver.check(
          cuStreamBeginCapture(device.stream(), CU_STREAM_CAPTURE_MODE_RELAXED),
          "cuStreamBeginCapture");
      try {
        work.run();
      } finally {
        int status = cuStreamEndCapture(device.stream(), captured);
        device.pool().stop();
        Driver.check(status, "cuStreamEndCapture");
      }
      Driver.check(cuGraphInstantiate(graph.executable, captured, 0), "cuGraphInstantiate");
      Driver.check(cuGraphDestroy(captured), "cuGraphDestroy");
      return graph;
    } catch (RuntimeException | Error e) {
      device.pool().release(graph.recording);
      throw e;
    }
  }

  /** Launches the recorded kernels again, in their order, after all that was launched before. */
  public void replay() {
    if (closed) {
      throw new IllegalStateException("the graph is closed");
    }
    device.enter();
    Driver.check(cuGraphLaunch(executable, device.stream()), "cuGraphLaunch");
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      device.synchronize();
      Driver.check(cuGraphExecDestroy(executable), "cuGraphExecDestroy");
      device.pool().release(recording);
    }
  }
}
