package io.github.pix2pixzero.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.Progress;
import io.github.pix2pixzero.Progress.Stage;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private final StringWriter text = new StringWriter();
  private final PrintWriter err = new PrintWriter(text, true);

  @Test
  void linesHoldNoControlCharacters() {
    show(new ProgressLines(err));
    assertThat(text.toString())
        .isEqualToNormalizingNewlines("inverting, 3 steps\nediting, 3 steps\n");
  }

  @Test
  void barsAreRedrawnInPlaceAndEndTheirLine() {
    show(new ProgressBars(err));
    String[] lines = text.toString().split("\\R(?=\r|$)");
    assertThat(lines).hasSize(2);
    assertThat(lines[0]).startsWith("\rinverting").contains("3/3");
    assertThat(lines[1]).startsWith("\rediting").contains("3/3");
    assertThat(text.toString()).endsWith(System.lineSeparator());
    for (String drawing : text.toString().split("[\r\n]+")) {
      assertThat(drawing).hasSizeLessThan(80);
    }
  }

  @Test
  void aBarThatIsBrokenOffEndsItsLine() {
    ProgressBars bars = new ProgressBars(err);
    try (bars) {
      bars.progressed(at(Stage.INVERT, 0));
      bars.progressed(at(Stage.INVERT, 1));
    }
    assertThat(text.toString()).endsWith(System.lineSeparator());
  }

  private static void show(CommandProgress progress) {
    try (progress) {
      for (Stage stage : new Stage[] {Stage.INVERT, Stage.EDIT}) {
        for (int done = 0; done <= 3; done++) {
          progress.progressed(at(stage, done));
        }
      }
    }
  }

  private static Progress at(Stage stage, int done) {
    return new Progress(stage, done, 3, 0, 0, 1);
  }
}
