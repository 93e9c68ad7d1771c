package io.github.pix2pixzero.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.distill.ComodConfig;
import io.github.pix2pixzero.distill.FastConfig;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class StudentTimesTest {
  private static final String TIME = "[\\d.]*[1-9][\\d.]* \\|";

  /** Small, and without PyTorch. */
  @Test
  void everyStudentHasItsTime() throws Exception {
    String text =
        StudentTimes.run(
            new StudentTimes.Options(
                16,
                ImmutableList.of(FastConfig.slim(32), ComodConfig.slim(32)),
                EditTimes.PUBLISHED.toBuilder().steps(2).build(),
                EditTimes.DEFAULTS.toBuilder().steps(2).build(),
                OptionalDouble.of(40),
                Optional.empty(),
                Duration.ZERO));

    List<String> rows = text.lines().filter(line -> line.startsWith("| ")).toList();
    assertThat(rows).filteredOn(row -> row.contains("ms")).hasSize(4);
    assertThat(text).contains("edit of 40.0 s ÷ this");
    for (String edit : new String[] {"published edit", "default edit"}) {
      assertThat(rows)
          .anyMatch(row -> row.matches("\\| " + edit + ", 2 \\+ 2 steps \\| " + TIME + ".*"));
    }
    for (String student : new String[] {"`comod`", "`fast`"}) {
      for (String count : new String[] {"one picture", "32 pictures at once"}) {
        assertThat(rows)
            .anyMatch(row -> row.matches("\\| %s, %s \\| %s.*".formatted(student, count, TIME)));
      }
      for (int batch : new int[] {1, 16}) {
        assertThat(rows)
            .anyMatch(
                row ->
                    row.matches(
                        "\\| %s, 16 × 16, batch %s \\| %s – \\| – \\|"
                            .formatted(student, batch, TIME)));
      }
    }
    for (String student : new String[] {"`fast`, slim, 32 × 32", "`comod`, slim, 32 × 32"}) {
      assertThat(rows)
          .anyMatch(row -> row.matches("\\| %s \\| %s [\\d,]+ \\|".formatted(student, TIME)))
          .anyMatch(
              row -> row.matches("\\| %s, batch 1 \\| %s – \\| – \\|".formatted(student, TIME)));
    }
    for (String step :
        new String[] {
          "student alone", "student and discriminator", "student, discriminator and R1"
        }) {
      assertThat(rows)
          .anyMatch(row -> row.matches("\\| %s \\| %s – \\| – \\|".formatted(step, TIME)));
    }
  }
}
