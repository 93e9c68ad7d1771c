package io.github.pix2pixzero.stablediffusion;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.github.pix2pixzero.clip.ClipTextConfig;
import io.github.pix2pixzero.clip.ClipTokenizer;
import io.github.pix2pixzero.clip.LearnedWord;
import io.github.pix2pixzero.clip.TextEncoder;
import io.github.pix2pixzero.hub.HubCache;
import io.github.pix2pixzero.inversion.NoiseSchedule;
import io.github.pix2pixzero.tensor.io.JsonConfig;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.TensorSource;
import io.github.pix2pixzero.unet.UNetConfig;
import io.github.pix2pixzero.vae.VaeConfig;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A checkpoint of Stable Diffusion whose files are open and whose weights can be read, under
 * diffusers' names whatever its layout.
 *
 * @param name the path, for messages
 * @param layout how the files are laid out
 * @param unetConfig sizes of the noise predictor
 * @param vaeConfig sizes of the autoencoder
 * @param textConfig sizes of the text encoder
 * @param scheduler the keys of diffusers' {@code scheduler_config.json}
 * @param tokenizer the text encoder's tokenizer
 * @param unet weights of the noise predictor
 * @param vae weights of the autoencoder
 * @param textEncoder weights of the text encoder
 * @param leftovers names in the files that belong to none of the three networks and have no other
 *     meaning that is known
 * @param loras what has been merged into the weights
 * @param words that were learned beside the vocabulary
 */
public record Checkpoint(
    String name,
    Layout layout,
    UNetConfig unetConfig,
    VaeConfig vaeConfig,
    ClipTextConfig textConfig,
    JsonConfig scheduler,
    ClipTokenizer tokenizer,
    TensorSource unet,
    TensorSource vae,
    TensorSource textEncoder,
    ImmutableSet<String> leftovers,
    ImmutableList<MergedLora> loras,
    ImmutableList<LearnedWord> words)
    implements AutoCloseable {

  /** Where the hub's cache keeps a model. */
  private static final Pattern CACHED =
      Pattern.compile(".*models--([^/\\\\]+)[/\\\\]snapshots[/\\\\][^/\\\\]+");

  /** How the files of a checkpoint are laid out. */
  public enum Layout {
    /** A folder with a sub-folder for each part. */
    DIFFUSERS,
    /** One file under the names of CompVis' latent diffusion. */
    SINGLE_FILE
  }

  /** The checkpoints this project knows, told apart by the width of their text embeddings. */
  public enum Family {
    SD1("Stable Diffusion 1.x"),
    SD2("Stable Diffusion 2.x"),
    OTHER("a latent diffusion model that is neither Stable Diffusion 1.x nor 2.x");

    private final String title;

    Family(String title) {
      this.title = title;
    }

    /** The family with text embeddings of a width. */
    public static Family ofWidth(int width) {
      return switch (width) {
        case 768 -> SD1;
        case 1024 -> SD2;
        default -> OTHER;
      };
    }

    /** For people. */
    public String title() {
      return title;
    }
  }

  /**
   * Opens a checkpoint: a folder in the layout of diffusers, a folder of the Hugging Face cache
   * ({@code models--…}, or one of its snapshots), or a file in the layout of CompVis, {@code
   * .safetensors} or a pickle of PyTorch ({@code .ckpt}), of which nothing is run.
   *
   * @throws IOException if there is none, or a file is missing or malformed
   * @throws IllegalArgumentException if a part is of a kind that is not supported, naming what is
   */
  public static Checkpoint open(Path path, LoadOptions options) throws IOException {
    return withAdditions(openPlain(path, options), options);
  }

  private static Checkpoint withAdditions(Checkpoint checkpoint, LoadOptions options)
      throws IOException {
    try {
      ImmutableList.Builder<LearnedWord> read = ImmutableList.builder();
      for (EmbeddingChoice embedding : options.embeddings()) {
        read.add(TextualInversion.read(embedding));
      }
      Checkpoint all =
          checkpoint.with(
              checkpoint.unet(), checkpoint.textEncoder(), checkpoint.loras(), read.build());
      return options.loras().isEmpty() ? all : Lora.merge(all, options.loras());
    } catch (IOException | RuntimeException e) {
      checkpoint.close();
      throw e;
    }
  }

  /** This checkpoint with other weights of noise predictor and text encoder. */
  Checkpoint with(
      TensorSource newUnet, TensorSource newTextEncoder, ImmutableList<MergedLora> newLoras) {
    return with(newUnet, newTextEncoder, newLoras, words);
  }

  private Checkpoint with(
      TensorSource newUnet,
      TensorSource newTextEncoder,
      ImmutableList<MergedLora> newLoras,
      ImmutableList<LearnedWord> newWords) {
    return new Checkpoint(
        name,
        layout,
        unetConfig,
        vaeConfig,
        textConfig,
        scheduler,
        tokenizer,
        newUnet,
        vae,
        newTextEncoder,
        leftovers,
        newLoras,
        newWords);
  }

  private static Checkpoint openPlain(Path path, LoadOptions options) throws IOException {
    if (Files.isDirectory(path)) {
      return DiffusersFolder.open(ModelFolder.of(HubCache.snapshotIn(path)), options);
    }
    if (Files.notExists(path)) {
      throw new FileNotFoundException("no such folder or file: " + path);
    }
    if (!WeightsFile.isOne(path)) {
      throw new IOException(
          path
              + " is no checkpoint: neither a folder nor a file called .safetensors, .ckpt, .pt,"
              + " .pth or .bin");
    }
    return CompVisFile.open(path, options);
  }

  /** Whether a path is, by its name, a file that {@link #open(Path, LoadOptions)} takes. */
  public static boolean isFile(Path path) {
    return WeightsFile.isOne(path);
  }

  /** Opens a folder in the layout of diffusers. As {@link #open(Path, LoadOptions)}. */
  public static Checkpoint open(ModelFolder folder, LoadOptions options) throws IOException {
    return withAdditions(DiffusersFolder.open(folder, options), options);
  }

  /** Whether a folder is a snapshot in the hub's cache. */
  static boolean isOfCache(String folder) {
    return CACHED.matcher(folder).matches();
  }

  /** The name without folders; of the hub's cache, that of the model there. */
  public String title() {
    Matcher cached = CACHED.matcher(name);
    if (cached.matches()) {
      return cached.group(1).replaceFirst("--", "/");
    }
    List<String> parts = Splitter.onPattern("[/\\\\]").omitEmptyStrings().splitToList(name);
    return parts.isEmpty() ? name : parts.get(parts.size() - 1);
  }

  /** The kind of model. */
  public Family family() {
    return Family.ofWidth(unetConfig.contextWidth());
  }

  /**
   * Requires that the parts fit one another, as far as can be told without reading weights.
   *
   * @throws IllegalArgumentException naming what does not
   */
  public void checkFit() {
    int latent = vaeConfig.latentChannels();
    checkArgument(
        unetConfig.inChannels() == latent && unetConfig.outChannels() == latent,
        "%s: the noise predictor takes %s channels and makes %s; supported: as many as the latent"
            + " has, %s (models for inpainting, depth or instructions take more)",
        name,
        unetConfig.inChannels(),
        unetConfig.outChannels(),
        latent);
    checkArgument(
        unetConfig.contextWidth() == textConfig.hiddenSize(),
        "%s: the noise predictor attends to text embeddings of width %s, the text encoder makes %s",
        name,
        unetConfig.contextWidth(),
        textConfig.hiddenSize());
    TextEncoder.checkFit(tokenizer, textConfig);
    for (LearnedWord word : words) {
      checkArgument(
          word.width() == textConfig.hiddenSize(),
          "the learned word \"%s\" is for text encoders of width %s (%s), this one's is %s (%s)",
          word.token(),
          word.width(),
          Family.ofWidth(word.width()).title(),
          textConfig.hiddenSize(),
          family().title());
    }
  }

  /** Why this cannot be loaded, but for weights that are missing; empty if it can. */
  public ImmutableList<String> refusals() {
    ImmutableList.Builder<String> refusals = ImmutableList.builder();
    for (Runnable check : new Runnable[] {this::checkFit, () -> NoiseSchedule.from(scheduler)}) {
      try {
        check.run();
      } catch (IllegalArgumentException e) {
        refusals.add(e.getMessage());
      }
    }
    return refusals.build();
  }

  @Override
  public void close() throws IOException {
    try (unet;
        vae;
        textEncoder) {
      // Closing is all.
    }
  }
}
