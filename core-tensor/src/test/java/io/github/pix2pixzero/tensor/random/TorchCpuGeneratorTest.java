package io.github.pix2pixzero.tensor.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class TorchCpuGeneratorTest {
  /** Every number bit for bit; long draws are compared by the CRC-32 of their bytes. */
  @Test
  void drawsWhatTorchDraws() throws IOException {
    int compared = 0;
    JsonNode cases;
    try (InputStream in = getClass().getResourceAsStream("torch-draws.json")) {
      cases = new ObjectMapper().readTree(in).get("cases");
    }
    for (JsonNode theCase : cases) {
      var generator = new TorchCpuGenerator(theCase.get("seed").longValue());
      for (JsonNode call : theCase.get("calls")) {
        checkCall(generator, call);
        compared++;
      }
    }
    assertThat(compared).isEqualTo(33);
  }

  private static void checkCall(TorchCpuGenerator generator, JsonNode call) {
    String what = "seed " + generator.seed() + " " + call;
    int n = call.get("n").intValue();
    if (call.get("op").textValue().equals("randint")) {
      assertThat(generator.nextInt(n)).as(what).isEqualTo(call.get("value").intValue());
      return;
    }
    float[] drawn = new float[n + 2];
    if (call.get("op").textValue().equals("randn")) {
      generator.fillNormal(drawn, 1, n);
    } else {
      generator.fillUniform(drawn, 1, n);
    }
    assertThat(drawn[0]).as(what).isZero();
    assertThat(drawn[n + 1]).as(what).isZero();
    if (call.has("crc32")) {
      assertThat(crc32(drawn, 1, n)).as(what).isEqualTo(call.get("crc32").longValue());
      return;
    }
    assertThat(call.get("values")).hasSize(n);
    for (int i = 0; i < n; i++) {
      assertThat(drawn[i + 1]).as(what).isEqualTo(call.get("values").get(i).floatValue());
    }
  }

  private static long crc32(float[] values, int offset, int length) {
    ByteBuffer bytes = ByteBuffer.allocate(length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values, offset, length);
    var crc = new CRC32();
    crc.update(bytes);
    return crc.getValue();
  }

  /**
   * The roll amounts that diffusers' pix2pix-zero drew for 16×16 latents of four channels: of each
   * channel one below 8, at its full height, and one below 4, at half of it.
   */
  @Test
  void drawsTheRollAmountsOfThePipeline() {
    int[] rolls = {
      4, 3, 5, 0, 3, 3, 3, 3, 1, 3, 5, 2, 4, 3, 6, 0, 0, 0, 2, 1, 6, 3, 7, 2, 0, 1, 5, 1, 5, 0, 1,
      0, 3, 0, 3, 1, 6, 3, 7, 0, 2, 3, 0, 1, 3, 1, 3, 3
    };
    var generator = new TorchCpuGenerator(0);
    for (int i = 0; i < rolls.length; i++) {
      assertThat(generator.nextInt(i % 2 == 0 ? 8 : 4)).as("roll %s", i).isEqualTo(rolls[i]);
    }
  }

  @Test
  void refusesBadArguments() {
    var generator = new TorchCpuGenerator(0);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> generator.nextInt(0))
        .withMessage("bound must be positive, but is 0");
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> generator.fillNormal(new float[20], 5, 16));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> generator.fillUniform(new float[20], -1, 3));
    assertThat(generator.nextInt(1000))
        .as("a refused call draws nothing")
        .isEqualTo(new TorchCpuGenerator(0).nextInt(1000));
  }
}
