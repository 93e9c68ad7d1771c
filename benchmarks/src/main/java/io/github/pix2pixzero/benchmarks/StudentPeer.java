package io.github.pix2pixzero.benchmarks;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;

/** The same students in PyTorch, with the same threads and for as long; or nobody. */
final class StudentPeer {
  private final Optional<String> python;
  private final int threads;
  private final Duration time;

  /**
   * What it says.
   *
   * @param numbers some of the answer, evenly spread over [batch, height, width, 3]
   */
  private record Said(
      @JsonProperty("seconds") double seconds, @JsonProperty("numbers") float[] numbers) {}

  /**
   * @param python an interpreter that has torch and safetensors
   * @param time how long each row is warmed up, and then measured
   */
  StudentPeer(Optional<String> python, int threads, Duration time) {
    this.python = python;
    this.threads = threads;
    this.time = time;
  }

  /**
   * Seconds of an answer to a batch, which has to be ours.
   *
   * @param student a folder
   * @param ours the answer, [batch, height, width, 3]
   * @return empty if there is no peer
   * @throws IllegalStateException if the answers differ
   */
  OptionalDouble forward(Path student, int batch, float[] ours) throws IOException {
    Optional<Said> said = ask("forward", student.toString(), Integer.toString(batch));
    if (said.isEmpty()) {
      return OptionalDouble.empty();
    }
    float[] numbers = said.get().numbers();
    int every = Math.max(1, ours.length / 1000);
    float[] some = new float[(ours.length + every - 1) / every];
    for (int i = 0; i < some.length; i++) {
      some[i] = ours[i * every];
    }
    Agreement.check("the answer of " + student, some, numbers);
    return OptionalDouble.of(said.get().seconds());
  }

  /**
   * Seconds of a step of training.
   *
   * @param kind what there is beside the differences: {@code l1}, {@code gan} or {@code r1}
   * @return empty if there is no peer
   */
  OptionalDouble step(Path student, String kind, int batch) throws IOException {
    return ask("step", student.toString(), kind, Integer.toString(batch))
        .map(said -> OptionalDouble.of(said.seconds()))
        .orElse(OptionalDouble.empty());
  }

  private Optional<Said> ask(String... row) throws IOException {
    if (python.isEmpty()) {
      return Optional.empty();
    }
    ImmutableList<String> command =
        ImmutableList.<String>builder()
            .add(python.get(), ChildProcess.script(StudentPeer.class, "students.py").toString())
            .add(row)
            .add(Integer.toString(threads), Double.toString(time.toMillis() / 1e3))
            .build();
    return Optional.of(ChildProcess.run(command, Said.class));
  }
}
