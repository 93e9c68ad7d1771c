package io.github.pix2pixzero.caption.blip;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.JsonConfig;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.TensorSource;
import io.github.pix2pixzero.tensor.nn.VisionSizes;
import io.github.pix2pixzero.tensor.nn.Weights;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * BLIP as it writes captions (Li et al., 2022): transformers' {@code BlipForConditionalGeneration},
 * from the base or the large checkpoint. The weights are constants. Immutable.
 */
public final class BlipModel {
  private static final Logger LOG = LoggerFactory.getLogger(BlipModel.class);

  private final BlipVisionModel vision;
  private final BlipTextDecoder decoder;

  /**
   * Joins the two halves.
   *
   * @throws IllegalArgumentException if the decoder attends to a width that is not the vision's
   */
  public BlipModel(BlipVisionModel vision, BlipTextDecoder decoder) {
    checkArgument(
        vision.sizes().hiddenSize() == decoder.config().encoderHiddenSize(),
        "a decoder that attends to a width of %s does not go with a vision model of %s",
        decoder.config().encoderHiddenSize(),
        vision.sizes().hiddenSize());
    this.vision = vision;
    this.decoder = decoder;
  }

  /**
   * Loads {@code config.json} and {@code model.safetensors} or its shards.
   *
   * @throws IOException if a file is missing or malformed
   * @throws IllegalArgumentException if the config asks for what is not supported, or the weights
   *     do not fit it
   */
  public static BlipModel load(ModelFolder folder, Backend backend) throws IOException {
    JsonConfig config = folder.json("config.json");
    if (!config.getString("model_type", "blip").equals("blip")) {
      throw config.unsupported("model_type", "blip");
    }
    VisionSizes sizes = BlipVisionModel.sizes(config.at("vision_config"));
    BlipTextConfig textConfig = BlipTextConfig.from(config.at("text_config"), sizes.hiddenSize());
    try (TensorSource files = folder.weights("model")) {
      Weights weights = Weights.of(backend, files);
      BlipModel model =
          new BlipModel(
              new BlipVisionModel(weights.at("vision_model"), sizes),
              new BlipTextDecoder(weights.at("text_decoder"), textConfig));
      List<String> leftovers =
          weights.leftovers().stream().filter(name -> !isOfNoUse(name)).toList();
      if (!leftovers.isEmpty()) {
        LOG.warn(
            "{}: {} tensors are no part of BLIP and stay unused: {}",
            files.displayName(),
            leftovers.size(),
            leftovers);
      }
      return model;
    }
  }

  /** The positions 0, 1, 2, …, and the bias of a head whose linear layer has its own. */
  private static boolean isOfNoUse(String name) {
    return name.endsWith("embeddings.position_ids") || name.endsWith("cls.predictions.bias");
  }

  public BlipVisionModel vision() {
    return vision;
  }

  public BlipTextDecoder decoder() {
    return decoder;
  }

  /**
   * Writes a sentence about a picture.
   *
   * @param pixels [1, 3, imageSize, imageSize], normalised as {@link BlipPictures} does
   * @param prompt token ids that the sentence begins with; {@link BlipTextConfig#beginId} comes
   *     first
   * @return token ids with the prompt's, and {@link BlipTextConfig#endId} where it was reached
   * @throws IllegalArgumentException if the prompt leaves no room for a token more
   */
  public int[] generate(Tensor pixels, int[] prompt, SearchOptions options) {
    return sentence(pixels, prompt, options).ids();
  }

  SentenceSearch.Sentence sentence(Tensor pixels, int[] prompt, SearchOptions options) {
    try (Scope scope = Scope.open();
        Continuations continuations = new Continuations(decoder, vision.forward(pixels))) {
      return SentenceSearch.best(continuations, decoder.config(), prompt, options);
    }
  }
}
