package io.github.pix2pixzero.server.internal.api;

import static io.github.pix2pixzero.server.internal.http.Route.delete;
import static io.github.pix2pixzero.server.internal.http.Route.get;
import static io.github.pix2pixzero.server.internal.http.Route.post;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.io.Resources;
import io.github.pix2pixzero.AttentionMaps;
import io.github.pix2pixzero.guidance.BesideTrajectory;
import io.github.pix2pixzero.server.EditServer;
import io.github.pix2pixzero.server.internal.edits.EditSettings;
import io.github.pix2pixzero.server.internal.edits.KeptInversion;
import io.github.pix2pixzero.server.internal.edits.KeptPicture;
import io.github.pix2pixzero.server.internal.edits.Studio;
import io.github.pix2pixzero.server.internal.http.EventStream;
import io.github.pix2pixzero.server.internal.http.Exchange;
import io.github.pix2pixzero.server.internal.http.Fields;
import io.github.pix2pixzero.server.internal.http.Json;
import io.github.pix2pixzero.server.internal.http.Limits;
import io.github.pix2pixzero.server.internal.http.Refusal;
import io.github.pix2pixzero.server.internal.http.Route;
import io.github.pix2pixzero.server.internal.jobs.Job;
import io.github.pix2pixzero.server.internal.jobs.Job.Snapshot;
import io.github.pix2pixzero.server.internal.jobs.JobQueue;
import io.github.pix2pixzero.server.internal.jobs.JobResult;
import io.github.pix2pixzero.server.internal.jobs.Output;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Base64;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * This project's own interface under {@code /api/v1}, on which the page stands; described by {@code
 * openapi.json}.
 */
public final class OwnApi {
  private static final int MOST_STREAMS = 64;

  private final Studio studio;
  private final JobQueue queue;
  private final Semaphore streams = new Semaphore(MOST_STREAMS);

  public OwnApi(Studio studio, JobQueue queue) {
    this.studio = studio;
    this.queue = queue;
  }

  public ImmutableList<Route> routes() throws IOException {
    byte[] openApi = Resources.toByteArray(Resources.getResource(EditServer.class, "openapi.json"));
    return ImmutableList.of(
        get("/api/v1/openapi.json", exchange -> exchange.bytes(200, "application/json", openApi)),
        get("/api/v1/info", this::info),
        post("/api/v1/pictures", this::sendPicture),
        get("/api/v1/pictures/{id}", exchange -> png(exchange, picture(exchange).image())),
        post("/api/v1/pictures/{id}/caption", this::caption),
        post("/api/v1/inversions", this::invert),
        get("/api/v1/inversions/{id}/attention", this::attention),
        post("/api/v1/edits", this::edit),
        get("/api/v1/jobs", this::jobs),
        get("/api/v1/jobs/{id}", exchange -> exchange.json(json(job(exchange)))),
        delete("/api/v1/jobs/{id}", this::end),
        get("/api/v1/jobs/{id}/events", this::events),
        get("/api/v1/jobs/{id}/image", this::image),
        get("/api/v1/jobs/{id}/source", this::source),
        get("/api/v1/jobs/{id}/mask", this::mask));
  }

  private void info(Exchange exchange) throws IOException {
    ObjectNode info = Json.object();
    info.put("model", studio.modelName());
    info.put("size", studio.side());
    info.put("captioner", studio.hasCaptioner());
    ArrayNode methods = info.putArray("methods");
    EditSettings.METHODS.forEach(methods::add);
    ArrayNode maskMethods = info.putArray("mask_methods");
    EditSettings.MASK_METHODS.forEach(maskMethods::add);
    info.put("default_steps", EditSettings.usualSteps(BesideTrajectory.NAME));
    EditSettings.QUALITIES.forEach(info.putObject("qualities")::put);
    info.put("most_steps", EditSettings.MOST_STEPS);
    info.put("most_pictures", EditSettings.MOST_PICTURES);
    info.put("most_bytes", Limits.UPLOAD_BYTES);
    info.put("most_pixels", Limits.UPLOAD_PIXELS);
    exchange.json(info);
  }

  // ------------------------------------------------------------------ pictures

  private void sendPicture(Exchange exchange) throws IOException {
    byte[] bytes;
    if (exchange.contentType().startsWith("image/")) {
      bytes = exchange.body(Limits.UPLOAD_BYTES);
    } else {
      Fields fields = exchange.fields();
      bytes = fields.picture("picture").orElseThrow(() -> Refusal.of("picture", "is missing"));
      fields.refuseOthers();
    }
    KeptPicture kept = studio.keep(Fields.decode("picture", bytes, Color.WHITE));
    ObjectNode answer = Json.object();
    answer.put("id", kept.id());
    answer.put("width", kept.image().getWidth());
    answer.put("height", kept.image().getHeight());
    exchange.json(201, answer);
  }

  private KeptPicture picture(Exchange exchange) {
    return studio
        .picture(exchange.path("id"))
        .orElseThrow(() -> new Refusal(404, "there is no such picture, or no longer"));
  }

  private void caption(Exchange exchange) throws IOException, InterruptedException {
    KeptPicture picture = picture(exchange);
    ObjectNode answer = Json.object();
    answer.put("caption", studio.caption(picture.image(), Optional.empty()));
    exchange.json(answer);
  }

  private static void png(Exchange exchange, BufferedImage image) throws IOException {
    exchange.bytes(200, "image/png", Output.encoded(image, "png", ImmutableMap.of()));
  }

  // ------------------------------------------------------------------ inversions

  private void invert(Exchange exchange) throws IOException {
    Fields fields = exchange.fields();
    KeptPicture picture = picture(fields);
    String caption = fields.text("caption").orElseThrow(() -> Refusal.of("caption", "is missing"));
    int steps = EditSettings.steps(fields, EditSettings.usualSteps(BesideTrajectory.NAME));
    long seed = fields.whole("seed", 0, EditSettings.MOST_SEED).orElse(0);
    Job job =
        studio
            .invert(picture, caption, steps, seed, EditSettings.fit(fields))
            .keptWhenLeft(fields.flag("keep", false));
    fields.refuseOthers();
    exchange.json(202, json(queue.submit(job)));
  }

  private KeptPicture picture(Fields fields) {
    String id = fields.text("picture").orElseThrow(() -> Refusal.of("picture", "is missing"));
    return studio
        .picture(id)
        .orElseThrow(() -> Refusal.of("picture", "is not known, or no longer; send it again"));
  }

  private void attention(Exchange exchange) throws IOException, InterruptedException {
    KeptInversion kept =
        studio
            .inversion(exchange.path("id"))
            .orElseThrow(() -> new Refusal(404, "there is no such inversion, or no longer"));
    if (kept.attention().isEmpty()) {
      Watching.result(queue, queue.submit(studio.look(kept)), exchange);
    }
    AttentionMaps maps = kept.attention().orElseThrow();
    ObjectNode answer = Json.object();
    answer.put("caption", kept.inversion().caption());
    answer.put("width", maps.width());
    answer.put("height", maps.height());
    ArrayNode words = answer.putArray("words");
    for (String word : maps.words().keySet()) {
      float[] heat = maps.heat(word);
      byte[] bytes = new byte[heat.length];
      for (int i = 0; i < heat.length; i++) {
        bytes[i] = (byte) Math.round(255 * heat[i]);
      }
      words.addObject().put("word", word).put("heat", Base64.getEncoder().encodeToString(bytes));
    }
    exchange.json(answer);
  }

  // ------------------------------------------------------------------ jobs

  private void edit(Exchange exchange) throws IOException {
    Fields fields = exchange.fields();
    KeptPicture picture = picture(fields);
    Optional<BufferedImage> mask =
        fields.picture("mask").map(bytes -> Fields.decode("mask", bytes, Color.BLACK));
    EditSettings settings = EditSettings.read(fields, mask);
    int previewEvery = fields.integer("preview_every", 0, EditSettings.MOST_STEPS).orElse(0);
    boolean keep = fields.flag("keep", false);
    fields.refuseOthers();
    ObjectNode shown = settings.toJson();
    Job job = studio.edit(picture, settings, shown, previewEvery).keptWhenLeft(keep);
    exchange.json(202, json(queue.submit(job)));
  }

  private void jobs(Exchange exchange) throws IOException {
    ObjectNode answer = Json.object();
    ArrayNode list = answer.putArray("jobs");
    queue.list().stream()
        .filter(job -> job.kind() != Job.Kind.LOOK)
        .sorted(Comparator.comparing(Job::asked).reversed())
        .forEach(job -> list.add(json(job)));
    exchange.json(answer);
  }

  private Job job(Exchange exchange) {
    return queue
        .find(exchange.path("id"))
        .orElseThrow(() -> new Refusal(404, "there is no such job, or no longer"));
  }

  /** A job that is not over ends; one that is goes. */
  private void end(Exchange exchange) throws IOException {
    queue.dismiss(job(exchange));
    exchange.empty();
  }

  private void events(Exchange exchange) throws IOException, InterruptedException {
    Job job = job(exchange);
    if (!streams.tryAcquire()) {
      throw new Refusal(503, "too many are watching; try again later").with("Retry-After", "5");
    }
    job.follow();
    try {
      EventStream events = exchange.events();
      Watching.follow(
          job,
          events,
          (now, newPreview) -> {
            events.send("progress", progress(job, now));
            if (newPreview) {
              events.send("preview", preview(now.preview().orElseThrow()));
            }
          });
      events.send("end", json(job));
      events.end();
    } finally {
      streams.release();
      Watching.leave(queue, job);
    }
  }

  private static ObjectNode preview(Job.Preview preview) {
    ObjectNode json = Json.object();
    json.put("step", preview.step());
    json.put(
        "image", "data:image/jpeg;base64," + Base64.getEncoder().encodeToString(preview.jpeg()));
    return json;
  }

  private ObjectNode progress(Job job, Snapshot now) {
    ObjectNode json = Json.object();
    json.put("state", now.state().word());
    json.put("stage", now.stage());
    json.put("done", now.done());
    json.put("steps", now.steps());
    json.put("fraction", now.fraction());
    json.put("position", queue.position(job));
    return json;
  }

  /** A job as clients see it. */
  private ObjectNode json(Job job) {
    Snapshot now = job.look();
    ObjectNode json = progress(job, now);
    json.put("id", job.id());
    json.put("kind", job.kind().word());
    json.put("asked", job.asked().toString());
    json.put("seconds", job.time().toMillis() / 1000.0);
    json.set("settings", job.settings());
    if (now.failure() != null) {
      json.put("error", now.failure().getMessage());
    }
    now.result().ifPresent(result -> add(result, json));
    return json;
  }

  private static void add(JobResult result, ObjectNode json) {
    result.inversion().ifPresent(id -> json.put("inversion", id));
    json.put("reused_inversion", result.reused());
    json.put("understood", result.understood());
    ArrayNode images = json.putArray("images");
    for (Output output : result.outputs()) {
      images
          .addObject()
          .put("seed", output.seed())
          .put("width", output.image().getWidth())
          .put("height", output.image().getHeight());
    }
  }

  // ------------------------------------------------------------------ results

  private void image(Exchange exchange) throws IOException {
    JobResult result = Watching.result(over(job(exchange)));
    int index = index(exchange.query("index").orElse("0"), result.outputs().size());
    String format = exchange.query("format").orElse("png");
    if (!Formats.TYPES.containsKey(format)) {
      throw Refusal.of("format", "should be one of " + Formats.TYPES.keySet());
    }
    byte[] content = result.outputs().get(index).encoded(format);
    exchange.bytes(200, Formats.TYPES.get(format), content);
  }

  private static int index(String text, int count) {
    if (!text.matches("\\d") || Integer.parseInt(text) >= count) {
      throw new Refusal(404, "the job has made " + count + " pictures");
    }
    return Integer.parseInt(text);
  }

  private void source(Exchange exchange) throws IOException {
    JobResult result = Watching.result(over(job(exchange)));
    png(
        exchange,
        result.source().orElseThrow(() -> new Refusal(404, "the job has no picture it edits")));
  }

  private void mask(Exchange exchange) throws IOException {
    png(exchange, job(exchange).mask().orElseThrow(() -> new Refusal(404, "the job has no mask")));
  }

  private static Snapshot over(Job job) {
    Snapshot now = job.look();
    if (!now.state().isFinal()) {
      throw new Refusal(409, "the job is not done yet");
    }
    return now;
  }
}
