package io.github.pix2pixzero.clip;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The tokenizers under {@code src/test/resources}. */
final class TestTokenizers {
  /** CLIP's published vocabulary, padded as in SD 1.x. */
  static final ClipTokenizer CLIP = load("tokenizer-clip");

  /** The same, padded as in SD 2.x. */
  static final ClipTokenizer SD2 = clip(TokenizerConfig.defaults().withPad(SpecialToken.of("!")));

  private TestTokenizers() {}

  static Path folder(String name) {
    try {
      return Path.of(TestTokenizers.class.getResource("/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  static ClipTokenizer load(String name) {
    try {
      return ClipTokenizer.load(ModelFolder.of(folder(name)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static ClipTokenizer clip(TokenizerConfig config) {
    try (InputStream vocab =
            TestTokenizers.class.getResourceAsStream("/tokenizer-clip/vocab.json");
        InputStream merges =
            TestTokenizers.class.getResourceAsStream("/tokenizer-clip/merges.txt")) {
      return ClipTokenizer.of(vocab, merges, config);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What is logged meanwhile, which then stays off the console. */
  @SuppressWarnings("SystemOut") // where slf4j-simple writes
  static String logOf(Runnable action) {
    PrintStream console = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try {
      action.run();
    } finally {
      System.setErr(console);
    }
    return log.toString(StandardCharsets.UTF_8);
  }

  static InputStream stream(String content) {
    return new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8));
  }

  static <T> T json(String resource, TypeReference<T> type) {
    try (InputStream in = TestTokenizers.class.getResourceAsStream("/" + resource)) {
      return new ObjectMapper().readValue(in, type);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
