package io.github.pix2pixzero.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.random.Generator;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class HeldOutScoresTest {
  private static final int SIZE = 16;
  private static final Backend BACKEND = Backends.named("plain", 1);
  private static final List<Pair> PAIRS = Shapes.pairs(1, SIZE);

  /** Answers what a function makes of the pair. */
  private record Answering(Function<Pair, float[]> answer) implements Student {
    @Override
    public StudentConfig config() {
      return FastConfig.small(SIZE, 4);
    }

    @Override
    public Answer answer(Tensor source) {
      return new Answer(Tensor.of(BACKEND, answer.apply(PAIRS.get(0)), 1, SIZE, SIZE, 3), null);
    }

    @Override
    public Answer answer(Tensor source, List<? extends Generator> random) {
      return answer(source);
    }
  }

  private static HeldOutScores scores(Function<Pair, float[]> answer) throws IOException {
    return HeldOutScores.of(new Answering(answer), BACKEND, PairSource.of(PAIRS), 5);
  }

  @Test
  void theTargetIsPerfect() throws IOException {
    assertThat(scores(Pair::target)).isEqualTo(new HeldOutScores(1, 78, 78, 0, 1));
  }

  @Test
  void aCopyIsAllResidue() throws IOException {
    HeldOutScores scores = scores(Pair::source);
    assertThat(scores.residue()).isCloseTo(1, within(1e-6));
    assertThat(scores.outside()).isEqualTo(78);
    assertThat(scores.inside()).isLessThan(10);
  }

  @Test
  void withoutPairsThereIsNoScore() throws IOException {
    Student student = new Answering(Pair::source);
    assertThat(HeldOutScores.of(student, BACKEND, PairSource.of(List.of()), 5)).isNull();
  }
}
