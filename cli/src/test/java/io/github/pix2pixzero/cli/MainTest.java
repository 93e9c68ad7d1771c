package io.github.pix2pixzero.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  @Test
  void helpNamesTheCommands() {
    CommandLineRun run = CommandLineRun.of("--help");
    assertThat(run.code()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("Usage: pix2pix-zero").contains("edit");
  }

  @Test
  void helpOfEditNamesEveryOption() {
    CommandLineRun run = CommandLineRun.of("edit", "--help");
    assertThat(run.code()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains("pix2pix-zero edit INPUT -o OUTPUT --from WORD --to WORD")
        .contains("--output", "--from", "--to", "--direction", "--source-sentences")
        .contains("--target-sentences", "--caption", "--model", "--steps", "--guidance-amount")
        .contains("--guidance-scale", "--gradient", "--negative-prompt", "--seed", "--threads")
        .contains("--device", "--save-latents", "--verbose")
        .doesNotContain("\033");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--version", "-V"})
  void versionIsThatOfThePom(String option) {
    CommandLineRun run = CommandLineRun.of(option);
    assertThat(run.code()).isZero();
    assertThat(run.out().strip()).matches("pix2pix-zero [0-9]+\\.[0-9]+\\.[0-9]+(-SNAPSHOT)?");
  }

  @Test
  void whatIsCalledOtherwiseElsewhereIsKnown() {
    for (String words :
        new String[] {
          "edit cat.png -o dog.png --caption cat --prompt dog --cfg-scale 5",
          "generate cat -o cat.png --cfg-scale 5"
        }) {
      assertThat(Main.commandLine(null).parseArgs(words.split(" ")).errors()).isEmpty();
    }
  }

  /** As into a full disk, or a program that has ended. */
  @Test
  void outputThatIsLostIsAnError() {
    StringWriter err = new StringWriter();
    Writer full =
        new Writer() {
          @Override
          public void write(char[] text, int start, int length) throws IOException {
            throw new IOException("full");
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    int code = Main.run(new String[] {"--help"}, new PrintWriter(full), new PrintWriter(err, true));
    assertThat(code).isEqualTo(1);
    assertThat(err.toString().strip()).isEqualTo("pix2pix-zero: cannot write to standard output");
  }
}
