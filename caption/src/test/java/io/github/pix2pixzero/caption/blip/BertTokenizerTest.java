package io.github.pix2pixzero.caption.blip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ids and texts against those of transformers 5.17's BertTokenizer. */
class BertTokenizerTest {
  record Encoded(String text, int[] ids) {}

  record Decoded(int[] ids, String text_cleaned) {}

  record Cases(List<Encoded> encode, List<Decoded> decode) {}

  private static final Cases CASES =
      Goldens.json("tokenizer-bert/cases.json", new TypeReference<>() {});

  @Test
  void encodesEveryText() throws IOException {
    BertTokenizer tokenizer = Goldens.tokenizer();

    assertThat(tokenizer.vocabularySize()).isEqualTo(30_522);
    assertThat(CASES.encode()).hasSize(200);
    assertThat(CASES.encode())
        .allSatisfy(
            c -> assertThat(tokenizer.encode(c.text())).as(c.text()).containsExactly(c.ids()));
  }

  @Test
  void decodesEverySentence() throws IOException {
    BertTokenizer tokenizer = Goldens.tokenizer();

    assertThat(CASES.decode()).hasSize(58);
    assertThat(CASES.decode())
        .allSatisfy(c -> assertThat(tokenizer.decode(c.ids())).isEqualTo(c.text_cleaned()));
  }

  @Test
  void refusesATokenizerThatRegardsCase(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("vocab.txt"), "[PAD]\n");
    Files.writeString(folder.resolve("tokenizer_config.json"), "{\"do_lower_case\": false}");

    assertThatThrownBy(() -> BertTokenizer.load(ModelFolder.of(folder)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("do_lower_case is false");
  }

  @Test
  void refusesAVocabularyWithoutSpecialTokens(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\ncat\n");

    assertThatThrownBy(() -> BertTokenizer.load(ModelFolder.of(folder)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("vocab.txt")
        .hasMessageContaining("[MASK]");
  }
}
