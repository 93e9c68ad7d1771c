package io.github.pix2pixzero.tensor.io;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * Feeds a parser with damaged files. Damage is drawn from a seed, so a run can be repeated; inputs
 * with an outcome not seen before, such as another complaint, are damaged further.
 *
 * <p>A parser may accept an input or refuse it by the exceptions its test allows. It fails if it
 * throws anything else, or allocates far more than the input is long.
 *
 * <p>Runs a fixed number of inputs, or with the system property {@code pix2pixzero.fuzz.seconds}
 * other ones each time for so long.
 */
final class Fuzzer {
  private static final int MAX_LENGTH = 1 << 16;
  private static final int MAX_CORPUS = 4096;

  /** Allocated whatever the input: buffers, messages, what the first calls of a class set up. */
  private static final long FREE_BYTES = 16 << 20;

  private static final long BYTES_PER_BYTE = 512;
  private static final long[] NUMBERS = {
    0,
    1,
    2,
    7,
    8,
    9,
    127,
    128,
    255,
    256,
    65535,
    65536,
    100_000_000,
    Integer.MAX_VALUE,
    1L << 31,
    0xffffffffL,
    1L << 32,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    -1,
    -2,
    -8
  };

  /** What became of an input, in words that are the same for inputs of the same kind. */
  @FunctionalInterface
  interface Target {
    String run(byte[] input) throws Exception;
  }

  private final ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final List<byte[]> corpus;
  private final List<byte[]> words;
  private final Set<String> outcomes = new HashSet<>();
  private SplittableRandom random;

  /**
   * @param corpus honest inputs
   * @param words what is worth inserting
   */
  Fuzzer(List<byte[]> corpus, List<byte[]> words) {
    this.corpus = new ArrayList<>(corpus);
    this.words = words;
  }

  /**
   * Runs the target.
   *
   * @return the different outcomes seen
   */
  Set<String> run(int inputs, Target target) {
    long seconds = Long.getLong("pix2pixzero.fuzz.seconds", 0);
    long seed = seconds > 0 ? System.nanoTime() : 1;
    random = new SplittableRandom(seed);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    List.copyOf(corpus).forEach(input -> check(target, input, seed));
    for (int i = 0; seconds > 0 ? System.nanoTime() < end : i < inputs; i++) {
      byte[] input = pick(corpus);
      for (int changes = random.nextInt(1, 6); changes > 0; changes--) {
        input = change(input);
      }
      check(target, input, seed);
    }
    return outcomes;
  }

  private void check(Target target, byte[] input, long seed) {
    long before = memory.getCurrentThreadAllocatedBytes();
    String outcome;
    try {
      outcome = target.run(input);
    } catch (Exception | Error e) {
      throw failure("an unexpected " + e, input, seed, e);
    }
    long taken = memory.getCurrentThreadAllocatedBytes() - before;
    if (taken > FREE_BYTES + BYTES_PER_BYTE * input.length) {
      throw failure("allocated %s bytes".formatted(taken), input, seed, null);
    }
    if (outcomes.add(outcome) && corpus.size() < MAX_CORPUS) {
      corpus.add(input);
    }
  }

  private static AssertionError failure(String what, byte[] input, long seed, Throwable cause) {
    return new AssertionError(
        "%s, seed %s, for the %s bytes (base64) %s"
            .formatted(what, seed, input.length, Base64.getEncoder().encodeToString(input)),
        cause);
  }

  private byte[] pick(List<byte[]> from) {
    return from.get(random.nextInt(from.size()));
  }

  private byte[] change(byte[] input) {
    int at = random.nextInt(input.length + 1);
    int to = Math.min(input.length, at + random.nextInt(1, 33));
    switch (random.nextInt(8)) {
      case 0: // flip a bit
        return input.length == at ? input : with(input, at, input[at] ^ 1 << random.nextInt(8));
      case 1: // any byte
        return input.length == at ? input : with(input, at, random.nextInt(256));
      case 2: // a number of 1, 2, 4 or 8 bytes
        return replace(input, at, Math.min(input.length, at + 8), number());
      case 3: // a number in digits
        return replace(input, at, at, Long.toString(NUMBERS[random.nextInt(NUMBERS.length)]));
      case 4: // a word
        return replace(input, at, at, pick(words));
      case 5: // something missing
        return replace(input, at, to, new byte[0]);
      case 6: // something twice, or many times
        byte[] part = replace(input, to, input.length, new byte[0]);
        part = replace(part, 0, at, new byte[0]);
        int times = random.nextInt(20) == 0 ? 2000 : 1;
        var repeated = new ByteArrayOutputStream();
        for (int i = 0; i < times && repeated.size() < MAX_LENGTH; i++) {
          repeated.writeBytes(part);
        }
        return replace(input, at, at, repeated.toByteArray());
      default: // the end of another input
        byte[] other = pick(corpus);
        int cut = random.nextInt(other.length + 1);
        return replace(input, at, input.length, replace(other, 0, cut, new byte[0]));
    }
  }

  private byte[] number() {
    long number = NUMBERS[random.nextInt(NUMBERS.length)];
    byte[] bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(number).array();
    return replace(bytes, 1 << random.nextInt(4), 8, new byte[0]);
  }

  private static byte[] with(byte[] input, int at, int value) {
    byte[] changed = input.clone();
    changed[at] = (byte) value;
    return changed;
  }

  private static byte[] replace(byte[] input, int from, int to, String text) {
    return replace(input, from, to, text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] replace(byte[] input, int from, int to, byte[] by) {
    var out = new ByteArrayOutputStream();
    out.write(input, 0, from);
    out.writeBytes(by);
    out.write(input, to, input.length - to);
    return out.size() > MAX_LENGTH ? input : out.toByteArray();
  }
}
