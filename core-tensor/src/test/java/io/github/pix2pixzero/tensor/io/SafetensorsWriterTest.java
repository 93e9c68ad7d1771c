package io.github.pix2pixzero.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.io.Resources;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
  @TempDir Path directory;

  private static byte[] bytes(SafetensorsWriter writer) throws IOException {
    var out = new ByteArrayOutputStream();
    writer.write(out);
    return out.toByteArray();
  }

  @Test
  void writesTheBytesOfThePythonLibraryInWhateverOrder() throws IOException {
    byte[] python = Resources.toByteArray(Resources.getResource(getClass(), "python.safetensors"));
    try (var file = SafetensorsFile.of(python, "python.safetensors")) {
      List<String> names = new ArrayList<>(file.names());
      for (int seed = 0; seed < 5; seed++) {
        Collections.shuffle(names, new Random(seed));
        var writer = new SafetensorsWriter();
        for (String name : names) {
          SafetensorsFile.Entry entry = file.entry(name);
          writer.addBytes(name, entry.type(), entry.shape(), file.readBytes(name));
        }
        file.metadata().forEach(writer::metadata);
        assertThat(bytes(writer)).isEqualTo(python);
      }
    }
  }

  @Test
  void floatsAndLongsComeBack() throws IOException {
    float[] values = {1f, -2.5f, 0.099975586f, Float.POSITIVE_INFINITY, -0f, 65504f};
    long[] ids = {Long.MIN_VALUE, -1, 0, Long.MAX_VALUE};
    long[] shape = {2, 1, 3};
    Path path = directory.resolve("x.safetensors");
    new SafetensorsWriter()
        .add("f32", shape, values)
        .add("f64", StoredType.F64, shape, values)
        .add("f16", StoredType.F16, shape, values)
        .add("bf16", StoredType.BF16, new long[] {4}, new float[] {1f, -3.140625f, 1e38f, 0.1f})
        .add("scalar", new long[0], new float[] {0.18215f})
        .add("nothing", new long[] {3, 0}, new float[0])
        .add("nothing at all", new long[] {0, 1L << 32}, new float[0])
        .addLongs("ids", new long[] {4}, ids)
        .metadata("caption", "a cat, \"größer\"\n")
        .write(path);
    try (var file = SafetensorsFile.open(path)) {
      for (String name : new String[] {"f32", "f64", "f16"}) {
        assertThat(file.readFloats(name)).as(name).containsExactly(values);
        assertThat(file.entry(name).shape()).containsExactly(shape);
        assertThat(file.entry(name).type().name()).isEqualToIgnoringCase(name);
      }
      assertThat(file.readFloats("bf16"))
          .containsExactly(1f, -3.140625f, 0x1.2cp126f, 0.10009765625f);
      assertThat(file.readFloats("scalar")).containsExactly(0.18215f);
      assertThat(file.entry("nothing").shape()).containsExactly(3, 0);
      assertThat(file.entry("nothing at all").shape()).containsExactly(0, 1L << 32);
      assertThat(file.readLongs("ids")).containsExactly(ids);
      assertThat(file.metadata()).containsEntry("caption", "a cat, \"größer\"\n").hasSize(1);
    }
  }

  @Test
  void theDataBeginsAtAMultipleOfEightBytes() throws IOException {
    for (int length = 1; length <= 9; length++) {
      byte[] file = bytes(new SafetensorsWriter().add("n".repeat(length), new long[0], oneFloat()));
      assertThat((file.length - Float.BYTES) % 8).isZero();
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    var writer = new SafetensorsWriter().add("a", new long[] {1}, oneFloat());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> writer.add("a", new long[] {1}, oneFloat()))
        .withMessage("there is already a tensor 'a'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> writer.add("__metadata__", new long[] {1}, oneFloat()))
        .withMessageContaining("reserved");
    for (long[] shape : new long[][] {{2}, {0}, {-1, -1}, {1L << 32, 1L << 32}, {1L << 32, 0, 1}}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> writer.add("b", shape, oneFloat()))
          .withMessageContaining("does not hold 1 elements");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> writer.add("b", StoredType.I64, new long[] {1}, oneFloat()))
        .withMessageContaining("cannot be stored as I64");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> writer.addBytes("b", StoredType.F32, new long[] {1}, ByteBuffer.allocate(5)))
        .withMessageContaining("5 bytes are no whole number of F32 elements");
  }

  @Test
  void aValueThatDoesNotFitLeavesTheOldFileAlone() throws IOException {
    Path path = directory.resolve("x.safetensors");
    Files.writeString(path, "old");
    var writer =
        new SafetensorsWriter().add("a", StoredType.F16, new long[] {1}, new float[] {70000f});
    assertThatIllegalArgumentException()
        .isThrownBy(() -> writer.write(path))
        .withMessage("tensor 'a': 70000.0 is too large for F16");
    assertThat(path).hasContent("old");
    assertThat(directory).isDirectoryContaining(path::equals);
    assertThat(directory.toFile().list()).hasSize(1);
  }

  private static float[] oneFloat() {
    return new float[] {1f};
  }
}
