package io.github.pix2pixzero.caption;

import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import io.github.pix2pixzero.direction.ChatEndpoint;
import io.github.pix2pixzero.direction.WholeWord;
import io.github.pix2pixzero.picture.PillowResize;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Optional;
import javax.imageio.ImageIO;

/**
 * Asks a language model that sees pictures, such as llava or qwen2.5vl behind Ollama. The picture
 * is sent to the endpoint, at no more than 768 pixels a side.
 */
public final class EndpointCaptioner implements Captioner {
  private static final int LONGEST_SIDE = 768;
  private static final int ATTEMPTS = 3;

  /** So many are safely within CLIP's 77 tokens. */
  private static final int MOST_WORDS = 40;

  private static final CharMatcher AROUND = CharMatcher.anyOf("\"“”. ");
  private static final Splitter WORDS = Splitter.on(CharMatcher.whitespace()).omitEmptyStrings();

  private final ChatEndpoint endpoint;

  public EndpointCaptioner(ChatEndpoint endpoint) {
    this.endpoint = endpoint;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IOException if the endpoint fails, or none of three answers is a sentence of at most 40
   *     words with the word in it
   */
  @Override
  public String caption(BufferedImage picture, Optional<String> word)
      throws IOException, InterruptedException {
    byte[] jpeg = jpeg(picture);
    String prompt = prompt(word);
    String sentence = "";
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      sentence = firstLine(endpoint.answer(prompt, jpeg, "image/jpeg"));
      if (isCaption(sentence, word)) {
        return sentence;
      }
    }
    throw new IOException(
        "%s gave no caption of at most %s words%s, but: %s"
            .formatted(
                endpoint,
                MOST_WORDS,
                word.map(w -> " with \"" + w + "\" in it").orElse(""),
                sentence.substring(0, Math.min(sentence.length(), 200))));
  }

  private static String prompt(Optional<String> word) {
    String task =
        "Write a caption for this picture: one English sentence of at most 20 words that says what"
            + " it shows, where, and in what style.";
    return task
        + word.map(w -> " It must have \"%s\" in it, in these very words.".formatted(w.strip()))
            .orElse("")
        + " Answer with the sentence alone.";
  }

  private static String firstLine(String answer) {
    return AROUND.trimFrom(answer.strip().lines().findFirst().orElse(""));
  }

  private static boolean isCaption(String sentence, Optional<String> word) {
    return !sentence.isEmpty()
        && WORDS.splitToList(sentence).size() <= MOST_WORDS
        && word.map(w -> WholeWord.occursIn(sentence, w)).orElse(true);
  }

  private static byte[] jpeg(BufferedImage picture) throws IOException {
    double shrink =
        Math.min(1, LONGEST_SIDE / (double) Math.max(picture.getWidth(), picture.getHeight()));
    BufferedImage sent =
        PillowResize.BICUBIC.resize(
            picture,
            (int) Math.max(1, Math.round(shrink * picture.getWidth())),
            (int) Math.max(1, Math.round(shrink * picture.getHeight())));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(sent, "jpeg", bytes);
    return bytes.toByteArray();
  }
}
