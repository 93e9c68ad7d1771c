package io.github.pix2pixzero.caption.blip;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.caption.Captioner;
import io.github.pix2pixzero.direction.SentenceBank;
import io.github.pix2pixzero.direction.WholeWord;
import io.github.pix2pixzero.hub.DownloadListener;
import io.github.pix2pixzero.hub.Hub;
import io.github.pix2pixzero.hub.ModelFiles;
import io.github.pix2pixzero.hub.ModelName;
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
  /** The published checkpoints on the hub, the one that the paper's code takes first. */
  public static final ImmutableList<ModelName> PUBLISHED =
      ImmutableList.of(
          ModelName.parse("Salesforce/blip-image-captioning-base"),
          ModelName.parse("Salesforce/blip-image-captioning-large"));

  private static final ModelFiles FILES =
      ModelFiles.builder()
          .require("config.json", "vocab.txt")
          .optional("preprocessor_config.json", "tokenizer_config.json")
          .weights("model", Optional.empty())
          .build();

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
    int side = model.vision().sizes().imageSize();
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

  /**
   * Loads a folder or, where there is none of that path, a model of the hub, such as one of {@link
   * #PUBLISHED}; what the hub's cache lacks of it is downloaded: about a gigabyte.
   *
   * @param model a path, or {@code ORG/NAME} or {@code ORG/NAME@REVISION}
   * @throws IOException as {@link #load(ModelFolder, Backend)}, or if the model is neither found
   *     nor can be downloaded
   * @throws IllegalArgumentException as there
   */
  public static BlipCaptioner load(String model, Backend backend, DownloadListener listener)
      throws IOException {
    return load(ModelFolder.of(Hub.locate(model, FILES, listener)), backend);
  }

  /**
   * The first of {@link #PUBLISHED} whose files are in the hub's cache, so that it can be loaded
   * without a download.
   *
   * @throws IOException if the cache cannot be read
   */
  public static Optional<ModelName> cached(Hub hub) throws IOException {
    for (ModelName name : PUBLISHED) {
      if (hub.cached(name, FILES).isPresent()) {
        return Optional.of(name);
      }
    }
    return Optional.empty();
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
    return WholeWord.occursIn(caption, word.get()) ? caption : prompt;
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
