package io.github.pix2pixzero.tensor.io;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.io.Resources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged archives and damaged pickles; see {@link Fuzzer}. */
class TorchFuzzTest {
  private static final List<byte[]> WORDS =
      Stream.of(
              "(",
              "t",
              ")",
              "\u0085",
              "\u0086",
              "\u0087",
              "R",
              "Q",
              ".",
              "N",
              "\u0088",
              "\u0089",
              "K\1",
              "K\0",
              "M\u00ff\u00ff",
              "J\u00ff\u00ff\u00ff\u007f",
              "q\0",
              "h\0",
              "\u0094",
              "r\0\0\0\u0080",
              "j\0\0\0\0",
              "\u008a\u0008\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f",
              "X\3\0\0\0cpu",
              "X\7\0\0\0storage",
              "ctorch\nFloatStorage\n",
              "\u0093",
              "\u0080\4",
              "ctorch._utils\n_rebuild_tensor_v2\n",
              "ccollections\nOrderedDict\n",
              "cos\nsystem\n",
              "PK\1\2",
              "PK\3\4",
              "PK\5\6",
              "PK\6\6",
              "PK\6\7",
              "a/data.pkl",
              "archive/data/0")
          .map(word -> word.getBytes(ISO_8859_1))
          .toList();

  @TempDir Path folder;

  private static List<byte[]> files() throws IOException {
    List<byte[]> files = new ArrayList<>();
    for (String name :
        List.of("float32", "float16", "bfloat16", "float64", "view", "protocol4", "parameter")) {
      files.add(
          Resources.toByteArray(Resources.getResource(Fuzzer.class, "torch-" + name + ".pt")));
    }
    return files;
  }

  private byte[] pickle(byte[] bytes) {
    Path file = folder.resolve("honest.pt");
    try {
      Files.write(file, bytes);
      try (ZipFile zip = new ZipFile(file.toFile())) {
        ZipEntry entry =
            zip.stream().filter(e -> e.getName().endsWith("/data.pkl")).findFirst().orElseThrow();
        return zip.getInputStream(entry).readAllBytes();
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void archives() throws IOException {
    Path file = folder.resolve("fuzz.pt");
    assertThat(
            new Fuzzer(files(), WORDS)
                .run(
                    3_000,
                    bytes -> {
                      Files.write(file, bytes);
                      try {
                        TorchTensor tensor = TorchTensor.read(file);
                        assertThat((long) tensor.toFloats().length)
                            .isEqualTo(Arrays.stream(tensor.shape()).reduce(1, (a, b) -> a * b));
                        return tensor.type() + " read";
                      } catch (IOException e) {
                        assertThat(e).hasMessageContaining("fuzz.pt");
                        return SafetensorsFuzzTest.kind(e);
                      }
                    }))
        .hasSizeGreaterThan(15);
  }

  @Test
  void pickles() throws IOException {
    List<byte[]> pickles = files().stream().map(this::pickle).toList();
    assertThat(
            new Fuzzer(pickles, WORDS)
                .run(
                    20_000,
                    pickle -> {
                      try {
                        TensorPickle.View view = TensorPickle.parse("fuzz", pickle);
                        assertThat(view.count()).isBetween(0L, view.storageCount());
                        return view.type() + " read";
                      } catch (IOException e) {
                        assertThat(e).hasMessageStartingWith("fuzz: ");
                        return SafetensorsFuzzTest.kind(e);
                      }
                    }))
        .hasSizeGreaterThan(30);
  }
}
