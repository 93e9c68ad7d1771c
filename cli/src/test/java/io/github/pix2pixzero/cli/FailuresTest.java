package io.github.pix2pixzero.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class FailuresTest {
  @Command
  private static final class Nothing {}

  @Test
  void everyFaultHasALineOfItsOwn() {
    StringWriter err = new StringWriter();
    CommandLine line = new CommandLine(new Nothing()).setErr(new PrintWriter(err));
    int code = Failures.execution(new IOException("m: a is missing\r\n m: b is missing\n"), line);
    assertThat(code).isEqualTo(1);
    assertThat(err.toString().lines())
        .containsExactly("pix2pix-zero: m: a is missing", "  m: b is missing");
  }
}
