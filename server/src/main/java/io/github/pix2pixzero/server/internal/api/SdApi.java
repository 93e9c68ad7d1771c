package io.github.pix2pixzero.server.internal.api;

import static io.github.pix2pixzero.server.internal.http.Route.get;
import static io.github.pix2pixzero.server.internal.http.Route.post;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.GenerateOptions;
import io.github.pix2pixzero.server.internal.edits.EditSettings;
import io.github.pix2pixzero.server.internal.edits.KeptPicture;
import io.github.pix2pixzero.server.internal.edits.Studio;
import io.github.pix2pixzero.server.internal.http.Exchange;
import io.github.pix2pixzero.server.internal.http.Fields;
import io.github.pix2pixzero.server.internal.http.Json;
import io.github.pix2pixzero.server.internal.http.Refusal;
import io.github.pix2pixzero.server.internal.http.Route;
import io.github.pix2pixzero.server.internal.jobs.Job;
import io.github.pix2pixzero.server.internal.jobs.Job.Snapshot;
import io.github.pix2pixzero.server.internal.jobs.Job.State;
import io.github.pix2pixzero.server.internal.jobs.JobQueue;
import io.github.pix2pixzero.server.internal.jobs.JobResult;
import io.github.pix2pixzero.server.internal.jobs.Output;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * The part of AUTOMATIC1111's interface that clients such as SillyTavern and Open WebUI use. A
 * parameter with which nothing would change is accepted, any other that is not understood refused.
 */
public final class SdApi {
  private final Studio studio;
  private final JobQueue queue;

  public SdApi(Studio studio, JobQueue queue) {
    this.studio = studio;
    this.queue = queue;
  }

  public ImmutableList<Route> routes() {
    return ImmutableList.of(
        post("/sdapi/v1/img2img", this::edit),
        post("/sdapi/v1/txt2img", this::generate),
        get("/sdapi/v1/progress", this::progress),
        post("/sdapi/v1/interrupt", this::interrupt),
        post("/sdapi/v1/interrogate", this::interrogate),
        get("/sdapi/v1/options", this::options),
        post("/sdapi/v1/options", this::setOptions),
        get("/sdapi/v1/sd-models", this::models),
        get("/sdapi/v1/samplers", exchange -> exchange.bytes(200, "application/json", samplers())),
        get(
            "/sdapi/v1/schedulers",
            exchange -> exchange.bytes(200, "application/json", schedulers())),
        get("/sdapi/v1/upscalers", SdApi::none),
        get("/sdapi/v1/latent-upscale-modes", SdApi::none),
        get("/sdapi/v1/sd-vae", SdApi::none));
  }

  // ------------------------------------------------------------------ pictures

  private void edit(Exchange exchange) throws IOException, InterruptedException {
    Fields fields = exchange.fields();
    ImmutableList<byte[]> images = fields.pictures("init_images");
    if (images.size() != 1) {
      throw Refusal.of("init_images", "should be one picture, it is " + images.size());
    }
    BufferedImage image = Fields.decode("init_images", images.get(0), Color.WHITE);
    Optional<BufferedImage> mask =
        fields.picture("mask").map(bytes -> Fields.decode("mask", bytes, Color.BLACK));
    EditSettings settings = SdRequest.edit(fields, mask);
    SdRequest.checkSize(fields, image);
    boolean include = fields.flag("include_init_images", false);
    SdRequest.checkRest(fields, studio.modelName());
    KeptPicture picture = studio.keep(image);
    ObjectNode shown = settings.toJson();
    Job job =
        queue.submit(
            studio.edit(picture, settings, shown, SdRequest.previewEvery(settings.steps())));
    JobResult result = Watching.result(queue, job, exchange);
    ObjectNode parameters = settings.toJson();
    if (include) {
      parameters.putArray("init_images").add(Base64.getEncoder().encodeToString(images.get(0)));
    }
    exchange.json(answer(result, parameters, settings.steps()));
  }

  private void generate(Exchange exchange) throws IOException, InterruptedException {
    Fields fields = exchange.fields();
    String prompt = fields.text("prompt").orElseThrow(() -> Refusal.of("prompt", "is missing"));
    SdRequest.Common common = SdRequest.common(fields, SdRequest.GENERATING);
    int width = fields.integer("width", 8, 1024).orElse(0);
    int height = fields.integer("height", 8, 1024).orElse(0);
    studio.checkSide("width", width);
    studio.checkSide("height", height);
    GenerateOptions options =
        GenerateOptions.builder()
            .negativePrompt(common.negativePrompt().orElse(""))
            .steps(common.steps())
            .guidanceScale(common.guidanceScale().orElse(7.5))
            .seed(common.seed())
            .size(width, height)
            .build();
    SdRequest.checkSecondPass(fields);
    SdRequest.checkRest(fields, studio.modelName());
    ObjectNode shown = Json.object();
    shown.put("prompt", prompt);
    shown.put("steps", common.steps());
    shown.put("seed", common.seed());
    Job job =
        queue.submit(
            studio.generate(
                prompt, options, common.count(), shown, SdRequest.previewEvery(common.steps())));
    exchange.json(answer(Watching.result(queue, job, exchange), shown, common.steps()));
  }

  private ObjectNode answer(JobResult result, ObjectNode parameters, int steps) {
    ObjectNode answer = Json.object();
    ArrayNode images = answer.putArray("images");
    ObjectNode info = Json.object();
    ArrayNode seeds = info.putArray("all_seeds");
    ArrayNode prompts = info.putArray("all_prompts");
    ArrayNode texts = info.putArray("infotexts");
    for (Output output : result.outputs()) {
      images.add(Base64.getEncoder().encodeToString(output.encoded("png")));
      seeds.add(output.seed());
      prompts.add(result.understood());
      texts.add(String.join("\n", output.parameters().texts().values()));
    }
    Output first = result.outputs().get(0);
    info.put("prompt", result.understood());
    info.put("negative_prompt", first.parameters().negativePrompt());
    info.put("seed", first.seed());
    info.put("width", first.image().getWidth());
    info.put("height", first.image().getHeight());
    info.put("sampler_name", SdRequest.SAMPLER);
    info.put("steps", steps);
    info.put("batch_size", result.outputs().size());
    info.put("sd_model_name", studio.modelName());
    answer.set("parameters", parameters);
    answer.put("info", new String(Json.bytes(info), StandardCharsets.UTF_8));
    return answer;
  }

  // ------------------------------------------------------------------ progress

  private List<Job> running() {
    List<Job> running = new ArrayList<>();
    for (Job job : queue.list()) {
      if (job.look().state() == State.RUNNING) {
        running.add(job);
      }
    }
    return running;
  }

  private void progress(Exchange exchange) throws IOException {
    boolean skipImage = exchange.query("skip_current_image").orElse("false").equals("true");
    Optional<Job> job = running().stream().findFirst();
    ObjectNode answer = Json.object();
    ObjectNode state = Json.object();
    double fraction = 0;
    double eta = 0;
    String image = null;
    if (job.isPresent()) {
      Snapshot now = job.get().look();
      fraction = now.fraction();
      double seconds = job.get().time().toMillis() / 1000.0;
      eta = fraction > 0 ? seconds * (1 - fraction) / fraction : 0;
      state.put("sampling_step", now.done());
      state.put("sampling_steps", now.steps());
      if (!skipImage && now.preview().isPresent()) {
        image = Base64.getEncoder().encodeToString(now.preview().get().jpeg());
      }
    } else {
      state.put("sampling_step", 0);
      state.put("sampling_steps", 0);
    }
    state.put("job", job.isPresent() ? "edit" : "");
    state.put("job_count", queue.waiting() + queue.running());
    state.put("job_no", 0);
    state.put("skipped", false);
    state.put("interrupted", job.map(Job::isCancelled).orElse(false));
    answer.put("progress", fraction);
    answer.put("eta_relative", eta);
    answer.set("state", state);
    answer.put("current_image", image);
    answer.putNull("textinfo");
    exchange.json(answer);
  }

  /** As AUTOMATIC1111 does: what runs, whoever asked for it; what waits goes on. */
  private void interrupt(Exchange exchange) throws IOException {
    running().forEach(queue::cancel);
    exchange.json(Json.object());
  }

  private void interrogate(Exchange exchange) throws IOException, InterruptedException {
    Fields fields = exchange.fields();
    byte[] bytes = fields.picture("image").orElseThrow(() -> Refusal.of("image", "is missing"));
    fields.neutral("model", "clip");
    fields.refuseOthers();
    ObjectNode answer = Json.object();
    answer.put(
        "caption", studio.caption(Fields.decode("image", bytes, Color.WHITE), Optional.empty()));
    exchange.json(answer);
  }

  // ------------------------------------------------------------------ what there is

  private void options(Exchange exchange) throws IOException {
    ObjectNode options = Json.object();
    options.put("sd_model_checkpoint", studio.modelName());
    options.put("samples_format", "png");
    exchange.json(options);
  }

  private void setOptions(Exchange exchange) throws IOException {
    Fields fields = exchange.fields();
    fields.neutral("sd_model_checkpoint", studio.modelName());
    fields.neutral("samples_format", "png");
    fields.refuseOthers();
    exchange.json(Json.object());
  }

  private void models(Exchange exchange) throws IOException {
    ArrayNode models = Json.array();
    ObjectNode model = models.addObject();
    model.put("title", studio.modelName());
    model.put("model_name", studio.modelName());
    model.put("filename", studio.modelName()); // never where it lies
    model.putNull("hash");
    model.putNull("sha256");
    model.putNull("config");
    exchange.json(models);
  }

  private static byte[] samplers() {
    ArrayNode samplers = Json.array();
    ObjectNode sampler = samplers.addObject();
    sampler.put("name", SdRequest.SAMPLER);
    sampler.putArray("aliases").add("ddim");
    sampler.putObject("options");
    return Json.bytes(samplers);
  }

  private static byte[] schedulers() {
    ArrayNode schedulers = Json.array();
    ObjectNode scheduler = schedulers.addObject();
    scheduler.put("name", "automatic");
    scheduler.put("label", "Automatic");
    return Json.bytes(schedulers);
  }

  private static void none(Exchange exchange) throws IOException {
    exchange.json(Json.array());
  }
}
