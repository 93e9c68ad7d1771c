package io.github.pix2pixzero.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pix2pixzero.tensor.io.ModelFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Malformed tokenizer folders: the error names the file and what was expected. */
class TokenizerFilesTest {
  private static final String TINY_VOCAB =
      """
      {"a": 0, "a</w>": 1, "aa</w>": 2, "<|startoftext|>": 3, "<|endoftext|>": 4}
      """;

  @TempDir Path folder;

  @BeforeEach
  void writeAFolderThatLoads() throws IOException {
    write("vocab.json", TINY_VOCAB);
    write("merges.txt", "#version: 0.2\na a</w>\n");
    write("tokenizer_config.json", "{}");
    assertThat(ClipTokenizer.load(ModelFolder.of(folder)).tokenize("aa b").ids())
        .containsExactly(3, 2, 4, 4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"vocab.json", "merges.txt", "tokenizer_config.json"})
  void missingFile(String name) throws IOException {
    Files.delete(folder.resolve(name));

    assertMalformed(name, "no such file; a tokenizer folder holds");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '→',
      quoteCharacter = '`',
      value = {
        "[] → expected a JSON object of token to id",
        " → expected a JSON object of token to id",
        "{\"a\": 0 → not a JSON object of token to id",
        "{\"a\": \"x\"} → \"a\" is x, expected a whole number",
        "{\"a\": 1.5} → \"a\" is 1.5, expected a whole number",
        "{\"a\": 99999999999} → not a JSON object of token to id",
        "{\"a\": 0, \"a\": 1} → \"a\" occurs twice",
        "{\"a\": 0, \"b\": 0} → share the id 0",
        "{\"a\": 0, \"b\": 2} → \"b\" has the id 2, expected the ids 0 to 1 for its 2 tokens",
        "{\"a\": -1} → \"a\" has the id -1",
        "{} {} → expected nothing after the JSON object",
        "{\"<|endoftext|>\": 0} → expected an entry for the special token \"<|startoftext|>\"",
      })
  void malformedVocabulary(String content, String reason) throws IOException {
    write("vocab.json", content == null ? "" : content);
    write("merges.txt", "");

    assertMalformed("vocab.json", reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a|line 2 is \"a\", expected two tokens and one space",
        "a a a|line 2 is \"a a a\"",
        "a |line 2 is \"a \"",
        "b a|line 2: \"b\" is not in the vocabulary",
        "a b|line 2: \"b\" is not in the vocabulary",
        "a a|line 2: \"aa\" is not in the vocabulary",
      },
      ignoreLeadingAndTrailingWhitespace = false)
  void malformedMerges(String line, String reason) throws IOException {
    write("merges.txt", "#version: 0.2\n" + line + "\na a</w>\n");

    assertMalformed("merges.txt", reason);
  }

  @Test
  void mergesThatAreNotText() throws IOException {
    Files.write(folder.resolve("merges.txt"), new byte[] {'a', (byte) 0xff, '\n'});

    assertMalformed("merges.txt", "expected UTF-8 text");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{|not JSON",
        "[]|expected a JSON object",
        "|expected a JSON object",
        "{\"pad_token\": 3}|pad_token is 3, expected a string, or an object",
        "{\"pad_token\": \"\"}|pad_token is \"\", expected a string, or an object",
        "{\"bos_token\": {}}|bos_token is {}, expected a string, or an object",
        "{\"model_max_length\": \"77\"}|model_max_length is \"77\", expected a whole number",
        "{\"model_max_length\": 7.5}|model_max_length is 7.5, expected a whole number",
        "{\"model_max_length\": 2}|model_max_length is 2, expected at least 3",
        "{\"do_lower_case\": \"no\"}|do_lower_case is \"no\", expected true or false",
        "{\"added_tokens_decoder\": {\"0\": 1}}|added_tokens_decoder is 1, expected a string",
      })
  void malformedConfig(String content, String reason) throws IOException {
    write("tokenizer_config.json", content == null ? "" : content);

    assertMalformed("tokenizer_config.json", reason);
  }

  /** For which Jackson has an exception of its own. */
  @ParameterizedTest
  @ValueSource(strings = {"vocab.json", "tokenizer_config.json", "added_tokens.json"})
  void bytesThatBeginLikeUtf32(String name) throws IOException {
    byte[] bytes = new byte[31];
    bytes[0] = (byte) 0xd3;
    Files.write(folder.resolve(name), bytes);

    assertMalformed(name, "not ");
  }

  @Test
  void malformedSpecialTokensMap() throws IOException {
    write("special_tokens_map.json", "{\"eos_token\": [1]}");

    assertMalformed("special_tokens_map.json", "eos_token is [1], expected a string, or an object");
  }

  @Test
  void aSpecialTokenThatTheVocabularyLacks() throws IOException {
    write("special_tokens_map.json", "{\"pad_token\": \"!\"}");

    assertMalformed("vocab.json", "expected an entry for the special token \"!\"");
  }

  @Test
  void streamsAreNamedByTheFilesTheyStandFor() {
    assertThatThrownBy(
            () ->
                ClipTokenizer.of(
                    TestTokenizers.stream(TINY_VOCAB),
                    TestTokenizers.stream("a"),
                    TokenizerConfig.defaults()))
        .isInstanceOf(TokenizerFormatException.class)
        .hasMessage("merges.txt: line 1 is \"a\", expected two tokens and one space");
  }

  @Test
  void nullsInTheConfigMeanTheDefaults() throws IOException {
    TokenizerConfig config =
        TokenizerConfig.read(
            TestTokenizers.stream(
                """
                {"pad_token": null, "model_max_length": null, "do_lower_case": null}
                """));

    assertThat(config).isEqualTo(TokenizerConfig.defaults());
    assertThat(config.added()).isEqualTo(List.of());
  }

  private void write(String name, String content) throws IOException {
    Files.writeString(folder.resolve(name), content);
  }

  private void assertMalformed(String name, String reason) {
    assertThatThrownBy(() -> ClipTokenizer.load(ModelFolder.of(folder)))
        .isInstanceOf(TokenizerFormatException.class)
        .hasMessageStartingWith(folder.resolve(name) + ": ")
        .hasMessageContaining(reason);
  }
}
