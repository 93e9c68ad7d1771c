package io.github.pix2pixzero.unet;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.tensor.Cancellation;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.TensorSource;
import io.github.pix2pixzero.tensor.nn.Conv2d;
import io.github.pix2pixzero.tensor.nn.GroupNorm;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.unet.AttentionSite.Stage;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The noise predictor of Stable Diffusion 1.x and 2.x (Rombach et al., 2022), in the structure and
 * with the names of diffusers' {@code UNet2DConditionModel}.
 *
 * <p>The network is differentiable with respect to the latent, and to weights that are trainable.
 * One instance may be used by any number of threads at once.
 */
public final class UNet2DConditionModel {
  private static final Logger LOG = LoggerFactory.getLogger(UNet2DConditionModel.class);

  private final UNetConfig config;
  private final ImmutableList<AttentionSite> sites;
  private final TimestepEmbedding timeEmbedding;
  private final Conv2d convIn;
  private final List<DownBlock> downBlocks = new ArrayList<>();
  private final MidBlock midBlock;
  private final List<UpBlock> upBlocks = new ArrayList<>();
  private final GroupNorm convNormOut;
  private final Conv2d convOut;

  /**
   * @throws IllegalArgumentException naming the first weight that is missing or has an unexpected
   *     shape
   */
  public UNet2DConditionModel(Weights weights, UNetConfig config) {
    this.config = config;
    ImmutableList.Builder<AttentionSite> found = ImmutableList.builder();
    int finest = config.blockChannels().get(0);
    timeEmbedding = new TimestepEmbedding(weights.at("time_embedding"), config);
    convIn = Conv2d.load(weights.at("conv_in"), config.inChannels(), finest);
    for (int level = 0; level < config.blocks(); level++) {
      downBlocks.add(new DownBlock(weights.at("down_blocks").at(level), config, level, found::add));
    }
    midBlock = new MidBlock(weights.at("mid_block"), config, found::add);
    for (int index = 0; index < config.blocks(); index++) {
      upBlocks.add(new UpBlock(weights.at("up_blocks").at(index), config, index, found::add));
    }
    convNormOut =
        GroupNorm.load(
            weights.at("conv_norm_out"), finest, config.normGroups(), config.normEpsilon());
    convOut = Conv2d.load(weights.at("conv_out"), finest, config.outChannels());
    sites = found.build();
  }

  /**
   * Reads {@code config.json} and the weights of a {@code unet} folder.
   *
   * @throws IOException if a file is missing or malformed
   * @throws IllegalArgumentException if config or weights are not those of a supported network
   */
  public static UNet2DConditionModel load(ModelFolder folder, Backend backend) throws IOException {
    UNetConfig config = UNetConfig.from(folder.json("config.json"));
    try (TensorSource files = folder.weights("diffusion_pytorch_model")) {
      Weights weights = Weights.of(backend, files);
      UNet2DConditionModel unet = new UNet2DConditionModel(weights, config);
      if (!weights.leftovers().isEmpty()) {
        LOG.warn("{}: not used: {}", files.displayName(), weights.leftovers());
      }
      return unet;
    }
  }

  public UNetConfig config() {
    return config;
  }

  /** Every attention layer, in the order in which a forward pass asks its control. */
  public ImmutableList<AttentionSite> sites() {
    return sites;
  }

  /** {@link #forward(Tensor, int, Tensor, AttentionControl)} with nobody watching. */
  public Tensor forward(Tensor latent, int timestep, Tensor context) {
    return forward(latent, timestep, context, AttentionControl.NONE);
  }

  /**
   * Predicts the noise in a latent (or the velocity, as the checkpoint was trained).
   *
   * @param latent [batch, inChannels, height, width]
   * @param timestep 0 … 999
   * @param context text embeddings, [batch, tokens, contextWidth]
   * @param control asked at every attention site
   * @return [batch, outChannels, height, width]
   * @throws IllegalArgumentException if shapes do not fit the network or one another
   */
  public Tensor forward(Tensor latent, int timestep, Tensor context, AttentionControl control) {
    try (Scope once = Scope.local()) {
      return once.keep(forward(latent, timestep, new TextContext(context), control));
    }
  }

  /**
   * The same with text embeddings that several passes share, which saves their projections.
   *
   * @param context made for this network
   */
  public Tensor forward(
      Tensor latent, int timestep, TextContext context, AttentionControl control) {
    try (Scope scope = Scope.local()) {
      return scope.keep(forward(latent, timestep(timestep), context, control));
    }
  }

  /**
   * A timestep as what {@link #forward(Tensor, Tensor, TextContext, AttentionControl)} takes: sines
   * and cosines, [1, channels].
   */
  public Tensor timestep(int timestep) {
    return timeEmbedding.waves(timestep);
  }

  /** The same at a timestep that may become another one while the storages stay. */
  public Tensor forward(
      Tensor latent, Tensor timestep, TextContext context, AttentionControl control) {
    try (Scope scope = Scope.local()) {
      return scope.keep(forwardAll(latent, timestep, context, control).prediction());
    }
  }

  /**
   * What a whole pass computes.
   *
   * @param prediction [batch, outChannels, height, width]
   * @param deep what the last block starts from, which all levels but the finest have made
   */
  public record WithDeep(Tensor prediction, Tensor deep) {}

  /** {@link #forward(Tensor, Tensor, TextContext, AttentionControl)}, with the deep features. */
  public WithDeep forwardAll(
      Tensor latent, Tensor timestep, TextContext context, AttentionControl control) {
    check(latent, context.embeddings());
    Cancellation.check();
    try (Scope scope = Scope.local()) {
      Conditions conditions = new Conditions(timeEmbedding.forward(timestep), context, control);
      Deque<Tensor> skips = new ArrayDeque<>();
      Tensor x = entered(latent, skips);
      for (DownBlock block : downBlocks) {
        x = block.forward(x, conditions, skips);
      }
      x = midBlock.forward(x, conditions);
      for (UpBlock block : upBlocks.subList(0, upBlocks.size() - 1)) {
        x = block.forward(x, conditions, skips);
      }
      Tensor prediction = scope.keep(left(x, conditions, skips));
      return new WithDeep(prediction, scope.keep(x));
    }
  }

  /**
   * The prediction of the finest level alone, on the deep features of a neighbouring timestep,
   * which change little (Ma et al., "DeepCache", CVPR 2024).
   *
   * @param deep of a pass of the same shape with the same context
   */
  public Tensor forwardFinest(
      Tensor latent, Tensor deep, Tensor timestep, TextContext context, AttentionControl control) {
    check(latent, context.embeddings());
    Cancellation.check();
    try (Scope scope = Scope.local()) {
      Conditions conditions = new Conditions(timeEmbedding.forward(timestep), context, control);
      Deque<Tensor> skips = new ArrayDeque<>();
      Tensor unused = downBlocks.get(0).forward(entered(latent, skips), conditions, skips);
      if (config.blocks() > 1) {
        skips.pop(); // for the level below
      }
      return scope.keep(left(deep, conditions, skips));
    }
  }

  /** From a latent to features, [batch, height, width, channels]. */
  private Tensor entered(Tensor latent, Deque<Tensor> skips) {
    Tensor x = convIn.forward(latent.toChannelsLast());
    skips.push(x);
    return x;
  }

  /** Through the last block and out. */
  private Tensor left(Tensor deep, Conditions conditions, Deque<Tensor> skips) {
    Tensor x = upBlocks.get(upBlocks.size() - 1).forward(deep, conditions, skips);
    return convOut.forward(convNormOut.silu(x)).toChannelsFirst();
  }

  private void check(Tensor latent, Tensor context) {
    checkArgument(
        latent.shape().rank() == 4 && latent.dim(1) == config.inChannels(),
        "the latent should be [batch, %s, height, width], it is %s",
        config.inChannels(),
        latent.shape());
    checkArgument(
        latent.dim(2) % config.multiple() == 0 && latent.dim(3) % config.multiple() == 0,
        "latent height and width should be multiples of %s, they are %s and %s",
        config.multiple(),
        latent.dim(2),
        latent.dim(3));
    checkArgument(
        context.shape().rank() == 3
            && context.dim(0) == latent.dim(0)
            && context.dim(2) == config.contextWidth(),
        "the text embeddings should be [%s, tokens, %s], they are %s",
        latent.dim(0),
        config.contextWidth(),
        context.shape());
  }

  static String siteName(Stage stage, int block, int layer) {
    return switch (stage) {
      case DOWN -> "down_blocks." + block + ".attentions." + layer;
      case MID -> "mid_block.attentions." + layer;
      case UP -> "up_blocks." + block + ".attentions." + layer;
    };
  }
}
