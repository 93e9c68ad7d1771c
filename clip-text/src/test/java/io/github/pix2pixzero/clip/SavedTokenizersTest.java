package io.github.pix2pixzero.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders as transformers 5 and 4 save them, with and without added tokens; ids by the former. */
class SavedTokenizersTest {
  record Cases(int size, List<ClipTokenizerReferenceTest.Case> cases) {}

  /** The beginning of a file whose model is CLIP's. */
  private static final String BPE =
      "{\"model\": {\"type\": \"BPE\", \"end_of_word_suffix\": \"</w>\"";

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"whole", "whole-added", "added-tokens", "added-decoder"})
  void readsEveryFolderLikeTheReference(String name) {
    String path = "tokenizer-saved/" + name;
    ClipTokenizer tokenizer = TestTokenizers.load(path);
    Cases expected = TestTokenizers.json(path + "/cases.json", new TypeReference<>() {});

    assertThat(tokenizer.vocabularySize()).isEqualTo(expected.size());
    assertThat(expected.cases())
        .hasSize(10)
        .allSatisfy(
            c -> assertThat(tokenizer.encode(c.text())).as(c.text()).containsExactly(c.ids()));
  }

  @Test
  void addedTokensAreWordsLikeAnyOther() {
    ClipTokenizer tokenizer = TestTokenizers.load("tokenizer-saved/added-decoder");
    assertThat(tokenizer.token(876)).isEqualTo("<cat-toy>");
    assertThat(tokenizer.tokensOf("a <cat-toy> in the snow", "<Cat-Toy>")).containsExactly(2);
    assertThat(tokenizer.decode(874, 320, 876, 875)).isEqualTo("a <cat-toy>");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{|not JSON",
        "{}|type of its model is , expected \"BPE\", as CLIP has it",
        "{\"model\": {\"type\": \"WordPiece\"}}|type of its model is \"WordPiece\"",
        "{\"model\": {\"type\": \"BPE\"}}|end_of_word_suffix of its model is",
        BPE + "}}|expected a vocab",
        BPE + ", \"vocab\": {\"a\": 1}}}|\"a\"" + " has the id 1",
        BPE + ", \"vocab\": {\"a\": 0}}}|expected" + " merges",
        BPE
            + ", \"vocab\": {\"a\": 0}, \"merges\":"
            + " [\"a b\"]}}|line 1: \"b\" is not in the vocabulary",
      })
  void namesWhatIsWrongWithAWholeFile(String content, String reason) throws IOException {
    Files.writeString(folder.resolve("tokenizer_config.json"), "{}");
    Files.writeString(folder.resolve("tokenizer.json"), content);

    assertThatThrownBy(() -> ClipTokenizer.load(ModelFolder.of(folder)))
        .isInstanceOf(TokenizerFormatException.class)
        .hasMessageStartingWith(folder.resolve("tokenizer.json") + ": ")
        .hasMessageContaining(reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"<x>\": 900}|\"<x>\" has the id 900, expected the ids 0 to 876",
        "{\"cat</w>\": 876}|the added token \"cat</w>\" has the id 876, in the vocabulary",
        "{\"<x>\": \"876\"}|\"<x>\" is \"876\", expected a whole number",
        "{\"\": 876}|an added token is empty",
        "[]|expected a JSON object",
      })
  void namesWhatIsWrongWithAddedTokens(String content, String reason) throws IOException {
    for (String name : new String[] {"vocab.json", "merges.txt", "tokenizer_config.json"}) {
      Files.copy(TestTokenizers.folder("tokenizer-toy").resolve(name), folder.resolve(name));
    }
    Files.writeString(folder.resolve("added_tokens.json"), content);

    assertThatIOException()
        .isThrownBy(() -> ClipTokenizer.load(ModelFolder.of(folder)))
        .withMessageContaining(reason);
  }
}
