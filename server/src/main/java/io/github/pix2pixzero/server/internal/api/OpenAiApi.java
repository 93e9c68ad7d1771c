package io.github.pix2pixzero.server.internal.api;

import static io.github.pix2pixzero.server.internal.http.Route.get;
import static io.github.pix2pixzero.server.internal.http.Route.post;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.EditPrompt;
import io.github.pix2pixzero.GenerateOptions;
import io.github.pix2pixzero.guidance.BesideTrajectory;
import io.github.pix2pixzero.guidance.Quality;
import io.github.pix2pixzero.picture.PictureFit;
import io.github.pix2pixzero.server.internal.edits.EditSettings;
import io.github.pix2pixzero.server.internal.edits.KeptPicture;
import io.github.pix2pixzero.server.internal.edits.Studio;
import io.github.pix2pixzero.server.internal.http.Exchange;
import io.github.pix2pixzero.server.internal.http.Fields;
import io.github.pix2pixzero.server.internal.http.Json;
import io.github.pix2pixzero.server.internal.http.Refusal;
import io.github.pix2pixzero.server.internal.http.Route;
import io.github.pix2pixzero.server.internal.jobs.Job;
import io.github.pix2pixzero.server.internal.jobs.JobQueue;
import io.github.pix2pixzero.server.internal.jobs.JobResult;
import io.github.pix2pixzero.server.internal.jobs.Output;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Base64;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The image endpoints of OpenAI's interface. Beyond it requests may have {@code caption}, {@code
 * steps} and {@code seed}. What cannot be honoured is refused.
 */
public final class OpenAiApi {
  /** Steps of edits of each quality. */
  private static final ImmutableMap<String, Integer> EDITING =
      steps(Quality.DRAFT.steps(), Quality.STANDARD.steps(), Quality.BEST.steps());

  /** The same of pictures that are generated. */
  private static final ImmutableMap<String, Integer> GENERATING = steps(20, 50, 100);

  private static final int MOST_PARTIAL_IMAGES = 3;

  private final Studio studio;
  private final JobQueue queue;
  private final long created = System.currentTimeMillis() / 1000;

  public OpenAiApi(Studio studio, JobQueue queue) {
    this.studio = studio;
    this.queue = queue;
  }

  public ImmutableList<Route> routes() {
    return ImmutableList.of(
        get("/v1/models", this::models),
        get("/v1/models/{id}", this::model),
        post("/v1/images/edits", this::edits),
        post("/v1/images/generations", this::generations));
  }

  // ------------------------------------------------------------------ models

  private void models(Exchange exchange) throws IOException {
    ObjectNode answer = Json.object();
    answer.put("object", "list");
    answer.putArray("data").add(model());
    exchange.json(answer);
  }

  private void model(Exchange exchange) throws IOException {
    if (!exchange.path("id").equals(studio.modelName())) {
      throw new Refusal(404, "the only model here is " + studio.modelName());
    }
    exchange.json(model());
  }

  private ObjectNode model() {
    ObjectNode model = Json.object();
    model.put("id", studio.modelName());
    model.put("object", "model");
    model.put("created", created);
    model.put("owned_by", "pix2pix-zero");
    return model;
  }

  // ------------------------------------------------------------------ requests

  /** How the answer should look. */
  private record Wish(
      int count,
      int steps,
      long seed,
      String quality,
      String format,
      boolean asAddress,
      boolean stream,
      int previewEvery) {}

  private static ImmutableMap<String, Integer> steps(int low, int medium, int high) {
    return ImmutableMap.<String, Integer>builder()
        .put("auto", medium)
        .put("low", low)
        .put("medium", medium)
        .put("standard", medium)
        .put("high", high)
        .put("hd", high)
        .buildOrThrow();
  }

  private Wish wish(Fields fields, ImmutableMap<String, Integer> qualities) {
    fields
        .text("model")
        .filter(name -> !name.equals(studio.modelName()))
        .ifPresent(
            name -> {
              throw Refusal.of("model", "should be " + studio.modelName() + ", the only one here");
            });
    fields.text("user");
    fields.neutral("background", "auto", "opaque");
    fields.neutral("moderation", "auto", "low");
    fields.neutral("style");
    int count = fields.integer("n", 1, EditSettings.MOST_PICTURES).orElse(1);
    String quality = fields.choice("quality", "auto", qualities.keySet());
    int steps = fields.integer("steps", 1, EditSettings.MOST_STEPS).orElse(qualities.get(quality));
    long seed = fields.whole("seed", 0, EditSettings.MOST_SEED).orElse(0);
    String format = fields.choice("output_format", "png", Formats.TYPES.keySet());
    fields.neutral("output_compression", 100, "100");
    boolean asAddress =
        fields
            .choice("response_format", "b64_json", ImmutableList.of("b64_json", "url"))
            .equals("url");
    boolean stream = fields.flag("stream", false);
    int partial = fields.integer("partial_images", 0, MOST_PARTIAL_IMAGES).orElse(0);
    if (partial > 0 && !stream) {
      throw Refusal.of("partial_images", "goes with stream");
    }
    if (stream && asAddress) {
      throw Refusal.of("response_format", "should be b64_json with stream");
    }
    int every = partial == 0 ? 0 : Math.max(1, (steps + partial) / (partial + 1));
    return new Wish(count, steps, seed, quality, format, asAddress, stream, every);
  }

  private void edits(Exchange exchange) throws IOException, InterruptedException {
    Fields fields = exchange.fields();
    Wish wish = wish(fields, EDITING);
    String prompt = prompt(fields);
    fields.neutral("input_fidelity", "high");
    BufferedImage image = Fields.decode("image", image(fields), Color.WHITE);
    Optional<BufferedImage> mask = fields.picture("mask").map(Masks::ofTransparency);
    size(fields)
        .filter(size -> !size.matches(image))
        .ifPresent(
            size -> {
              throw Refusal.of(
                  "size",
                  "should be auto or that of the picture, %sx%s"
                      .formatted(image.getWidth(), image.getHeight()));
            });
    EditSettings settings =
        new EditSettings(
            EditPrompt.parse(prompt),
            fields.text("caption"),
            Optional.empty(),
            BesideTrajectory.NAME,
            1,
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            wish.steps(),
            wish.seed(),
            wish.count(),
            PictureFit.Policy.CROP,
            mask);
    fields.refuseOthers();
    KeptPicture picture = studio.keep(image);
    ObjectNode shown = settings.toJson();
    answer(
        exchange, wish, "image_edit", studio.edit(picture, settings, shown, wish.previewEvery()));
  }

  /** The picture: forms call it image, JSON has a list named images. */
  private static byte[] image(Fields fields) {
    ImmutableList<byte[]> images =
        ImmutableList.<byte[]>builder()
            .addAll(fields.pictures("image"))
            .addAll(fields.pictures("images"))
            .build();
    if (images.size() != 1) {
      throw Refusal.of("image", "should be one picture, it is " + images.size());
    }
    return images.get(0);
  }

  private void generations(Exchange exchange) throws IOException, InterruptedException {
    Fields fields = exchange.fields();
    Wish wish = wish(fields, GENERATING);
    String prompt = prompt(fields);
    Optional<Size> size = size(fields);
    size.ifPresent(
        wanted -> {
          studio.checkSide("size", wanted.width());
          studio.checkSide("size", wanted.height());
        });
    fields.refuseOthers();
    GenerateOptions options =
        GenerateOptions.builder()
            .steps(wish.steps())
            .seed(wish.seed())
            .size(size.map(Size::width).orElse(0), size.map(Size::height).orElse(0))
            .build();
    ObjectNode shown = Json.object();
    shown.put("prompt", prompt);
    shown.put("steps", wish.steps());
    shown.put("seed", wish.seed());
    Job job = studio.generate(prompt, options, wish.count(), shown, wish.previewEvery());
    answer(exchange, wish, "image_generation", job);
  }

  private static String prompt(Fields fields) {
    return fields.text("prompt").orElseThrow(() -> Refusal.of("prompt", "is missing"));
  }

  private record Size(int width, int height) {
    boolean matches(BufferedImage image) {
      return width == image.getWidth() && height == image.getHeight();
    }
  }

  private static Optional<Size> size(Fields fields) {
    Optional<String> text = fields.text("size").filter(size -> !size.equals("auto"));
    if (text.isEmpty()) {
      return Optional.empty();
    }
    if (!text.get().matches("\\d{1,4}x\\d{1,4}")) {
      throw Refusal.of("size", "should be auto or such as 512x512");
    }
    int by = text.get().indexOf('x');
    int width = Integer.parseInt(text.get().substring(0, by));
    int height = Integer.parseInt(text.get().substring(by + 1));
    if (width == 0 || height == 0 || width > 1024 || height > 1024) {
      throw Refusal.of("size", "should be no more than 1024x1024");
    }
    return Optional.of(new Size(width, height));
  }

  // ------------------------------------------------------------------ answers

  private void answer(Exchange exchange, Wish wish, String kind, Job asked)
      throws IOException, InterruptedException {
    Job job = queue.submit(asked);
    if (wish.stream()) {
      new OpenAiStream(exchange.events(), kind, wish.format(), wish.quality()).run(queue, job);
      return;
    }
    JobResult result = Watching.result(queue, job, exchange);
    ObjectNode answer = Json.object();
    answer.put("created", System.currentTimeMillis() / 1000);
    answer.put("output_format", wish.format());
    answer.put("background", "opaque");
    ArrayNode data = answer.putArray("data");
    for (int i = 0; i < result.outputs().size(); i++) {
      Output output = result.outputs().get(i);
      ObjectNode each = data.addObject();
      if (wish.asAddress()) {
        String address = "%s/api/v1/jobs/%s/image?index=%s&format=%s";
        each.put("url", address.formatted(exchange.origin(), job.id(), i, wish.format()));
      } else {
        each.put("b64_json", Base64.getEncoder().encodeToString(output.encoded(wish.format())));
      }
      each.put("revised_prompt", result.understood());
    }
    exchange.json(answer);
  }
}
