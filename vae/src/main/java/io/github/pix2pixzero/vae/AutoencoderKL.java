package io.github.pix2pixzero.vae;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.TensorSource;
import io.github.pix2pixzero.tensor.nn.Linear;
import io.github.pix2pixzero.tensor.nn.Weights;
import java.io.IOException;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The autoencoder of latent diffusion (Rombach et al., 2022; Kingma and Welling, 2014): images to
 * latents of an eighth of the size, as a rule, and back. Agrees with diffusers' {@code
 * AutoencoderKL}.
 *
 * <p>Latents are unscaled, as those of diffusers' {@code vae.encode} and {@code vae.decode}: the
 * caller multiplies with {@link VaeConfig#scalingFactor()} after encoding and divides before
 * decoding. Gradients reach the image and the latent, and weights that are trainable.
 */
public final class AutoencoderKL {
  /** ε of every group normalisation. */
  static final float EPSILON = 1e-6f;

  private static final Logger LOG = LoggerFactory.getLogger(AutoencoderKL.class);

  private static final String CONFIG = "config.json";
  private static final String WEIGHTS = "diffusion_pytorch_model";

  private final VaeConfig config;
  private final Encoder encoder;
  private final Linear quantConv;
  private final Linear postQuantConv;
  private final Decoder decoder;
  private final Tiling tiling;

  /**
   * Binds the weights by diffusers' names.
   *
   * @throws IllegalArgumentException naming file, tensor and shapes if one is missing or has
   *     another shape
   */
  public AutoencoderKL(Weights weights, VaeConfig config) {
    this.config = config;
    int latent = config.latentChannels();
    encoder = new Encoder(weights.at("encoder"), config);
    quantConv =
        config.useQuantConv()
            ? Linear.pointwise(weights.at("quant_conv"), 2 * latent, 2 * latent)
            : null;
    postQuantConv =
        config.usePostQuantConv()
            ? Linear.pointwise(weights.at("post_quant_conv"), latent, latent)
            : null;
    decoder = new Decoder(weights.at("decoder"), config);
    tiling = Tiling.AUTOMATIC;
  }

  private AutoencoderKL(AutoencoderKL other, Tiling tiling) {
    config = other.config;
    encoder = other.encoder;
    quantConv = other.quantConv;
    postQuantConv = other.postQuantConv;
    decoder = other.decoder;
    this.tiling = tiling;
  }

  /**
   * The same network with another way of passing large pictures; without it, {@link
   * Tiling#AUTOMATIC}.
   *
   * @throws IllegalArgumentException if three quarters of a tile are no whole number of latent
   *     pixels
   */
  public AutoencoderKL with(Tiling other) {
    checkArgument(
        other.tile() % (4 * factor()) == 0,
        "the size of a tile should be a multiple of %s pixels, it is %s",
        4 * factor(),
        other.tile());
    return new AutoencoderKL(this, other);
  }

  /**
   * Loads the {@code vae/} folder of a checkpoint: {@value #CONFIG} and the weights, {@value
   * #WEIGHTS}.safetensors or its shards.
   *
   * @throws IOException if a file is missing or malformed
   * @throws IllegalArgumentException if the config asks for what is not supported, or the weights
   *     do not fit it
   */
  public static AutoencoderKL load(ModelFolder vaeFolder, Backend backend) throws IOException {
    VaeConfig config = VaeConfig.from(vaeFolder.json(CONFIG));
    try (TensorSource files = vaeFolder.weights(WEIGHTS)) {
      Weights weights = Weights.of(backend, files);
      AutoencoderKL vae = new AutoencoderKL(weights, config);
      Set<String> leftovers = weights.leftovers();
      if (!leftovers.isEmpty()) {
        LOG.warn(
            "{}: {} tensors are no part of the autoencoder and stay unused: {}",
            files.displayName(),
            leftovers.size(),
            leftovers);
      }
      return vae;
    }
  }

  public VaeConfig config() {
    return config;
  }

  /** How many pixels, along each side, one latent pixel stands for. */
  public int factor() {
    return 1 << (config.blockOutChannels().size() - 1);
  }

  /**
   * The encoder's features at its finest levels, to compare pictures by.
   *
   * @param image [batch, height, width, channels] in [-1, 1], channels last unlike elsewhere
   * @param levels how many levels are passed
   * @return what comes into the first level, [batch, height, width, blockOutChannels], and what
   *     leaves each, of half the size or, of the last, the same
   * @throws IllegalArgumentException if the image has another shape, or there are fewer levels
   */
  public ImmutableList<Tensor> features(Tensor image, int levels) {
    checkArgument(
        levels >= 0 && levels <= config.blockOutChannels().size(),
        "the encoder has %s levels, not %s",
        config.blockOutChannels().size(),
        levels);
    checkArgument(
        image.shape().rank() == 4
            && image.dim(3) == config.inChannels()
            && image.dim(1) % factor() == 0
            && image.dim(2) % factor() == 0,
        "the image has shape %s, expected [batch, height, width, %s] with height and width"
            + " multiples of %s",
        image.shape(),
        config.inChannels(),
        factor());
    return encoder.features(image, levels);
  }

  /**
   * The distribution of latents that an image is encoded to.
   *
   * @param image [batch, channels, height, width] in [-1, 1]; height and width are multiples of
   *     {@link #factor()}
   * @return mean and logarithm of the variance, each [batch, latentChannels, height / factor, width
   *     / factor]
   * @throws IllegalArgumentException if the image has another shape
   */
  public Posterior encode(Tensor image) {
    checkArgument(
        image.shape().rank() == 4
            && image.dim(1) == config.inChannels()
            && image.dim(2) % factor() == 0
            && image.dim(3) % factor() == 0,
        "the image has shape %s, expected [batch, %s, height, width] with height and width"
            + " multiples of %s",
        image.shape(),
        config.inChannels(),
        factor());
    try (Scope scope = Scope.local()) {
      Tensor moments = // [batch, 2 · latentChannels, height, width]
          tiling.appliesTo(image.dim(2), image.dim(3))
              ? Tiling.apply(image, tiling.tile(), tiling.tile() / factor(), this::moments)
              : moments(image);
      int latent = config.latentChannels();
      return new Posterior(
          scope.keep(moments.slice(1, 0, latent)),
          scope.keep(moments.slice(1, latent, 2 * latent)));
    }
  }

  /** [batch, channels, height, width] to means before logarithms of variances. */
  private Tensor moments(Tensor image) {
    try (Scope scope = Scope.local()) {
      Tensor moments = encoder.forward(image.toChannelsLast());
      if (quantConv != null) {
        moments = quantConv.forward(moments);
      }
      return scope.keep(moments.toChannelsFirst());
    }
  }

  /**
   * The image of a latent. Values may lie somewhat outside of [-1, 1]; they are not clipped, so
   * that gradients pass.
   *
   * @param latent [batch, latentChannels, height, width], unscaled
   * @return [batch, channels, height · factor, width · factor]
   * @throws IllegalArgumentException if the latent has another shape
   */
  public Tensor decode(Tensor latent) {
    checkArgument(
        latent.shape().rank() == 4 && latent.dim(1) == config.latentChannels(),
        "the latent has shape %s, expected [batch, %s, height, width]",
        latent.shape(),
        config.latentChannels());
    return tiling.appliesTo(latent.dim(2) * factor(), latent.dim(3) * factor())
        ? Tiling.apply(latent, tiling.tile() / factor(), tiling.tile(), this::image)
        : image(latent);
  }

  private Tensor image(Tensor latent) {
    try (Scope scope = Scope.local()) {
      Tensor x = latent.toChannelsLast();
      if (postQuantConv != null) {
        x = postQuantConv.forward(x);
      }
      return scope.keep(decoder.forward(x).toChannelsFirst());
    }
  }
}
