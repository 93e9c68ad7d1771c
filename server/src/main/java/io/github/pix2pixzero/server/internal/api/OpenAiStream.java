package io.github.pix2pixzero.server.internal.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.picture.PictureFiles;
import io.github.pix2pixzero.server.internal.http.EventStream;
import io.github.pix2pixzero.server.internal.http.Json;
import io.github.pix2pixzero.server.internal.http.Refusal;
import io.github.pix2pixzero.server.internal.jobs.Job;
import io.github.pix2pixzero.server.internal.jobs.Job.Preview;
import io.github.pix2pixzero.server.internal.jobs.Job.Snapshot;
import io.github.pix2pixzero.server.internal.jobs.JobQueue;
import io.github.pix2pixzero.server.internal.jobs.Output;
import java.io.IOException;
import java.util.Base64;

/** A job as the events that OpenAI's image endpoints stream. */
final class OpenAiStream {
  private final EventStream events;
  private final String kind;
  private final String format;
  private final String quality;
  private int partial;

  /**
   * @param kind the events' first word, {@code image_edit} or {@code image_generation}
   */
  OpenAiStream(EventStream events, String kind, String format, String quality) {
    this.events = events;
    this.kind = kind;
    this.format = format;
    this.quality = quality;
  }

  /** Sends what becomes of the job; nobody being there cancels it. */
  void run(JobQueue queue, Job job) throws IOException, InterruptedException {
    try {
      Snapshot end =
          Watching.follow(
              job,
              events,
              (now, newPreview) -> {
                if (newPreview) {
                  preview(now.preview().orElseThrow());
                } else {
                  events.beat(); // which also shows whether anybody is there
                }
              });
      for (Output output : Watching.result(end).outputs()) {
        ObjectNode data = data("completed", output.encoded(format));
        ObjectNode usage = data.putObject("usage"); // of a kind that is not counted here
        usage.put("total_tokens", 0).put("input_tokens", 0).put("output_tokens", 0);
        usage.putObject("input_tokens_details").put("text_tokens", 0).put("image_tokens", 0);
        events.send(kind + ".completed", data);
      }
    } catch (Refusal e) {
      ObjectNode data = Json.object();
      data.put("type", "error");
      data.putObject("error").put("message", e.getMessage()).put("code", e.status());
      events.send("error", data);
    } finally {
      if (!job.look().state().isFinal()) {
        queue.cancel(job);
      }
    }
    events.end();
  }

  private void preview(Preview preview) throws IOException {
    byte[] picture = preview.jpeg();
    if (!format.equals("jpeg")) {
      picture = Output.encoded(PictureFiles.read(picture), format, ImmutableMap.of());
    }
    ObjectNode data = data("partial_image", picture);
    data.put("partial_image_index", partial++);
    events.send(kind + ".partial_image", data);
  }

  private ObjectNode data(String event, byte[] picture) throws IOException {
    ObjectNode data = Json.object();
    data.put("type", kind + "." + event);
    data.put("b64_json", Base64.getEncoder().encodeToString(picture));
    data.put("created_at", System.currentTimeMillis() / 1000);
    data.put("output_format", format);
    data.put("quality", quality);
    data.put("background", "opaque");
    data.put("size", "auto");
    return data;
  }
}
