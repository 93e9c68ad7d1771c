package io.github.pix2pixzero.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.google.common.io.Resources;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reads what {@code torch-files.py} had PyTorch write; its numbers are exact in every type. */
class TorchTensorTest {
  @TempDir Path folder;

  private static Path resource(String name) {
    try {
      return Path.of(Resources.getResource(TorchTensorTest.class, name).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "torch-float32.pt, F32",
    "torch-float16.pt, F16",
    "torch-bfloat16.pt, BF16",
    "torch-float64.pt, F64",
    "torch-protocol4.pt, F32",
  })
  void readsEveryPrecision(String name, StoredType type) throws IOException {
    TorchTensor tensor = TorchTensor.read(resource(name));
    assertThat(tensor.type()).isEqualTo(type);
    assertThat(tensor.shape()).containsExactly(1, 2, 3);
    assertThat(tensor.toFloats()).containsExactly(-0.5f, -0.25f, 0, 0.25f, 0.5f, 0.75f);
  }

  @Test
  void readsAViewInRowMajorOrder() throws IOException {
    TorchTensor tensor = TorchTensor.read(resource("torch-view.pt"));
    assertThat(tensor.shape()).containsExactly(3, 2);
    assertThat(tensor.toFloats()).containsExactly(1.5f, 3, 2, 3.5f, 2.5f, 4);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "torch-legacy.pt    | PyTorch's file format from before 1.6",
        "torch-dict.pt      | the pickle instruction 0x7d at 2 is not supported",
        "torch-parameter.pt | names torch._utils._rebuild_parameter, which is not supported",
        "python.safetensors | no zip archive",
      })
  void refusesOtherFilesByName(String name, String reason) {
    assertThatIOException()
        .isThrownBy(() -> TorchTensor.read(resource(name)))
        .withMessageContaining(name)
        .withMessageContaining(reason);
  }

  @Test
  void tellsItsFilesFromOthers() throws IOException {
    assertThat(TorchTensor.isTorchFile(resource("torch-float32.pt"))).isTrue();
    assertThat(TorchTensor.isTorchFile(resource("torch-legacy.pt"))).isTrue();
    assertThat(TorchTensor.isTorchFile(resource("python.safetensors"))).isFalse();
    assertThat(TorchTensor.isTorchFile(folder)).isFalse();
    assertThat(TorchTensor.isTorchFile(Files.createFile(folder.resolve("empty")))).isFalse();
  }

  /** Neither may any end, or any one wrong byte, raise anything but an IOException. */
  @Test
  void survivesDamage() throws IOException {
    byte[] whole = Files.readAllBytes(resource("torch-view.pt"));
    Path file = folder.resolve("damaged.pt");
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThatIOException()
          .as("%s bytes", length)
          .isThrownBy(() -> TorchTensor.read(file))
          .withMessageContaining("damaged.pt");
    }
    for (int i = 0; i < whole.length; i++) {
      for (int flip : new int[] {0x01, 0x80, 0xff}) {
        byte[] damaged = whole.clone();
        damaged[i] ^= (byte) flip;
        Files.write(file, damaged);
        try {
          // What still reads has damage where nobody looks, or in the numbers themselves.
          assertThat(TorchTensor.read(file).toFloats().length).isLessThanOrEqualTo(24);
        } catch (IOException e) {
          assertThat(e).hasMessageContaining("damaged.pt");
        }
      }
    }
  }
}
