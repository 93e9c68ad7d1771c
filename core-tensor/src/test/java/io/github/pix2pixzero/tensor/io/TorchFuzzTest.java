package io.github.pix2pixzero.tensor.io;

import static io.github.pix2pixzero.tensor.testing.HostileInput.assertTakesLittleMemory;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hostile {@code .pt} files and the pickles in them. Jazzer makes them up where {@code
 * JAZZER_FUZZ=1} is set; otherwise those it has found worth keeping are read, from {@code
 * TorchFuzzTestInputs}.
 */
class TorchFuzzTest {
  @TempDir Path folder;

  @FuzzTest
  @DictionaryFile(resourcePath = "torch.dict")
  void archives(byte[] bytes) throws Exception {
    Path file = folder.resolve("fuzz.pt");
    Files.write(file, bytes);
    assertTakesLittleMemory(bytes, () -> read(file));
  }

  @FuzzTest
  @DictionaryFile(resourcePath = "torch.dict")
  void pickles(byte[] pickle) throws Exception {
    assertTakesLittleMemory(pickle, () -> parse(pickle));
  }

  @FuzzTest
  @DictionaryFile(resourcePath = "torch.dict")
  void checkpoints(byte[] bytes) throws Exception {
    Path file = folder.resolve("fuzz.ckpt");
    Files.write(file, bytes);
    assertTakesLittleMemory(bytes, () -> readAll(file));
  }

  @FuzzTest
  @DictionaryFile(resourcePath = "torch.dict")
  void statePickles(byte[] pickle) throws Exception {
    assertTakesLittleMemory(
        pickle,
        () -> {
          try {
            new StateDictPickle("fuzz", ByteBuffer.wrap(pickle)).run();
          } catch (IOException e) {
            assertThat(e).hasMessageStartingWith("fuzz: ");
          }
        });
  }

  /** Many tensors may lie in one storage, so that only the first is read. */
  private static void readAll(Path file) throws IOException {
    try (TorchStateDict torch = TorchStateDict.open(file)) {
      StoredTensor first = torch.tensor(torch.names().iterator().next());
      assertThat((long) first.bytes().remaining())
          .isEqualTo(elements(first.shape()) * first.type().byteSize());
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("fuzz.ckpt");
    }
  }

  private static void read(Path file) throws IOException {
    try {
      TorchTensor tensor = TorchTensor.read(file);
      assertThat(elements(tensor.shape())).isEqualTo(tensor.toFloats().length);
      assertThat(tensor.toFloats().length * (long) tensor.type().byteSize())
          .isLessThanOrEqualTo(Files.size(file));
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("fuzz.pt");
    }
  }

  private static void parse(byte[] pickle) {
    try {
      TensorPickle.View view = TensorPickle.parse("fuzz", pickle);
      assertThat(view.shape()).hasSameSizeAs(view.strides()).hasSizeLessThanOrEqualTo(8);
      assertThat(view.count()).isEqualTo(elements(view.shape())).isBetween(0L, view.storageCount());
      assertThat(view.offset()).isNotNegative();
      if (view.count() > 0) {
        long last = view.offset();
        assertThat(LongStream.of(view.strides())).allMatch(stride -> stride >= 0);
        for (int d = 0; d < view.shape().length; d++) {
          last = Math.addExact(last, Math.multiplyExact(view.shape()[d] - 1, view.strides()[d]));
        }
        assertThat(last).isLessThan(view.storageCount());
      }
    } catch (IOException e) {
      assertThat(e).hasMessageStartingWith("fuzz: ");
    }
  }

  private static long elements(long[] shape) {
    assertThat(LongStream.of(shape)).allMatch(size -> size >= 0);
    return LongStream.of(shape).anyMatch(size -> size == 0)
        ? 0
        : LongStream.of(shape).reduce(1, Math::multiplyExact);
  }
}
