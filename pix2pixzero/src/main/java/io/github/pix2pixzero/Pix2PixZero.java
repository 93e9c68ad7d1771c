package io.github.pix2pixzero;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Stopwatch;
import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.ProgressListener.Stage;
import io.github.pix2pixzero.direction.DirectionCache;
import io.github.pix2pixzero.direction.EditDirection;
import io.github.pix2pixzero.guidance.GuidedSampler;
import io.github.pix2pixzero.inversion.DdimInverter;
import io.github.pix2pixzero.inversion.Trajectory;
import io.github.pix2pixzero.picture.FittedPicture;
import io.github.pix2pixzero.picture.PictureFit;
import io.github.pix2pixzero.picture.PictureTensors;
import io.github.pix2pixzero.stablediffusion.LoadOptions;
import io.github.pix2pixzero.stablediffusion.StableDiffusion;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.random.TorchCpuGenerator;
import io.github.pix2pixzero.unet.AttentionControl;
import java.awt.image.BufferedImage;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/**
 * Edits pictures with a pre-trained diffusion model, by the method of Parmar et al., "Zero-shot
 * Image-to-Image Translation" (SIGGRAPH 2023).
 *
 * <pre>{@code
 * Pix2PixZero model = Pix2PixZero.load(Path.of("stable-diffusion-v1-5"));
 * EditOptions catToDog = EditOptions.builder().from("cat").to("dog").build();
 * Edit edit = model.edit(PictureFiles.read(Path.of("cat.jpg")), catToDog);
 * PictureFiles.write(edit.image(), Path.of("dog.png"));
 * }</pre>
 *
 * <p>One instance may be used by any number of threads at once.
 */
public final class Pix2PixZero {
  private static final String BUNDLED = "io/github/pix2pixzero/toyworld/model";

  private static final int DIRECTIONS_REMEMBERED = 32;

  private final StableDiffusion model;
  private final Views views;
  private final Optional<DirectionCache> kept;
  private final Cache<ImmutableList<List<String>>, EditDirection> directions =
      CacheBuilder.newBuilder().maximumSize(DIRECTIONS_REMEMBERED).build();

  private Pix2PixZero(StableDiffusion model) {
    this(model, Optional.empty());
  }

  private Pix2PixZero(StableDiffusion model, Optional<DirectionCache> kept) {
    this.model = model;
    this.views = new Views(model);
    this.kept = kept;
  }

  /** {@link #load(Path, Backend)} onto the best backend there is. */
  public static Pix2PixZero load(Path checkpoint) throws IOException {
    return load(checkpoint, Backends.best());
  }

  /** {@link #load(Path, Backend, LoadOptions, ProgressListener)} with nothing special. */
  public static Pix2PixZero load(Path checkpoint, Backend backend) throws IOException {
    return load(checkpoint, backend, LoadOptions.defaults(), ProgressListener.NONE);
  }

  /**
   * Loads a checkpoint of Stable Diffusion 1.x or 2.x: a folder in the layout of diffusers, a
   * folder of the Hugging Face cache, or a {@code .safetensors} file in the layout of CompVis.
   *
   * @param options what the files leave open, or should be overruled in
   * @throws IOException if there is no checkpoint, or one of its files is malformed
   * @throws IllegalArgumentException if a part is of a kind that is not supported, naming what is,
   *     or weights are missing, naming them
   */
  public static Pix2PixZero load(
      Path checkpoint, Backend backend, LoadOptions options, ProgressListener progress)
      throws IOException {
    return new Pix2PixZero(
        StableDiffusion.load(
            checkpoint,
            backend,
            options,
            (done, tensors) -> progress.progressed(Stage.LOAD, done, tensors)));
  }

  /**
   * Loads the toy model of the artifact {@code toy-world}.
   *
   * @throws FileNotFoundException if that artifact is not on the class path
   */
  public static Pix2PixZero loadBundled(Backend backend) throws IOException {
    ModelFolder folder = ModelFolder.ofResources(Pix2PixZero.class, BUNDLED);
    if (!folder.exists("model_index.json")) {
      throw new FileNotFoundException(
          "the bundled model is not on the class path; add the artifact toy-world, or name a model");
    }
    return new Pix2PixZero(StableDiffusion.load(folder, backend));
  }

  /**
   * The same model, which keeps directions on disk: with a large text encoder the sentences of one
   * take as long as half an edit.
   *
   * @param folder made when the first direction is kept; several programs may share it
   */
  public Pix2PixZero keepingDirections(Path folder) {
    return new Pix2PixZero(model, Optional.of(new DirectionCache(folder, backend())));
  }

  /** The networks, for who wants to build on them. */
  public StableDiffusion model() {
    return model;
  }

  public Backend backend() {
    return model.backend();
  }

  // ------------------------------------------------------------------ edit

  /** {@link #edit(BufferedImage, EditOptions, ProgressListener)} with nobody listening. */
  public Edit edit(BufferedImage image, EditOptions options) {
    return edit(image, options, ProgressListener.NONE);
  }

  /**
   * Inverts a picture and edits it.
   *
   * @param image of any size; the result has the size it was {@linkplain PictureFit fitted} to
   * @throws IllegalArgumentException if nothing says what to change, or the direction was made for
   *     another kind of model
   * @throws ArithmeticException if the edit runs off to infinity
   * @throws CancellationException if the listener or an interruption of the thread ends the edit
   */
  public Edit edit(BufferedImage image, EditOptions options, ProgressListener progress) {
    return edit(List.of(image), options, progress).get(0);
  }

  /**
   * Inverts pictures and edits them one after the other; their direction is made once.
   *
   * @return one edit a picture, the same as that of the picture by itself
   */
  public ImmutableList<Edit> edit(
      List<BufferedImage> images, EditOptions options, ProgressListener progress) {
    Optional<EditDirection> direction = // before the inversions: they take long
        directionFor(options.caption(), options);
    ImmutableList.Builder<Edit> edits = ImmutableList.builder();
    for (BufferedImage image : images) {
      edits.add(edit(invert(image, options, progress), direction, options, progress));
    }
    return edits.build();
  }

  /** Edits a picture along directions with default options, see the other. */
  public ImmutableList<Edit> edit(BufferedImage image, List<EditDirection> directions) {
    return edit(image, directions, EditOptions.builder().build(), ProgressListener.NONE);
  }

  /**
   * Inverts a picture once and edits it along each of several directions.
   *
   * @param options their own direction, words, sentences and target caption do not matter
   * @return one edit a direction
   */
  public ImmutableList<Edit> edit(
      BufferedImage image,
      List<EditDirection> directions,
      EditOptions options,
      ProgressListener progress) {
    directions.forEach(this::checkFits);
    Inversion inversion = invert(image, options, progress);
    return directions.stream()
        .map(direction -> edit(inversion, Optional.of(direction), options, progress))
        .collect(ImmutableList.toImmutableList());
  }

  /**
   * Edits a generated picture. Unless chosen otherwise, the caption is its prompt; of the published
   * options the negative prompt is empty and the guidance amount 0.15, as for generated pictures.
   */
  public Edit edit(Generation generation, EditOptions options, ProgressListener progress) {
    return edit(generation.inversion(), options, progress);
  }

  /**
   * Edits a picture that has been inverted. Unless chosen otherwise, caption and number of steps
   * are those of the inversion.
   *
   * @throws IllegalArgumentException if nothing says what to change, or direction or inversion were
   *     made for another kind of model
   * @throws ArithmeticException if the edit runs off to infinity
   * @throws CancellationException if the listener or an interruption of the thread ends the edit
   */
  public Edit edit(Inversion inversion, EditOptions options, ProgressListener progress) {
    return edit(inversion, directionFor(options.captionFor(inversion), options), options, progress);
  }

  private Edit edit(
      Inversion inversion,
      Optional<EditDirection> direction,
      EditOptions options,
      ProgressListener progress) {
    Stopwatch watch = Stopwatch.createStarted();
    checkFits(inversion);
    String caption = options.captionFor(inversion);
    try (Scope scope = Scope.open()) {
      GuidedSampler.Result result =
          new EditPass(model, inversion, direction, options, progress).run();
      checkFinite(
          result.edited(),
          "the edit ran off to infinity with guidance amount %s and guidance scale %s",
          options.guidanceAmountFor(inversion),
          options.guidanceScale());
      BufferedImage image = decode(result.edited());
      Optional<AttentionMaps> attention =
          options.attentionMaps()
              ? Optional.of(views.attention(inversion.trajectory(), caption, progress))
              : Optional.empty();
      Tensor reference = Scope.detach(result.reference());
      return new Edit(
          image,
          inversion,
          options,
          direction.isPresent() ? Optional.empty() : options.targetCaptionFor(caption),
          Scope.detach(result.edited()),
          reference,
          () -> decode(reference),
          attention,
          watch.elapsed(),
          backend().memory().peak());
    }
  }

  // ------------------------------------------------------------------ invert, generate, look

  /** {@link #invert(BufferedImage, EditOptions, ProgressListener)} with nobody listening. */
  public Inversion invert(BufferedImage image, EditOptions options) {
    return invert(image, options, ProgressListener.NONE);
  }

  /**
   * Finds the noise that leads to a picture. Of the options caption, steps, regularisation, seed
   * and fit matter.
   *
   * @throws IllegalArgumentException if the options have a mask of another size
   * @throws CancellationException if the listener or an interruption of the thread ends it
   */
  public Inversion invert(BufferedImage image, EditOptions options, ProgressListener progress) {
    Stopwatch watch = Stopwatch.createStarted();
    FittedPicture fitted =
        new PictureFit(model.pictureSize(), model.pictureMultiple(), options.fit()).fit(image);
    options.mask().ifPresent(fitted::checkMask); // before the work
    Steps steps = new Steps(progress, Stage.INVERT, options.steps(), this::decode);
    try (Scope scope = Scope.open()) {
      Tensor picture = PictureTensors.toTensor(fitted.picture(), model.backend());
      Tensor encoded = model.encode(picture);
      Trajectory trajectory =
          new DdimInverter(model.unet(), model.schedule(), options.regularization())
              .trajectory(
                  encoded,
                  model.embed(options.caption()),
                  options.steps(),
                  new TorchCpuGenerator(options.seed()),
                  (step, count, latent) -> steps.stepped(step, latent));
      trajectory.latents().forEach(Scope::detach);
      return new Inversion(trajectory, options.caption(), watch.elapsed(), Optional.of(fitted));
    }
  }

  /** Generates a picture with default options, see the other. */
  public Generation generate(String prompt, long seed) {
    return generate(prompt, GenerateOptions.builder().seed(seed).build(), ProgressListener.NONE);
  }

  /**
   * Generates a picture from a text.
   *
   * @throws IllegalArgumentException if the model has no pictures of the size asked for
   * @throws ArithmeticException if the picture runs off to infinity
   * @throws CancellationException if the listener or an interruption of the thread ends it
   */
  public Generation generate(String prompt, GenerateOptions options, ProgressListener progress) {
    Stopwatch watch = Stopwatch.createStarted();
    int width = latentSize(options.width(), "width");
    int height = latentSize(options.height(), "height");
    int channels = model.unet().config().inChannels();
    Steps steps = new Steps(progress, Stage.GENERATE, options.steps(), this::decode);
    try (Scope scope = Scope.open()) {
      float[] drawn = new TorchCpuGenerator(options.seed()).normal(channels * height * width);
      Tensor noise = Tensor.of(backend(), drawn, 1, channels, height, width);
      Optional<TokenMaps> maps =
          options.attentionMaps() ? Optional.of(new TokenMaps(width, height)) : Optional.empty();
      Trajectory trajectory =
          new DdimSampler(model.unet(), model.schedule())
              .sample(
                  noise,
                  model.embed(prompt),
                  model.embed(options.negativePrompt()),
                  options.steps(),
                  options.guidanceScale(),
                  maps.<AttentionControl>map(control -> control).orElse(AttentionControl.NONE),
                  steps);
      Tensor latent = trajectory.after(0);
      checkFinite(
          latent,
          "the picture ran off to infinity with guidance scale %s",
          options.guidanceScale());
      BufferedImage image = decode(latent);
      trajectory.latents().forEach(Scope::detach);
      return new Generation(
          image,
          trajectory,
          prompt,
          options,
          maps.map(control -> views.words(control, prompt, width, height)),
          watch.elapsed(),
          backend().memory().peak());
    }
  }

  /** Latent pixels for a number of a picture's pixels. */
  private int latentSize(int pixels, String side) {
    int size = pixels == 0 ? model.pictureSize() : pixels;
    checkArgument(
        size % model.pictureMultiple() == 0,
        "the %s of a picture should be a multiple of %s, it is %s",
        side,
        model.pictureMultiple(),
        size);
    return size / model.vae().factor();
  }

  /**
   * Where the words of an inversion's caption look: runs along its trajectory once more.
   *
   * @throws IllegalArgumentException if the inversion was made for another kind of model
   * @throws CancellationException if the listener or an interruption of the thread ends it
   */
  public AttentionMaps attention(Inversion inversion, ProgressListener progress) {
    checkFits(inversion);
    return views.attention(inversion.trajectory(), inversion.caption(), progress);
  }

  /** The picture that a latent stands for. */
  public BufferedImage decode(Tensor latent) {
    return views.decode(latent);
  }

  // ------------------------------------------------------------------ directions

  /** The direction from one set of sentences to another, by this model's text encoder. */
  public EditDirection direction(List<String> source, List<String> target) {
    EditDirection direction =
        kept.map(cache -> cache.between(model.textEncoder(), source, target))
            .orElseGet(() -> EditDirection.between(model.textEncoder(), source, target));
    Scope.detach(direction.embedding());
    return direction;
  }

  /**
   * The direction that options ask for. What words and sentences lead to is remembered: to encode
   * them takes as long as some steps of an edit.
   *
   * @throws IllegalArgumentException if nothing says what to change, or the direction was made for
   *     another kind of model
   */
  public EditDirection direction(EditOptions options) {
    if (options.direction().isPresent()) {
      checkFits(options.direction().get());
      return options.direction().get();
    }
    checkArgument(
        !options.sourceSentences().isEmpty(),
        "an edit needs a source and a target (words or sentences), or a direction, or a target"
            + " caption");
    ImmutableList<List<String>> key =
        ImmutableList.of(options.sourceSentences(), options.targetSentences());
    EditDirection direction = directions.getIfPresent(key);
    if (direction == null) {
      direction = direction(options.sourceSentences(), options.targetSentences());
      directions.put(key, direction);
    }
    return direction;
  }

  /** Where an edit of a picture leads; empty if it leads to another caption. */
  private Optional<EditDirection> directionFor(String caption, EditOptions options) {
    return options.followsCaption(caption) ? Optional.empty() : Optional.of(direction(options));
  }

  /**
   * Makes the direction that an edit with these options takes, if it takes one. What is wrong with
   * it is better found out before pictures are inverted.
   *
   * @throws IllegalArgumentException if nothing says what to change, or the direction was made for
   *     another kind of model
   */
  public void prepare(EditOptions options) {
    directionFor(options.caption(), options);
  }

  private void checkFits(EditDirection direction) {
    int tokens = model.textEncoder().tokenizer().maxLength();
    int width = model.unet().config().contextWidth();
    Tensor embedding = direction.embedding();
    checkArgument(
        embedding.dim(1) == tokens && embedding.dim(2) == width,
        "the edit direction is for text embeddings of %s tokens by %s, this model's are %s by %s",
        embedding.dim(1),
        embedding.dim(2),
        tokens,
        width);
    direction.checkMadeBy(model.textEncoder());
  }

  private void checkFits(Inversion inversion) {
    Tensor inverted = inversion.inverted();
    int channels = model.unet().config().inChannels();
    int multiple = model.unet().config().multiple();
    checkArgument(
        inverted.dim(1) == channels
            && inverted.dim(2) % multiple == 0
            && inverted.dim(3) % multiple == 0,
        "the inversion is for a latent of %s, this model's have %s channels, and height and width"
            + " that %s divides",
        inverted.shape(),
        channels,
        multiple);
  }

  private static void checkFinite(Tensor latent, String message, Object... arguments) {
    for (float value : latent.toFloats()) {
      if (!Float.isFinite(value)) {
        throw new ArithmeticException(message.formatted(arguments));
      }
    }
  }
}
