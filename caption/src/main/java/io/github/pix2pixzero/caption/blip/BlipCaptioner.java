package io.github.pix2pixzero.caption.blip;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.caption.Captioner;
import io.github.pix2pixzero.caption.Mentions;
import io.github.pix2pixzero.direction.SentenceBank;
import io.github.pix2pixzero.picture.PillowResize;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/**
 * Captions by BLIP (Li et al., 2022), as the paper's code makes them: the picture first goes to 512
 * × 512 by Lanczos, and the sentence begins with "a picture of ", which is then cut off. Where a
 * word is known, it goes on from "a photo of a WORD", which stays.
 */
public final class BlipCaptioner implements Captioner {
  /** The side of the pictures that the paper's code edits, and captions too. */
  private static final int EDITED_SIZE = 512;

  private static final String PROMPT = "a picture of ";

  private final BlipModel model;
  private final BertTokenizer tokenizer;
  private final BlipPictures pictures;
  private final Backend backend;
  private final SearchOptions search;

  private BlipCaptioner(
      BlipModel model,
      BertTokenizer tokenizer,
      BlipPictures pictures,
      Backend backend,
      SearchOptions search) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.pictures = pictures;
    this.backend = backend;
    this.search = search;
  }

  /** {@link #load(ModelFolder, Backend, SearchOptions)} with what the paper's code takes. */
  public static BlipCaptioner load(ModelFolder folder, Backend backend) throws IOException {
    return load(folder, backend, SearchOptions.PUBLISHED);
  }

  /**
   * Loads a folder such as Salesforce/blip-image-captioning-base: {@code config.json}, {@code
   * model.safetensors}, {@code vocab.txt}, and {@code preprocessor_config.json} and {@code
   * tokenizer_config.json} if they are there.
   *
   * @throws IOException if a file is missing or malformed
   * @throws IllegalArgumentException if a config asks for what is not supported, or the files do
   *     not go together
   */
  public static BlipCaptioner load(ModelFolder folder, Backend backend, SearchOptions search)
      throws IOException {
    BertTokenizer tokenizer = BertTokenizer.load(folder);
    BlipPictures pictures = BlipPictures.load(folder);
    BlipModel model = BlipModel.load(folder, backend);
    int side = model.vision().config().imageSize();
    checkArgument(
        pictures.size() == side,
        "%s: the preprocessor makes pictures of %s pixels a side, the model takes %s",
        folder,
        pictures.size(),
        side);
    int known = model.decoder().config().vocabSize();
    checkArgument(
        tokenizer.vocabularySize() <= known,
        "%s: the tokenizer knows %s tokens, the model only %s",
        folder,
        tokenizer.vocabularySize(),
        known);
    return new BlipCaptioner(model, tokenizer, pictures, backend, search);
  }

  @Override
  public String caption(BufferedImage picture, Optional<String> word) {
    if (word.isEmpty()) {
      String text = sentence(picture, PROMPT);
      return text.substring(Math.min(PROMPT.length(), text.length())).strip();
    }
    String prompt = SentenceBank.caption(word.get());
    String begun = tokenizer.decode(tokenizer.encode(prompt));
    String text = sentence(picture, prompt);
    // The word as it was given, though the tokenizer knows no capitals and no accents.
    String caption = text.startsWith(begun) ? prompt + text.substring(begun.length()) : prompt;
    return Mentions.of(word.get(), caption) ? caption : prompt;
  }

  /** The text of a sentence that begins with a prompt; if there is no room for more, the prompt. */
  private String sentence(BufferedImage picture, String prompt) {
    int[] encoded = tokenizer.encode(prompt);
    int[] ids = Arrays.copyOf(encoded, encoded.length - 1); // the end comes later
    ids[0] = model.decoder().config().beginId();
    if (ids.length >= search.maxLength().orElse(Integer.MAX_VALUE)) {
      return tokenizer.decode(ids);
    }
    try (Scope scope = Scope.open()) {
      BufferedImage square = PillowResize.LANCZOS.resize(picture, EDITED_SIZE, EDITED_SIZE);
      Tensor pixels = pictures.toTensor(square, backend);
      return tokenizer.decode(model.generate(pixels, ids, search));
    }
  }
}
