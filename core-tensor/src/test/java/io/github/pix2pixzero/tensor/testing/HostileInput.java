package io.github.pix2pixzero.tensor.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What no input may do to a parser, however hostile. */
public final class HostileInput {
  /**
   * Allocated whatever the input: buffers, messages, stack traces, and by the JDK the table of a
   * zip archive, 12 bytes for each of the 65,535 entries that the shortest one can claim to have.
   */
  private static final long FREE_BYTES = 1 << 20;

  private static final long BYTES_PER_BYTE = 512;

  private static final ThreadMXBean MEMORY = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @FunctionalInterface
  public interface Parser {
    /** Accepts or refuses the input; what it throws is a failure. */
    void run() throws Exception;
  }

  private HostileInput() {}

  /**
   * Requires that reading an input allocates no more than a multiple of its length. The first time
   * classes are loaded too, so an input that takes too much is read once more.
   */
  public static void assertTakesLittleMemory(byte[] input, Parser parser) throws Exception {
    long allowed = FREE_BYTES + BYTES_PER_BYTE * input.length;
    if (allocated(parser) > allowed) {
      assertThat(allocated(parser))
          .as("bytes allocated for an input of %s", input.length)
          .isLessThanOrEqualTo(allowed);
    }
  }

  private static long allocated(Parser parser) throws Exception {
    long before = MEMORY.getCurrentThreadAllocatedBytes();
    parser.run();
    return MEMORY.getCurrentThreadAllocatedBytes() - before;
  }
}
