package io.github.pix2pixzero.server.internal.edits;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.AttentionMaps;
import io.github.pix2pixzero.Edit;
import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.EditPrompt;
import io.github.pix2pixzero.GenerateOptions;
import io.github.pix2pixzero.Generation;
import io.github.pix2pixzero.Inversion;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.caption.Captioner;
import io.github.pix2pixzero.picture.PictureFit;
import io.github.pix2pixzero.server.internal.http.Json;
import io.github.pix2pixzero.server.internal.http.Refusal;
import io.github.pix2pixzero.server.internal.jobs.BoundedCache;
import io.github.pix2pixzero.server.internal.jobs.Job;
import io.github.pix2pixzero.server.internal.jobs.JobResult;
import io.github.pix2pixzero.server.internal.jobs.Output;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Optional;

/**
 * The model with the pictures it was sent and the inversions it has made, of both the last. What
 * its methods return runs as a job.
 */
public final class Studio {
  private static final int MOST_PICTURES = 64;
  private static final int MOST_INVERSIONS = 32;

  /** What an inversion is of the whole, where an edit follows. */
  private static final double INVERSION = 0.2;

  private final Pix2PixZero model;
  private final String modelName;
  private final Optional<Captioner> captioner;
  private final BoundedCache<String, KeptPicture> pictures;
  private final BoundedCache<KeptInversion.Key, KeptInversion> inversions;

  /**
   * @param keptBytes of pictures, and again of inversions
   */
  public Studio(
      Pix2PixZero model, String modelName, Optional<Captioner> captioner, long keptBytes) {
    this.model = model;
    this.modelName = modelName;
    this.captioner = captioner;
    pictures =
        new BoundedCache<>(MOST_PICTURES, keptBytes, picture -> Output.size(picture.image()));
    inversions = new BoundedCache<>(MOST_INVERSIONS, keptBytes, KeptInversion::bytes);
  }

  public String modelName() {
    return modelName;
  }

  public boolean hasCaptioner() {
    return captioner.isPresent();
  }

  /** Pixels of a side of the pictures that the model was trained with. */
  public int side() {
    return model.model().pictureSize();
  }

  // ------------------------------------------------------------------ what is kept

  public KeptPicture keep(BufferedImage image) {
    KeptPicture picture = KeptPicture.of(image);
    pictures.put(picture.id(), picture);
    return picture;
  }

  public Optional<KeptPicture> picture(String id) {
    return pictures.get(id);
  }

  public Optional<KeptInversion> inversion(String id) {
    return inversions.values().stream().filter(kept -> kept.id().equals(id)).findFirst();
  }

  public int keptInversions() {
    return inversions.count();
  }

  // ------------------------------------------------------------------ captions

  /**
   * Says what a picture shows.
   *
   * @throws Refusal 501 if the server has no captioner
   */
  public String caption(BufferedImage image, Optional<String> word)
      throws IOException, InterruptedException {
    Captioner asked =
        captioner.orElseThrow(
            () -> new Refusal(501, "this server has no captioner; start it with --captioner"));
    return asked.caption(image, word);
  }

  private EditSettings captioned(EditSettings settings, BufferedImage image)
      throws IOException, InterruptedException {
    if (settings.caption().isPresent() || captioner.isEmpty()) {
      return settings;
    }
    String said = caption(image, settings.prompt().from());
    return settings.withCaption(Optional.of(said).filter(text -> !text.isEmpty()));
  }

  // ------------------------------------------------------------------ jobs

  /** A job that edits a picture, inverting it unless that has been done. */
  public Job edit(KeptPicture picture, EditSettings settings, ObjectNode shown, int previewEvery) {
    settings.checkFor(picture.image());
    shown.put("picture", picture.id());
    shown.put("mask", settings.mask().isPresent());
    return new Job(
        Job.Kind.EDIT, shown, settings.mask(), previewEvery, job -> edited(picture, settings, job));
  }

  private JobResult edited(KeptPicture picture, EditSettings asked, Job job) throws Exception {
    EditSettings settings = captioned(asked, picture.image());
    EditOptions first = settings.options(0);
    model.plan(first); // before the long work
    boolean reused = inversions.get(key(picture, first)).isPresent();
    KeptInversion kept = inverted(picture, first, reused ? 0 : INVERSION, job);
    double begin = reused ? 0 : INVERSION;
    double share = (1 - begin) / settings.count();
    ImmutableList.Builder<Output> outputs = ImmutableList.builder();
    String understood = "";
    for (int i = 0; i < settings.count(); i++) {
      job.part(begin + i * share, share);
      EditOptions options = settings.options(i);
      Edit edit = model.edit(kept.inversion(), options, job);
      understood = EditPrompt.understood(edit.plan(), options);
      outputs.add(
          new Output(
              edit.imageAtSourceSize(),
              edit.parameters().with("Model", modelName),
              settings.seed() + i));
    }
    return new JobResult(
        outputs.build(), Optional.of(picture.image()), Optional.of(kept.id()), reused, understood);
  }

  /** A job that inverts a picture, for edits to come. */
  public Job invert(
      KeptPicture picture, String caption, int steps, long seed, PictureFit.Policy fit) {
    EditOptions options =
        EditOptions.builder().caption(caption).steps(steps).seed(seed).fit(fit).build();
    ObjectNode shown = Json.object();
    shown.put("picture", picture.id());
    shown.put("caption", caption);
    shown.put("steps", steps);
    shown.put("seed", seed);
    return new Job(
        Job.Kind.INVERT,
        shown,
        Optional.empty(),
        0,
        job -> {
          boolean reused = inversions.get(key(picture, options)).isPresent();
          KeptInversion kept = inverted(picture, options, 1, job);
          return new JobResult(
              ImmutableList.of(),
              Optional.of(picture.image()),
              Optional.of(kept.id()),
              reused,
              caption);
        });
  }

  private KeptInversion inverted(KeptPicture picture, EditOptions options, double share, Job job) {
    KeptInversion.Key key = key(picture, options);
    Optional<KeptInversion> known = inversions.get(key);
    if (known.isPresent()) {
      return known.get();
    }
    job.part(0, share);
    Inversion inversion = model.invert(picture.image(), options, job);
    KeptInversion made = new KeptInversion(picture, inversion);
    inversions.put(key, made);
    return made;
  }

  private static KeptInversion.Key key(KeptPicture picture, EditOptions options) {
    return new KeptInversion.Key(
        picture.content(),
        options.captionOfPicture(),
        options.stepsOfInversion(),
        options.seed(),
        options.fit());
  }

  /** A job that finds out where the words of an inversion's caption look. */
  public Job look(KeptInversion kept) {
    return new Job(
        Job.Kind.LOOK,
        Json.object(),
        Optional.empty(),
        0,
        job -> {
          if (kept.attention().isEmpty()) {
            AttentionMaps maps = model.attention(kept.inversion(), job);
            kept.setAttention(maps);
          }
          return new JobResult(
              ImmutableList.of(),
              Optional.empty(),
              Optional.of(kept.id()),
              true,
              kept.inversion().caption());
        });
  }

  /** A job that makes pictures from a text, with consecutive seeds. */
  public Job generate(
      String prompt, GenerateOptions options, int count, ObjectNode shown, int previewEvery) {
    return new Job(
        Job.Kind.GENERATE,
        shown,
        Optional.empty(),
        previewEvery,
        job -> {
          ImmutableList.Builder<Output> outputs = ImmutableList.builder();
          for (int i = 0; i < count; i++) {
            job.part((double) i / count, 1.0 / count);
            GenerateOptions each = options.toBuilder().seed(options.seed() + i).build();
            Generation made = model.generate(prompt, each, job);
            outputs.add(
                new Output(made.image(), made.parameters().with("Model", modelName), each.seed()));
          }
          return new JobResult(outputs.build(), Optional.empty(), Optional.empty(), false, prompt);
        });
  }
}
