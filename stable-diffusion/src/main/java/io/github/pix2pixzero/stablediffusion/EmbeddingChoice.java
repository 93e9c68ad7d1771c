package io.github.pix2pixzero.stablediffusion;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A learned word of textual inversion to put on top of a checkpoint.
 *
 * @param file of A1111 or diffusers, {@code .safetensors} or a pickle of PyTorch
 * @param token how prompts call it; empty for the name in the file, or else the file's
 */
public record EmbeddingChoice(Path file, Optional<String> token) {
  private static final Pattern WITH_TOKEN =
      Pattern.compile("(.+\\.(?:safetensors|pt|pth|bin|ckpt|pkl)):(.+)", Pattern.CASE_INSENSITIVE);

  /**
   * @throws IllegalArgumentException if the token is blank
   */
  public EmbeddingChoice {
    checkNotNull(file, "embedding");
    token.ifPresent(name -> checkArgument(!name.isBlank(), "the token for %s is blank", file));
  }

  /** Reads {@code FILE} or {@code FILE:TOKEN}. */
  public static EmbeddingChoice of(String text) {
    Matcher matcher = WITH_TOKEN.matcher(text);
    return matcher.matches()
        ? new EmbeddingChoice(Path.of(matcher.group(1)), Optional.of(matcher.group(2)))
        : new EmbeddingChoice(Path.of(text), Optional.empty());
  }
}
