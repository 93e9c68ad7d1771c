package io.github.pix2pixzero.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;

/**
 * PyTorch as it is installed for Python, in a process of its own. A call of {@link #run} is a burst
 * of computations that Python counts and times, as the way there and back would be a good part of a
 * small one.
 */
final class PythonPeer implements Contender {
  private static final int BURST_MILLIS = 50;

  private final Process process;
  private final InputStream in;
  private final OutputStream out;

  /** Computations, and the milliseconds they took together. */
  record Burst(long calls, double millis) {}

  /**
   * Starts the process.
   *
   * @param python the interpreter
   * @param kernel the row's name
   * @param layout {@code channels-last}, or empty for PyTorch's own
   */
  PythonPeer(String python, String kernel, String layout, int threads) {
    try {
      process = start(python, kernel, layout, Integer.toString(threads));
      in = new BufferedInputStream(process.getInputStream());
      out = process.getOutputStream();
      Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
      for (List<String> asked = words(); !asked.get(0).equals("ready"); asked = words()) {
        send(Sizes.normal(Integer.parseInt(asked.get(2)), Long.parseLong(asked.get(1))));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Which PyTorch an interpreter has.
   *
   * @throws IllegalArgumentException if there is none
   */
  static String description(String python) throws IOException {
    Process process;
    try {
      process = start(python);
    } catch (IOException e) {
      throw new IllegalArgumentException("no Python to run: " + e.getMessage(), e);
    }
    String line = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    if (line.isEmpty()) {
      throw new IllegalArgumentException(python + " has no PyTorch");
    }
    return line;
  }

  private static Process start(String python, String... arguments) throws IOException {
    Path script = ChildProcess.script(PythonPeer.class, "torch_kernels.py");
    return ChildProcess.start(
        ImmutableList.<String>builder().add(python, script.toString()).add(arguments).build());
  }

  @Override
  public Burst run() {
    try {
      ask("burst " + BURST_MILLIS);
      List<String> answer = words();
      return new Burst(Long.parseLong(answer.get(0)), Double.parseDouble(answer.get(1)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public float[] result() {
    try {
      ask("result");
      float[] result = new float[Integer.parseInt(words().get(0))];
      byte[] bytes = in.readNBytes(Float.BYTES * result.length);
      if (bytes.length < Float.BYTES * result.length) {
        throw new EOFException("PyTorch's process ended");
      }
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(result);
      return result;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void ask(String line) throws IOException {
    out.write((line + "\n").getBytes(UTF_8));
    out.flush();
  }

  private void send(float[] numbers) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(Float.BYTES * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(numbers);
    out.write(bytes.array());
    out.flush();
  }

  private List<String> words() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("PyTorch's process ended");
      }
      line.write(next);
    }
    return Splitter.on(' ').splitToList(line.toString(UTF_8));
  }
}
