package io.github.pix2pixzero;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Stopwatch;
import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.checkpoint.Checkpoint;
import io.github.pix2pixzero.checkpoint.LoadOptions;
import io.github.pix2pixzero.direction.EditDirection;
import io.github.pix2pixzero.guidance.CrossAttentionLoss;
import io.github.pix2pixzero.guidance.GuidedSampler;
import io.github.pix2pixzero.inversion.DdimInverter;
import io.github.pix2pixzero.picture.PictureFit;
import io.github.pix2pixzero.picture.PictureTensors;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.random.TorchCpuGenerator;
import java.awt.image.BufferedImage;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

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

  private final StableDiffusion model;

  private Pix2PixZero(StableDiffusion model) {
    this.model = model;
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
    try (Checkpoint opened = Checkpoint.open(checkpoint, options)) {
      return new Pix2PixZero(StableDiffusion.load(opened, backend, progress));
    }
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

  public Backend backend() {
    return model.backend();
  }

  /** {@link #edit(BufferedImage, EditOptions, ProgressListener)} with nobody listening. */
  public Edit edit(BufferedImage image, EditOptions options) {
    return edit(image, options, ProgressListener.NONE);
  }

  /**
   * Inverts a picture and edits it.
   *
   * @param image of any size; the result has the size it was {@linkplain PictureFit fitted} to
   * @throws IllegalArgumentException if the direction was made for another kind of model
   * @throws ArithmeticException if the edit runs off to infinity
   */
  public Edit edit(BufferedImage image, EditOptions options, ProgressListener progress) {
    options.direction().ifPresent(this::checkFits); // before the inversion: that takes long
    return edit(invert(image, options, progress), options, progress);
  }

  /**
   * Finds the noise that leads to a picture. Of the options caption, steps, regularisation and seed
   * matter.
   */
  public Inversion invert(BufferedImage image, EditOptions options, ProgressListener progress) {
    Stopwatch watch = Stopwatch.createStarted();
    PictureFit fit = new PictureFit(model.pictureSize(), model.pictureMultiple());
    try (Scope scope = Scope.open()) {
      Tensor picture = PictureTensors.toTensor(fit.apply(image), model.backend());
      Tensor encoded = model.vae().encode(picture).mode().mul(model.vae().config().scalingFactor());
      Tensor inverted =
          new DdimInverter(model.unet(), model.schedule(), options.regularization())
              .invert(
                  encoded,
                  embed(options.caption()),
                  options.steps(),
                  new TorchCpuGenerator(options.seed()),
                  (step, steps, latent) ->
                      progress.progressed(ProgressListener.Stage.INVERT, step + 1, steps));
      return new Inversion(
          Scope.detach(encoded),
          Scope.detach(inverted),
          options.caption(),
          options.steps(),
          watch.elapsed());
    }
  }

  /**
   * Edits a picture that has been inverted.
   *
   * @throws IllegalArgumentException if the direction was made for another kind of model
   * @throws ArithmeticException if the edit runs off to infinity
   */
  public Edit edit(Inversion inversion, EditOptions options, ProgressListener progress) {
    Stopwatch watch = Stopwatch.createStarted();
    try (Scope scope = Scope.open()) {
      Tensor prompt = embed(options.caption());
      GuidedSampler.Prompts prompts =
          new GuidedSampler.Prompts(
              prompt, embed(options.negativePrompt()), prompt.add(direction(options)));
      GuidedSampler.Settings settings =
          new GuidedSampler.Settings(
              options.steps(),
              options.guidanceScale(),
              options.guidanceAmount(),
              options.gradientMode());
      GuidedSampler.Result result =
          new GuidedSampler(model.unet(), model.schedule(), new CrossAttentionLoss())
              .sample(
                  inversion.inverted(),
                  prompts,
                  settings,
                  (step, steps, current) ->
                      progress.progressed(ProgressListener.Stage.EDIT, step + 1, steps));
      checkFinite(result.edited(), options);
      BufferedImage image = decode(result.edited());
      return new Edit(
          image,
          inversion,
          Scope.detach(result.edited()),
          Scope.detach(result.reference()),
          options.seed(),
          watch.elapsed());
    }
  }

  /** The picture that a latent stands for. */
  public BufferedImage decode(Tensor latent) {
    try (Scope scope = Scope.open()) {
      float unscale = 1 / model.vae().config().scalingFactor();
      return PictureTensors.toPicture(model.vae().decode(latent.mul(unscale)));
    }
  }

  /** The direction from one set of sentences to another, by this model's text encoder. */
  public EditDirection direction(List<String> source, List<String> target) {
    EditDirection direction = EditDirection.between(model.textEncoder(), source, target);
    Scope.detach(direction.embedding());
    return direction;
  }

  private Tensor direction(EditOptions options) {
    EditDirection direction =
        options
            .direction()
            .orElseGet(() -> direction(options.sourceSentences(), options.targetSentences()));
    checkFits(direction);
    return direction.embedding();
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
  }

  private Tensor embed(String prompt) {
    return model.textEncoder().encode(ImmutableList.of(prompt));
  }

  private static void checkFinite(Tensor latent, EditOptions options) {
    for (float value : latent.toFloats()) {
      if (!Float.isFinite(value)) {
        throw new ArithmeticException(
            "the edit ran off to infinity with guidance amount %s and guidance scale %s"
                .formatted(options.guidanceAmount(), options.guidanceScale()));
      }
    }
  }
}
