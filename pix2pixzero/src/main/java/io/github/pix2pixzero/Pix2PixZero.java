package io.github.pix2pixzero;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.Progress.Stage;
import io.github.pix2pixzero.direction.DirectionCache;
import io.github.pix2pixzero.direction.EditDirection;
import io.github.pix2pixzero.hub.ModelName;
import io.github.pix2pixzero.picture.PictureFit;
import io.github.pix2pixzero.stablediffusion.LoadOptions;
import io.github.pix2pixzero.stablediffusion.StableDiffusion;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import java.awt.image.BufferedImage;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Edits pictures with a pre-trained diffusion model, by the method of Parmar et al., "Zero-shot
 * Image-to-Image Translation" (SIGGRAPH 2023), or another {@linkplain
 * io.github.pix2pixzero.guidance.EditMethod method}.
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
  private static final Logger LOG = LoggerFactory.getLogger(Pix2PixZero.class);

  private static final String BUNDLED = "io/github/pix2pixzero/toyworld/model";

  private final StableDiffusion model;
  private final Directions directions;
  private final Planner planner;
  private final Views views;
  private final Pipeline pipeline;

  private Pix2PixZero(StableDiffusion model, Optional<DirectionCache> kept) {
    this.model = model;
    directions = new Directions(model, kept);
    planner = new Planner(model, directions);
    views = new Views(model);
    pipeline = new Pipeline(views);
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
    return of(
        StableDiffusion.load(
            checkpoint,
            backend,
            options,
            (done, tensors) ->
                progress.progressed(
                    new Progress(
                        Stage.LOAD, done, tensors, (double) done / Math.max(1, tensors), 0, 1))));
  }

  /**
   * {@link #load(String, Backend, LoadOptions, ProgressListener)} onto the best backend there is.
   */
  public static Pix2PixZero load(String model) throws IOException {
    return load(model, Backends.best(), LoadOptions.defaults(), ProgressListener.NONE);
  }

  /**
   * Loads a checkpoint from a path or, where there is none of that name, a model of the Hugging
   * Face hub. What the hub's cache lacks of it is downloaded: a few gigabytes.
   *
   * @param model a path as for {@link #load(Path, Backend, LoadOptions, ProgressListener)}, or
   *     {@code ORG/NAME} or {@code ORG/NAME@REVISION}
   * @throws IOException as there, or if the model is neither found nor can be downloaded
   * @throws IllegalArgumentException as there, or if an environment variable of the hub makes no
   *     sense
   */
  public static Pix2PixZero load(
      String model, Backend backend, LoadOptions options, ProgressListener progress)
      throws IOException {
    checkNotNull(model, "model");
    return load(HubCheckpoints.locate(model, options, progress), backend, options, progress);
  }

  /**
   * Downloads what the cache lacks of a model of the Hugging Face hub, as the hub has it now: a
   * checkpoint, or a model that looks at pictures, such as BLIP for captions.
   *
   * @param options of which the variant counts
   * @return the folder with the model
   * @throws IOException if it cannot be downloaded; the message says why
   */
  public static Path pull(ModelName name, LoadOptions options, ProgressListener progress)
      throws IOException {
    return HubCheckpoints.pull(name, options, progress);
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
          "the bundled model is not on the class path; add the artifact toy-world, or name a"
              + " model");
    }
    return of(StableDiffusion.load(folder, backend).named("toy-world"));
  }

  /** Edits with a model that is loaded. */
  public static Pix2PixZero of(StableDiffusion model) {
    return new Pix2PixZero(checkNotNull(model, "model"), Optional.empty());
  }

  /**
   * The same model, which keeps directions on disk: with a large text encoder the sentences of one
   * take as long as half an edit.
   *
   * @param folder made when the first direction is kept; several programs may share it
   */
  public Pix2PixZero keepingDirections(Path folder) {
    checkNotNull(folder, "folder");
    return new Pix2PixZero(model, Optional.of(new DirectionCache(folder, backend())));
  }

  /**
   * The same model, which reads weights of words in captions, prompts and sentences as
   * stable-diffusion-webui (A1111) does: {@code (word)} counts 1.1 times, {@code [word]} 1 / 1.1
   * times, {@code (word:1.3)} 1.3 times. Directions are not kept on disk unless {@link
   * #keepingDirections} says so anew.
   */
  public Pix2PixZero readingWeights() {
    return of(model.readingWeights());
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
   * Inverts a picture, if the method needs it, and edits it.
   *
   * @param image of any size; the result has the size it was {@linkplain PictureFit fitted} to
   * @throws IllegalArgumentException if nothing says what to change, the method cannot do it, or
   *     the direction was made for another kind of model
   * @throws ArithmeticException if the edit runs off to infinity
   * @throws CancellationException if the listener or an interruption of the thread ends the edit
   */
  public Edit edit(BufferedImage image, EditOptions options, ProgressListener progress) {
    return edit(List.of(checkNotNull(image, "image")), options, progress).get(0);
  }

  /**
   * Inverts pictures and edits them one after the other; their direction is made once. A listener
   * is given each {@linkplain ProgressListener#edited edit} as soon as it is done.
   *
   * @param images at least one
   * @return one edit a picture, the same as that of the picture by itself
   */
  public ImmutableList<Edit> edit(
      List<BufferedImage> images, EditOptions options, ProgressListener progress) {
    checkArgument(!images.isEmpty(), "there are no pictures to edit");
    for (int i = 0; i < images.size(); i++) {
      checkNotNull(images.get(i), "image %s", i);
    }
    try (Work work = new Work(progress, views::decode, images.size())) {
      EditPlan plan = planner.beforeInversion(options, work); // they take long
      int steps = plan.request().invertedSteps();
      Pipeline.expectInversion(work, steps, images.size());
      Pipeline.expectEdit(work, plan, images.size());
      warnOfShortage(plan);
      return each(
          images,
          work,
          image -> pipeline.edit(pipeline.invert(image, options, steps, work), plan, work));
    }
  }

  /** Edits a picture along directions with default options, see the other. */
  public ImmutableList<Edit> edit(BufferedImage image, List<EditDirection> along) {
    return edit(image, along, EditOptions.builder().build(), ProgressListener.NONE);
  }

  /**
   * Inverts a picture once and edits it along each of several directions. A listener is given each
   * {@linkplain ProgressListener#edited edit} as soon as it is done.
   *
   * @param along at least one
   * @param options their own direction, words, sentences and target caption do not matter
   * @return one edit a direction
   */
  public ImmutableList<Edit> edit(
      BufferedImage image,
      List<EditDirection> along,
      EditOptions options,
      ProgressListener progress) {
    checkNotNull(image, "image");
    checkArgument(!along.isEmpty(), "there are no directions to edit along");
    try (Work work = new Work(progress, views::decode, along.size())) {
      List<EditPlan> plans =
          along.stream()
              .map(direction -> planner.beforeInversion(options.along(direction), work))
              .collect(Collectors.toList());
      int steps = plans.get(0).request().invertedSteps();
      Pipeline.expectInversion(work, steps, 1);
      Pipeline.expectEdit(work, plans.get(0), plans.size());
      warnOfShortage(plans.get(0));
      Inversion inversion = pipeline.invert(image, options, steps, work);
      return each(plans, work, plan -> pipeline.edit(inversion, plan, work));
    }
  }

  /** Makes an edit of each item, and hands it on as soon as it is done. */
  private static <T> ImmutableList<Edit> each(List<T> items, Work work, Function<T, Edit> editor) {
    ImmutableList.Builder<Edit> edits = ImmutableList.builder();
    for (int i = 0; i < items.size(); i++) {
      work.startItem(i);
      Edit edit = editor.apply(items.get(i));
      work.edited(edit);
      edits.add(edit);
    }
    return edits.build();
  }

  /**
   * Edits a generated picture. Unless chosen otherwise, the caption is its prompt; of the published
   * options the negative prompt is empty and the guidance amount 0.15, as for generated pictures.
   */
  public Edit edit(Generation generation, EditOptions options, ProgressListener progress) {
    return edit(generation.inversion(), options, progress);
  }

  /**
   * Edits a picture that has been inverted, as {@link #plan(Inversion, EditOptions)} says.
   *
   * @throws IllegalArgumentException if nothing says what to change, the method cannot do it or
   *     needs an inversion that is none, or direction or inversion were made with another model
   * @throws ArithmeticException if the edit runs off to infinity
   * @throws CancellationException if the listener or an interruption of the thread ends the edit
   */
  public Edit edit(Inversion inversion, EditOptions options, ProgressListener progress) {
    try (Work work = new Work(progress, views::decode, 1)) {
      EditPlan plan = planner.of(inversion, options, work);
      warnOfShortage(plan, inversion.inverted());
      return edit(inversion, plan, work);
    }
  }

  /**
   * Edits a picture that has been inverted, as a plan says that was made for it, or for the options
   * that it was inverted with.
   *
   * @throws IllegalArgumentException if the inversion was made for another kind of model, or with
   *     other steps than the plan is for
   * @throws ArithmeticException if the edit runs off to infinity
   * @throws CancellationException if the listener or an interruption of the thread ends the edit
   */
  public Edit edit(Inversion inversion, EditPlan plan, ProgressListener progress) {
    planner.checkFits(inversion);
    int steps = plan.request().invertedSteps();
    checkArgument(
        steps == 0 || inversion.steps() == steps,
        "the plan is for an inversion of %s steps, this one has %s",
        steps,
        inversion.steps());
    try (Work work = new Work(progress, views::decode, 1)) {
      return edit(inversion, plan, work);
    }
  }

  private Edit edit(Inversion inversion, EditPlan plan, Work work) {
    Pipeline.expectEdit(work, plan, 1, inversion.nullText().isPresent());
    return pipeline.edit(inversion, plan, work);
  }

  // ------------------------------------------------------------------ plan

  /** {@link #plan(EditOptions, ProgressListener)} with nobody listening. */
  public EditPlan plan(EditOptions options) {
    return plan(options, ProgressListener.NONE);
  }

  /**
   * What an edit of a picture with these options would do. What is wrong with them is better found
   * out before pictures are inverted. The direction that it takes is made, and remembered.
   *
   * @throws IllegalArgumentException if nothing says what to change, the method cannot do it, or
   *     the direction was made for another kind of model
   */
  public EditPlan plan(EditOptions options, ProgressListener progress) {
    try (Work work = new Work(progress, views::decode, 1)) {
      EditPlan plan = planner.beforeInversion(options, work);
      warnOfShortage(plan);
      return plan;
    }
  }

  /** Of memory, for a picture of the size that the model was trained with. */
  private void warnOfShortage(EditPlan plan) {
    int side = model.unet().config().sampleSize();
    warnOfShortage(plan, side * side);
  }

  private void warnOfShortage(EditPlan plan, Tensor latent) {
    warnOfShortage(plan, latent.dim(2) * latent.dim(3));
  }

  private void warnOfShortage(EditPlan plan, int pixels) {
    if (plan.method().differentiates()) {
      MemoryNeed.shortage(model, pixels, Runtime.getRuntime().maxMemory()).ifPresent(LOG::warn);
    }
  }

  /** {@link #plan(Inversion, EditOptions, ProgressListener)} with nobody listening. */
  public EditPlan plan(Inversion inversion, EditOptions options) {
    return plan(inversion, options, ProgressListener.NONE);
  }

  /**
   * What an edit of a picture that has been inverted would do. Unless chosen otherwise, caption and
   * number of steps are those of the inversion.
   *
   * @throws IllegalArgumentException as for {@link #plan(EditOptions, ProgressListener)}, or if the
   *     inversion was made with another model, naming both
   */
  public EditPlan plan(Inversion inversion, EditOptions options, ProgressListener progress) {
    try (Work work = new Work(progress, views::decode, 1)) {
      EditPlan plan = planner.of(inversion, options, work);
      warnOfShortage(plan, inversion.inverted());
      return plan;
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
   * @throws ArithmeticException if a network makes numbers that are not finite, naming it
   * @throws CancellationException if the listener or an interruption of the thread ends it
   */
  public Inversion invert(BufferedImage image, EditOptions options, ProgressListener progress) {
    return invert(image, options, options.stepsOfInversion(), progress);
  }

  /**
   * What edits of a picture with these options start from, to be shared by several: as {@link
   * #invert(BufferedImage, EditOptions, ProgressListener)} where they {@linkplain
   * EditOptions#inverts need} the way to noise, else only the encoded picture.
   */
  public Inversion prepare(BufferedImage image, EditOptions options, ProgressListener progress) {
    return invert(image, options, options.inverts() ? options.stepsOfInversion() : 0, progress);
  }

  private Inversion invert(
      BufferedImage image, EditOptions options, int steps, ProgressListener progress) {
    try (Work work = new Work(progress, views::decode, 1)) {
      Pipeline.expectInversion(work, steps, 1);
      return pipeline.invert(image, options, steps, work);
    }
  }

  /**
   * An inversion with the embeddings of null-text inversion, which edits with this guidance scale
   * then share; without them each edit that asks for them finds its own. Takes several times as
   * long as the inversion itself.
   *
   * @param guidanceScale of the edits, not 1; 7.5 is usual
   * @return the same if it has them already
   * @throws IllegalArgumentException if the inversion was made with another model, or is none
   * @throws CancellationException if the listener or an interruption of the thread ends it
   */
  public Inversion withNullText(
      Inversion inversion, double guidanceScale, ProgressListener progress) {
    planner.checkFits(inversion);
    inversion.requireInverted("null-text inversion");
    if (inversion.nullText().filter(n -> n.guidanceScale() == guidanceScale).isPresent()) {
      return inversion;
    }
    try (Work work = new Work(progress, views::decode, 1)) {
      return pipeline.withNullText(inversion, guidanceScale, work);
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
    checkNotNull(prompt, "prompt");
    try (Work work = new Work(progress, views::decode, 1)) {
      return pipeline.generate(prompt, options, work);
    }
  }

  /**
   * Where the words of an inversion's caption look: runs along its trajectory once more.
   *
   * @throws IllegalArgumentException if the inversion was made with another model, or is none
   * @throws CancellationException if the listener or an interruption of the thread ends it
   */
  public AttentionMaps attention(Inversion inversion, ProgressListener progress) {
    planner.checkFits(inversion);
    inversion.requireInverted("seeing where words look");
    try (Work work = new Work(progress, views::decode, 1)) {
      work.expect(Stage.REPLAY, inversion.steps(), 1);
      return views.attention(inversion.trajectory(), inversion.caption(), work);
    }
  }

  /** The picture that a latent stands for. */
  public BufferedImage decode(Tensor latent) {
    return views.decode(latent);
  }

  /** The direction from one set of sentences to another, by this model's text encoder. */
  public EditDirection direction(List<String> source, List<String> target) {
    return directions.between(source, target);
  }

  /**
   * The direction that options ask for.
   *
   * @throws IllegalArgumentException if nothing says what to change, or the direction was made for
   *     another kind of model
   */
  public EditDirection direction(EditOptions options) {
    try (Work work = new Work(ProgressListener.NONE, views::decode, 1)) {
      return directions.of(options, work);
    }
  }
}
