package io.github.pix2pixzero.distill;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.distill.ComodEncoder.Encoded;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.random.Generator;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * The generator of Co-Mod-GAN (Zhao et al., ICLR 2021) for pairs of pictures: an encoder sees the
 * source, and a StyleGAN2 decoder is modulated by the encoder's code of the whole picture, beside a
 * style of chance where there is a mapping network.
 *
 * <p>Written from the papers' equations; no code of a repository is in it. Where implementations
 * differ: a layer's style is an affine function of both codes side by side; the encoder's features
 * are added after the decoder's up-convolution; up-convolutions convolve, as PyTorch's transposed
 * convolution does. Dropout of the global code is for training alone, unlike in the authors'
 * release, so that a picture has one answer.
 */
public final class ComodStudent implements Student {
  private final Backend backend;
  private final ComodConfig config;
  private final ComodEncoder encoder;
  private final ComodMapping mapping;
  private final ComodSynthesis synthesis;

  ComodStudent(Weights weights, ComodConfig config) {
    this(weights, config, Remembering.ALL);
  }

  ComodStudent(Weights weights, ComodConfig config, Remembering remembering) {
    this.backend = weights.backend();
    this.config = config;
    Blur blur = new Blur();
    encoder = new ComodEncoder(weights.at("encoder"), config, blur, remembering);
    mapping =
        config.mapping() == null ? null : new ComodMapping(weights.at("mapping"), config.mapping());
    synthesis = new ComodSynthesis(weights.at("synthesis"), config, blur, remembering);
  }

  @Override
  public ComodConfig config() {
    return config;
  }

  /** With a mapping network, of the style of zeros, which is in the middle of all. */
  @Override
  public Answer answer(Tensor source) {
    if (mapping == null) {
      return answer(source, Chance.NONE);
    }
    Tensor zeros = Tensor.zeros(backend, source.dim(0), config.mapping().inputs());
    return answer(source, new Chance(styles(mapping.forward(zeros)), Map.of(), null));
  }

  @Override
  public Answer answer(Tensor source, List<? extends Generator> random) {
    checkArgument(
        random.size() == source.dim(0),
        "there are %s generators for %s pictures",
        random.size(),
        source.dim(0));
    Tensor keep = keep(random);
    if (mapping == null) {
      return answer(source, new Chance(List.of(), Map.of(), keep));
    }
    int inputs = config.mapping().inputs();
    Tensor z = Tensor.of(backend, normal(inputs, random), random.size(), inputs);
    Map<String, Tensor> noise = new HashMap<>();
    for (int size = ComodConfig.SMALLEST; size <= config.resolution(); size *= 2) {
      noise.put(size + ".conv", noise(size, random));
      if (size > ComodConfig.SMALLEST) {
        noise.put(size + ".up", noise(size, random));
      }
    }
    return answer(source, new Chance(styles(mapping.forward(z)), noise, keep));
  }

  private Tensor noise(int size, List<? extends Generator> random) {
    return Tensor.of(backend, normal(size * size, random), random.size(), size, size, 1);
  }

  /** So many numbers of each generator. */
  private static float[] normal(int count, List<? extends Generator> random) {
    float[] numbers = new float[count * random.size()];
    for (int i = 0; i < random.size(); i++) {
      random.get(i).fillNormal(numbers, i * count, count);
    }
    return numbers;
  }

  /** Factors that drop a share of the code and make up for it. */
  private Tensor keep(List<? extends Generator> random) {
    if (config.dropout() == 0) {
      return null;
    }
    int width = config.globalWidth();
    float[] keep = new float[random.size() * width];
    for (int i = 0; i < random.size(); i++) {
      random.get(i).fillUniform(keep, i * width, width);
    }
    float kept = (float) (1 / (1 - config.dropout()));
    for (int i = 0; i < keep.length; i++) {
      keep[i] = keep[i] < config.dropout() ? 0 : kept;
    }
    return Tensor.of(backend, keep, random.size(), width);
  }

  /** The same style for all layers. */
  List<Tensor> styles(Tensor style) {
    return Collections.nCopies(config.styles(), style);
  }

  /** A style [batch, width] of numbers [batch, inputs]. */
  Tensor style(Tensor z) {
    return mapping.forward(z);
  }

  Answer answer(Tensor source, Chance chance) {
    return answer(source, chance, (name, tensor) -> {});
  }

  /**
   * @param seen told of what lies on the way, by the names of the reference vectors
   */
  Answer answer(Tensor source, Chance chance, BiConsumer<String, Tensor> seen) {
    checkArgument(
        source.shape().rank() == 4
            && source.dim(1) == config.resolution()
            && source.dim(2) == config.resolution()
            && source.dim(3) == 3,
        "the source has shape %s, expected [batch, %s, %s, 3]",
        source.shape(),
        config.resolution(),
        config.resolution());
    Encoded encoded = encoder.forward(source);
    encoded.features().forEach((size, x) -> seen.accept("feature." + size, x));
    Tensor code = chance.keep() == null ? encoded.code() : encoded.code().mul(chance.keep());
    seen.accept("global", code);
    Tensor last =
        synthesis.forward(
            code, encoded.features(), chance, (size, x) -> seen.accept("synthesis." + size, x));
    seen.accept("rgb", last);
    return config.head().answer(source, last);
  }
}
