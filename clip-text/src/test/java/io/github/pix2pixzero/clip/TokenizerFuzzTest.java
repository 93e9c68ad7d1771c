package io.github.pix2pixzero.clip;

import static io.github.pix2pixzero.tensor.testing.HostileInput.assertTakesLittleMemory;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hostile {@code tokenizer.json}. Jazzer makes them up where {@code JAZZER_FUZZ=1} is set;
 * otherwise those it has found worth keeping are read, from {@code TokenizerFuzzTestInputs}.
 */
class TokenizerFuzzTest {
  @TempDir Path folder;

  @BeforeEach
  void writeConfig() throws IOException {
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"bos_token\": \"a\", \"eos_token\": \"b\", \"unk_token\": \"b\", \"pad_token\": \"b\"}");
  }

  @FuzzTest
  @DictionaryFile(resourcePath = "tokenizer.dict")
  void wholes(byte[] json) throws Exception {
    Files.write(folder.resolve("tokenizer.json"), json);
    assertTakesLittleMemory(json, this::read);
  }

  private void read() throws IOException {
    try {
      ClipTokenizer tokenizer = ClipTokenizer.load(ModelFolder.of(folder));
      int[] ids = tokenizer.encode("ab a, b");
      assertThat(ids).hasSize(tokenizer.maxLength());
      assertThat(IntStream.of(ids)).allMatch(id -> id >= 0 && id < tokenizer.vocabularySize());
      assertThat(tokenizer.decode(ids)).isNotNull();
    } catch (TokenizerFormatException e) {
      assertThat(e).hasMessageContaining("tokenizer");
    }
  }
}
