package io.github.pix2pixzero.benchmarks;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.runner.IterationType;

/**
 * All contenders for one kernel in one process, who take turns from iteration to iteration, so that
 * what else goes on in the machine hits them alike. The warm-up is ours but for one iteration of
 * each peer, whose code is compiled already. Between warm-up and measurement the peers' results are
 * compared with ours.
 */
@State(org.openjdk.jmh.annotations.Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class KernelBenchmark {
  /**
   * Threads of OpenBLAS and OpenMP go on spinning for a while after a product, on processors that
   * whose turn is next would need.
   */
  private static final long REST_MILLIS = 250;

  @Param("")
  public String kernel;

  @Param("2")
  public int threads;

  @Param("true")
  public boolean peers;

  @Param("")
  public String python;

  private ImmutableList<Contender> contenders;
  private Contender current;
  private int warmups;
  private int measured;

  @Setup(Level.Trial)
  public void prepare() {
    Kernel row = Kernels.named(kernel);
    contenders =
        row.names(peers).stream()
            .map(name -> row.contender(name, threads, python))
            .collect(toImmutableList());
  }

  @Setup(Level.Iteration)
  public void takeTurns(IterationParams iteration) throws InterruptedException {
    if (iteration.getType() == IterationType.WARMUP) {
      int ours = iteration.getCount() - (contenders.size() - 1);
      current = contenders.get(Math.max(0, ++warmups - ours));
      return;
    }
    if (measured == 0) {
      compare(contenders);
    }
    current = contenders.get(measured++ % contenders.size());
    Thread.sleep(REST_MILLIS);
  }

  /** Of a contender with a clock of its own: what it counted and timed in an iteration. */
  @AuxCounters(AuxCounters.Type.EVENTS)
  @State(org.openjdk.jmh.annotations.Scope.Thread)
  public static class OwnClock {
    public long calls;
    public double millis;
  }

  @Benchmark
  public Object run(OwnClock clock) {
    Object result = current.run();
    if (result instanceof PythonPeer.Burst burst) {
      clock.calls += burst.calls();
      clock.millis += burst.millis();
    }
    return result;
  }

  private void compare(List<Contender> all) {
    float[] ours = all.get(0).result();
    for (Contender peer : all.subList(1, all.size())) {
      Agreement.check(kernel, ours, peer.result());
    }
  }
}
