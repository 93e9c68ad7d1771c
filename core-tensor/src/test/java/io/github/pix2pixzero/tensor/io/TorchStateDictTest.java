package io.github.pix2pixzero.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.google.common.io.Resources;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.nn.Weights;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads what {@code torch-checkpoints.py} had PyTorch write, and as safetensors beside it. */
class TorchStateDictTest {
  @TempDir Path folder;

  private static Path resource(String name) {
    try {
      return Path.of(Resources.getResource(TorchStateDictTest.class, name).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "torch-state.pth",
        "torch-state-legacy.pth",
        "torch-state-protocol4.pth",
        "torch-lightning.ckpt",
        "torch-lightning-legacy.ckpt"
      })
  void readsEveryTensorAsSafetensorsHasIt(String name) throws IOException {
    try (TorchStateDict torch = TorchStateDict.open(resource(name));
        SafetensorsFile expected = SafetensorsFile.open(resource("torch-state.safetensors"))) {
      assertThat(torch.names()).containsExactlyInAnyOrderElementsOf(expected.names());
      for (String tensor : expected.names()) {
        StoredTensor stored = torch.tensor(tensor);
        assertThat(stored.type()).as(tensor).isEqualTo(expected.entry(tensor).type());
        assertThat(stored.shape()).as(tensor).isEqualTo(expected.entry(tensor).shape());
        assertThat(stored.bytes()).as(tensor).isEqualTo(expected.readBytes(tensor));
      }
      assertThat(torch.tensor("a.float32").rows(1, 3).floats())
          .isEqualTo(Arrays.copyOfRange(expected.readFloats("a.float32"), 6, 18));
      assertThat(Weights.of(Backends.best(1), torch).at("a").tensor("view", 3, 2).toFloats())
          .isEqualTo(expected.readFloats("a.view"));
    }
  }

  @Test
  void takesTheDictionaryThatIsNamed() throws IOException {
    try (TorchStateDict torch = TorchStateDict.open(resource("torch-several.pth"), "teacher")) {
      assertThat(torch.names()).containsExactly("w");
      assertThat(torch.tensor("w").floats()).containsExactly(2f);
      assertThat(torch.tensor("w")).asString().endsWith("torch-several.pth: tensor 'w' F32[1]");
      assertThatIOException().isThrownBy(() -> torch.tensor("v")).withMessageContaining("'v'");
    }
    try (TorchStateDict torch = TorchStateDict.open(resource("torch-one.pth"))) {
      assertThat(torch.tensor("w").floats()).containsExactly(3f);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"torch-lightning.ckpt", "torch-lightning-legacy.ckpt"})
  void keepsWholeNumbersBesideTheTensors(String name) throws IOException {
    try (TorchStateDict torch = TorchStateDict.open(resource(name))) {
      assertThat(torch.numbers())
          .containsExactlyInAnyOrderEntriesOf(Map.of("epoch", 10L, "global_step", 1L << 40));
    }
  }

  @Test
  void readsTypesThatStoragesHaveNoClassFor() throws IOException {
    try (TorchStateDict torch = TorchStateDict.open(resource("torch-untyped.pth"))) {
      assertThat(torch.tensor("e4m3").storedType()).isEqualTo(StoredType.F8_E4M3);
      assertThat(torch.tensor("e4m3").floats()).containsExactly(0.5f, -448f);
      assertThat(torch.tensor("e5m2").floats()).containsExactly(0.5f, -3f);
      assertThat(torch.tensor("uint16").storedType()).isEqualTo(StoredType.U16);
      assertThat(torch.tensor("uint16").bytes().getShort(0)).isEqualTo((short) 65535);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "torch-code.ckpt        | names __builtin__.print, which is not supported",
        "torch-module.pth       | names torch.nn.modules.linear.Linear, which is not supported",
        "torch-float32.pt       | holds no dictionary of tensors",
        "torch-several.pth      | holds tensors in each of [student, teacher]; one was expected",
        "python.safetensors     | not a file of PyTorch",
      })
  void refusesOtherFilesByName(String name, String reason) {
    assertThatIOException()
        .isThrownBy(() -> TorchStateDict.open(resource(name)))
        .withMessageContaining(name)
        .withMessageContaining(reason);
  }

  @Test
  void saysWhereThereAreNoTensors() {
    assertThatIOException()
        .isThrownBy(() -> TorchStateDict.open(resource("torch-several.pth"), "model"))
        .withMessageEndingWith("torch-several.pth: holds no tensors under 'model'");
  }

  /** Neither may an early end, or a wrong byte, raise anything but an IOException. */
  @ParameterizedTest
  @ValueSource(strings = {"torch-one.pth", "torch-one-legacy.pth"})
  void survivesDamage(String name) throws IOException {
    byte[] whole = Files.readAllBytes(resource(name));
    Path file = folder.resolve("damaged.pth");
    for (int length = 0; length < whole.length; length += 7) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThatIOException()
          .as("%s bytes", length)
          .isThrownBy(() -> readAll(file))
          .withMessageContaining("damaged.pth");
    }
    for (int i = 0; i < whole.length; i++) {
      byte[] damaged = whole.clone();
      damaged[i] ^= (byte) 0x81;
      Files.write(file, damaged);
      try {
        readAll(file);
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("damaged.pth");
      }
    }
  }

  private static void readAll(Path file) throws IOException {
    try (TorchStateDict torch = TorchStateDict.open(file)) {
      for (String name : torch.names()) {
        assertThat((long) torch.tensor(name).bytes().remaining())
            .isLessThanOrEqualTo(Files.size(file) * 2);
      }
    }
  }
}
