package io.github.pix2pixzero.distill;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.distill.Goldens.Vectors;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.testing.TestBackends;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The generator and the discriminator, forward, from files. */
class ComodGoldensTest {
  private static final int MIXED_FROM = 3;

  static Stream<Arguments> heads() {
    return TestBackends.cpu()
        .flatMap(backend -> Stream.of(Head.values()).map(head -> Arguments.of(backend, head)));
  }

  @ParameterizedTest
  @MethodSource("heads")
  void agreesWithTorch(Backend backend, Head head) throws IOException {
    String prefix = head.name().toLowerCase(Locale.ROOT) + ".";
    Vectors io = new Vectors(backend, "io.safetensors");
    String file = "generator-" + head.name().toLowerCase(Locale.ROOT) + ".safetensors";
    try (SafetensorsFile generator = SafetensorsFile.open(Goldens.path(file));
        SafetensorsFile critic = SafetensorsFile.open(Goldens.path("discriminator.safetensors"))) {
      Weights weights = Weights.of(backend, generator);
      ComodStudent student = new ComodStudent(weights, Goldens.config(head));
      assertThat(weights.leftovers()).isEmpty();
      Weights criticWeights = Weights.of(backend, critic);
      Discriminator discriminator =
          new Discriminator(criticWeights, 16, List.of(10, 8, 6), Goldens.GROUP);
      assertThat(criticWeights.leftovers()).isEmpty();

      Tensor source = io.picture("source");
      Tensor w = student.style(io.tensor("z"));
      io.assertOutput(w, prefix + "w");
      Map<String, Tensor> seen = new HashMap<>();
      Chance chance = io.chance(student.styles(w), Goldens.BATCH, true);
      Student.Answer answer = student.answer(source, chance, seen::put);
      assertThat(seen).hasSize(8);
      seen.forEach((name, tensor) -> io.assertOutput(tensor, prefix + name));
      io.assertOutput(answer.picture(), prefix + "out");
      if (head == Head.BLEND) {
        io.assertOutput(answer.maskLogits().sigmoid(), prefix + "mask");
      } else {
        assertThat(answer.maskLogits()).isNull();
      }

      List<Tensor> mixed = new ArrayList<>(student.styles(w));
      Tensor second = student.style(io.tensor("z2"));
      for (int i = MIXED_FROM; i < mixed.size(); i++) {
        mixed.set(i, second);
      }
      io.assertOutput(
          student.answer(source, io.chance(mixed, Goldens.BATCH, true)).picture(),
          prefix + "out-mixed-from-3");
      Tensor mean = io.tensor(prefix + "wMean");
      Tensor truncated = mean.add(w.sub(mean).mul(0.5f));
      io.assertOutput(
          student
              .answer(source, io.chance(student.styles(truncated), Goldens.BATCH, false))
              .picture(),
          prefix + "out-truncated-0.5-no-dropout");

      io.assertOutput(discriminator.scores(answer.picture(), source), prefix + "scores");
      io.assertOutput(discriminator.scores(io.picture("target"), source), "scores-real");
    }
  }
}
