package io.github.pix2pixzero;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import com.google.common.base.Stopwatch;
import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.Progress.Stage;
import io.github.pix2pixzero.guidance.EditMask;
import io.github.pix2pixzero.guidance.LatentPair;
import io.github.pix2pixzero.guidance.PromptSampler;
import io.github.pix2pixzero.guidance.Prompts;
import io.github.pix2pixzero.inversion.DdimInverter;
import io.github.pix2pixzero.inversion.NullText;
import io.github.pix2pixzero.inversion.Trajectory;
import io.github.pix2pixzero.picture.FittedPicture;
import io.github.pix2pixzero.picture.Overlay;
import io.github.pix2pixzero.picture.PictureFit;
import io.github.pix2pixzero.picture.PictureTensors;
import io.github.pix2pixzero.stablediffusion.StableDiffusion;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.random.TorchCpuGenerator;
import io.github.pix2pixzero.unet.AttentionControl;
import java.awt.image.BufferedImage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** What takes long: from pictures and texts to latents and back, told to the {@link Work}. */
record Pipeline(Views views) {
  /** How many predictions of the noise an autoencoder's pass takes as long as, about. */
  private static final double AUTOENCODER = 2;

  /** A step of null-text inversion: updates with a gradient each, until the loss is small. */
  private static final double NULL_TEXT = 20;

  /** Edits a picture that has been inverted. */
  Edit edit(Inversion inversion, EditPlan plan, Work work) {
    Stopwatch watch = Stopwatch.createStarted();
    try (Scope scope = Scope.open()) {
      EditPass.Result made = new EditPass(views, inversion, plan, work).run();
      LatentPair result = made.latents();
      checkFinite(result.edited(), "the edit", plan.method().settings());
      BufferedImage image =
          work.once(
              Stage.DECODE,
              () -> overlaid(inversion, plan, made.mask(), views.decode(result.edited())));
      Optional<AttentionMaps> attention =
          plan.attentionMaps()
              ? Optional.of(views.attention(inversion.trajectory(), plan.caption(), work))
              : Optional.empty();
      Tensor reference = Scope.outlive(result.reference());
      return new Edit(
          image,
          inversion,
          plan,
          views.model().identity(texts(plan)),
          Scope.outlive(result.edited()),
          reference,
          made.mask().map(Scope::outlive),
          () -> views.decode(reference),
          attention,
          watch.elapsed(),
          views.model().backend().memory().peak());
    }
  }

  /** What a method holds is the picture itself; a generated one has been decoded as well. */
  private static BufferedImage overlaid(
      Inversion inversion, EditPlan plan, Optional<Tensor> mask, BufferedImage edited) {
    return inversion.picture().isEmpty() || mask.isEmpty() || !plan.method().takesMask()
        ? edited
        : Overlay.of(inversion.picture().get().picture(), edited, mask.get());
  }

  private static List<String> texts(EditPlan plan) {
    return Stream.concat(
            Stream.of(plan.caption(), plan.negativePrompt()), plan.targetCaption().stream())
        .toList();
  }

  /** Tells work that it will invert pictures, in no steps if they are only encoded. */
  static void expectInversion(Work work, int steps, int times) {
    work.expect(Stage.ENCODE, AUTOENCODER, times).expect(Stage.INVERT, steps, times);
  }

  /** Tells work that it will edit pictures. */
  static void expectEdit(Work work, EditPlan plan, int times) {
    expectEdit(work, plan, times, false);
  }

  /** The same of an inversion that may have its null-text embeddings. */
  static void expectEdit(Work work, EditPlan plan, int times, boolean hasNullText) {
    boolean looks = plan.wordMask().isPresent();
    boolean searches = plan.method().takesMask() && plan.mask().isEmpty() && !looks;
    work.expect(Stage.MASK, EditMask.passes(plan.steps()), searches ? times : 0)
        .expect(
            Stage.NULL_TEXT,
            NULL_TEXT * plan.steps(),
            plan.method().nullTextScale().isPresent() && !hasNullText ? times : 0)
        .expect(Stage.EDIT, plan.method().passesAStep() * plan.steps(), times)
        .expect(Stage.DECODE, AUTOENCODER, times)
        .expect(
            Stage.REPLAY, plan.steps(), times * ((looks ? 1 : 0) + (plan.attentionMaps() ? 1 : 0)));
  }

  /** Finds the noise that leads to a picture, unless no steps are to be taken towards it. */
  Inversion invert(BufferedImage image, EditOptions options, int steps, Work work) {
    StableDiffusion model = views.model();
    Stopwatch watch = Stopwatch.createStarted();
    FittedPicture fitted =
        new PictureFit(model.pictureSize(), model.pictureMultiple(), options.fit())
            .fit(checkNotNull(image, "image"));
    options.mask().ifPresent(fitted::checkMask); // before the work
    String caption = options.captionOfPicture();
    try (Scope scope = Scope.open()) {
      Tensor picture = PictureTensors.toTensor(fitted.picture(), views.model().backend());
      Tensor encoded = work.once(Stage.ENCODE, () -> model.encode(picture));
      Trajectory trajectory =
          steps == 0
              ? new Trajectory(ImmutableList.of(encoded))
              : new DdimInverter(model.unet(), model.schedule(), options.regularization())
                  .trajectory(
                      encoded,
                      model.embed(caption).states(),
                      steps,
                      new TorchCpuGenerator(options.seed()),
                      work.steps(Stage.INVERT));
      checkFinite(trajectory.noise(), "the inversion", steps + " steps");
      trajectory.latents().forEach(Scope::outlive);
      return new Inversion(
          trajectory,
          caption,
          watch.elapsed(),
          Optional.of(fitted),
          Optional.empty(),
          Optional.of(model.identity(List.of(caption))));
    }
  }

  /** Finds the null-text embeddings of an inversion. */
  Inversion withNullText(Inversion inversion, double guidanceScale, Work work) {
    Stopwatch watch = Stopwatch.createStarted();
    work.expect(Stage.NULL_TEXT, NULL_TEXT * inversion.steps(), 1);
    try (Scope scope = Scope.open()) {
      NullText found =
          views.nullText(inversion.trajectory(), inversion.caption(), guidanceScale, work);
      for (Tensor embedding : found.embeddings()) {
        checkFinite(embedding, "null-text inversion", "guidance scale " + guidanceScale);
        Scope.outlive(embedding);
      }
      return inversion.with(found, watch.elapsed());
    }
  }

  /** Generates a picture. */
  Generation generate(String prompt, GenerateOptions options, Work work) {
    StableDiffusion model = views.model();
    Stopwatch watch = Stopwatch.createStarted();
    int width = latentSize(options.width(), "width");
    int height = latentSize(options.height(), "height");
    int channels = model.unet().config().inChannels();
    Shape shape = Shape.of(1, channels, height, width); // refuses what no array can hold
    work.expect(Stage.GENERATE, 2.0 * options.steps(), 1).expect(Stage.DECODE, AUTOENCODER, 1);
    try (Scope scope = Scope.open()) {
      float[] drawn = new TorchCpuGenerator(options.seed()).normal(shape.size());
      Tensor noise = Tensor.of(views.model().backend(), drawn, shape.toArray());
      Optional<TokenMaps> maps =
          options.attentionMaps() ? Optional.of(new TokenMaps(width, height)) : Optional.empty();
      Trajectory trajectory =
          new PromptSampler(model.unet(), model.schedule())
              .sample(
                  noise,
                  Prompts.ofGeneration(model.embed(prompt), model.embed(options.negativePrompt())),
                  options.solver(),
                  options.steps(),
                  options.guidanceScale(),
                  maps.<AttentionControl>map(Function.identity()).orElse(AttentionControl.NONE),
                  work.steps(Stage.GENERATE));
      Tensor latent = trajectory.after(0);
      checkFinite(latent, "the picture", "guidance scale " + options.guidanceScale());
      BufferedImage image = work.once(Stage.DECODE, () -> views.decode(latent));
      trajectory.latents().forEach(Scope::outlive);
      return new Generation(
          image,
          new Inversion(
              trajectory,
              prompt,
              Duration.ZERO,
              Optional.empty(),
              Optional.empty(),
              Optional.of(model.identity(List.of(prompt)))),
          options,
          model.identity(List.of(prompt, options.negativePrompt())),
          maps.map(control -> views.words(control, prompt, width, height)),
          watch.elapsed(),
          views.model().backend().memory().peak());
    }
  }

  /** Latent pixels for a number of a picture's pixels. */
  private int latentSize(int pixels, String side) {
    StableDiffusion model = views.model();
    int size = pixels == 0 ? model.pictureSize() : pixels;
    checkArgument(
        size % model.pictureMultiple() == 0,
        "the %s of a picture should be a multiple of %s, it is %s",
        side,
        model.pictureMultiple(),
        size);
    return size / model.vae().factor();
  }

  private static void checkFinite(Tensor latent, String what, Object settings) {
    for (float value : latent.toFloats()) {
      if (!Float.isFinite(value)) {
        throw new ArithmeticException(what + " ran off to infinity with " + settings);
      }
    }
  }
}
