package io.github.pix2pixzero.server.internal.api;

import static io.github.pix2pixzero.server.internal.http.Route.get;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.server.internal.edits.Studio;
import io.github.pix2pixzero.server.internal.http.Json;
import io.github.pix2pixzero.server.internal.http.Route;
import io.github.pix2pixzero.server.internal.http.Router;
import io.github.pix2pixzero.server.internal.jobs.JobQueue;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Whether the server is well, and how much it does. */
public final class Meters implements Router.RequestMeter {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JobQueue queue;

  public Meters(JobQueue queue, Studio studio) {
    this.queue = queue;
    gauge("pix2pixzero.jobs.waiting", queue::waiting);
    gauge("pix2pixzero.jobs.running", queue::running);
    gauge("pix2pixzero.jobs.kept", queue::kept);
    gauge("pix2pixzero.jobs.kept.bytes", queue::keptBytes);
    gauge("pix2pixzero.inversions.kept", studio::keptInversions);
    gauge(
        "pix2pixzero.heap.used.bytes",
        () -> Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
  }

  private void gauge(String name, Supplier<Number> value) {
    Gauge.builder(name, value).register(registry);
  }

  /**
   * @param metrics whether they can be asked for
   */
  public ImmutableList<Route> routes(boolean metrics) {
    Route health =
        get(
            "/healthz",
            exchange -> {
              ObjectNode answer = Json.object();
              answer.put("status", "ok");
              answer.put("waiting", queue.waiting());
              answer.put("running", queue.running());
              exchange.json(answer);
            });
    Route meters =
        get(
            "/metrics",
            exchange ->
                exchange.bytes(
                    200,
                    "text/plain; version=0.0.4; charset=utf-8",
                    registry.scrape().getBytes(StandardCharsets.UTF_8)));
    return metrics ? ImmutableList.of(health, meters) : ImmutableList.of(health);
  }

  @Override
  public void answered(String route, int status, long nanos) {
    Timer.builder("pix2pixzero.requests")
        .tag("route", route)
        .tag("status", Integer.toString(status))
        .register(registry)
        .record(nanos, TimeUnit.NANOSECONDS);
  }
}
