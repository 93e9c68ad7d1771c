package io.github.pix2pixzero.tensor.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PhiloxGeneratorTest {
  /** The known answers published with Random123 for philox4x32, 10 rounds. */
  @Test
  void givesTheKnownAnswers() {
    assertThat(block(0, 0, 0, 0, 0, 0))
        .containsExactly(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
    assertThat(block(-1, -1, -1, -1, -1, -1))
        .containsExactly(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
    assertThat(block(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0))
        .containsExactly(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1);
  }

  @Test
  void goesOnFromAPosition() {
    for (int drawn = 0; drawn < 11; drawn++) {
      PhiloxGenerator first = new PhiloxGenerator(5);
      first.fillUniform(new float[drawn], 0, drawn);
      first.normal(drawn % 3);
      PhiloxGenerator second = new PhiloxGenerator(5);
      second.normal(4);
      second.seek(PhiloxGenerator.Position.parse(first.position().toString()));
      assertThat(second.position()).isEqualTo(first.position());
      assertThat(second.normal(3)).isEqualTo(first.normal(3));
      assertThat(second.nextInt(1000)).isEqualTo(first.nextInt(1000));
    }
    PhiloxGenerator fresh = new PhiloxGenerator(5);
    assertThat(fresh.position()).isEqualTo(PhiloxGenerator.Position.ZERO);
    float[] numbers = fresh.normal(3);
    fresh.seek(PhiloxGenerator.Position.ZERO);
    assertThat(fresh.normal(3)).isEqualTo(numbers);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PhiloxGenerator.Position.parse("-1:0"))
        .withMessage("'-1:0' is no position of a generator");
  }

  private static int[] block(int c0, int c1, int c2, int c3, int k0, int k1) {
    int[] out = new int[4];
    PhiloxGenerator.block(join(c0, c1), c2, c3, join(k0, k1), out);
    return out;
  }

  private static long join(int low, int high) {
    return Integer.toUnsignedLong(low) | (long) high << 32;
  }

  @Test
  void mapsWordsToNumbersAsDocumented() {
    float[] uniform = new float[5];
    new PhiloxGenerator(0).fillUniform(uniform, 0, 5);
    assertThat(uniform).startsWith(0x6627e8 * 0x1p-24f, 0xe169c5 * 0x1p-24f, 0xbc57ac * 0x1p-24f);
    int[] second = block(1, 0, 0, 0, 0, 0);
    assertThat(uniform[4]).isEqualTo((second[0] >>> 8) * 0x1p-24f);

    double radius = Math.sqrt(-2 * Math.log((0x6627e8d5L + 0.5) / 0x1p32));
    double theta = 2 * Math.PI * (0xe169c58dL / 0x1p32);
    float[] normal = new PhiloxGenerator(0).normal(2);
    assertThat((double) normal[0]).isEqualTo(radius * Math.cos(theta), within(1e-7));
    assertThat((double) normal[1]).isEqualTo(radius * Math.sin(theta), within(1e-7));

    assertThat(new PhiloxGenerator(0).nextInt(1000)).isEqualTo((int) (0x6627e8d5L * 1000 >>> 32));
  }

  @Test
  void theLengthsAskedForDoNotMatter() {
    float[] whole = new PhiloxGenerator(3).normal(16);
    var generator = new PhiloxGenerator(3);
    float[] parts = new float[16];
    generator.fillNormal(parts, 0, 7);
    generator.fillNormal(parts, 7, 9);
    assertThat(parts).containsExactly(whole);
  }

  @Test
  void splitsDependOnSeedAndStreamAlone() {
    var parent = new PhiloxGenerator(5);
    float[] before = parent.split(2).normal(8);
    parent.normal(100);
    parent.split(1);
    PhiloxGenerator after = parent.split(2);
    assertThat(after.normal(8)).containsExactly(before);
    assertThat(new PhiloxGenerator(after.seed()).normal(8)).containsExactly(before);

    Set<Long> seeds = new HashSet<>();
    seeds.add(parent.seed());
    for (long stream = -500; stream < 500; stream++) {
      PhiloxGenerator child = parent.split(stream);
      seeds.add(child.seed());
      seeds.add(child.split(0).seed());
      seeds.add(new PhiloxGenerator(6).split(stream).seed());
    }
    assertThat(seeds).hasSize(3001);
  }

  @Test
  void momentsAndCorrelationAreThoseOfIndependentNormals() {
    int n = 200_000;
    var parent = new PhiloxGenerator(1);
    float[] a = parent.split(0).normal(n);
    float[] b = parent.split(1).normal(n);
    double sum = 0;
    double squares = 0;
    double fourth = 0;
    double products = 0;
    for (int i = 0; i < n; i++) {
      sum += a[i];
      squares += a[i] * a[i];
      fourth += Math.pow(a[i], 4);
      products += a[i] * b[i];
    }
    double sigma = 1 / Math.sqrt(n); // tolerances are 4 standard deviations
    assertThat(sum / n).isEqualTo(0, within(4 * sigma));
    assertThat(squares / n).isEqualTo(1, within(4 * Math.sqrt(2) * sigma));
    assertThat(fourth / n).isEqualTo(3, within(4 * Math.sqrt(96) * sigma));
    assertThat(products / n).isEqualTo(0, within(4 * sigma));
  }

  @Test
  void integersAreUniformAlsoForAwkwardBounds() {
    int bound = 3 << 29; // a third of all words would be biased
    int draws = 30_000;
    int[] counts = new int[3];
    var generator = new PhiloxGenerator(9);
    for (int i = 0; i < draws; i++) {
      int drawn = generator.nextInt(bound);
      assertThat(drawn).isBetween(0, bound - 1);
      counts[drawn >>> 29]++;
    }
    for (int count : counts) {
      assertThat(count).isCloseTo(draws / 3, within(400)); // 5 standard deviations
    }
    assertThat(generator.nextInt(1)).isZero();
    assertThatIllegalArgumentException().isThrownBy(() -> generator.nextInt(-1));
  }
}
