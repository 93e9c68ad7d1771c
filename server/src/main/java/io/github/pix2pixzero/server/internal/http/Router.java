package io.github.pix2pixzero.server.internal.http;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the route of a request, and makes an error of what it throws. */
public final class Router extends Handler.Abstract {
  private static final Logger LOG = LoggerFactory.getLogger(Router.class);
  private static final long LOOK_MILLIS = 10;

  private final ImmutableList<Route> routes;
  private final RequestMeter meter;
  private final Duration arrival;
  private final UploadBudget budget;
  private final AtomicInteger open = new AtomicInteger();

  /**
   * @param arrival how long a body may take to arrive, however steadily it drips
   */
  public Router(ImmutableList<Route> routes, RequestMeter meter, Duration arrival) {
    this(routes, meter, arrival, new UploadBudget(Limits.ALL_BYTES));
  }

  Router(ImmutableList<Route> routes, RequestMeter meter, Duration arrival, UploadBudget budget) {
    this.routes = routes;
    this.meter = meter;
    this.arrival = arrival;
    this.budget = budget;
  }

  /** Told of every answer. */
  @FunctionalInterface
  public interface RequestMeter {
    void answered(String route, int status, long nanos);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    long start = System.nanoTime();
    String name = "none";
    open.incrementAndGet();
    try (UploadBudget.Share share = budget.open()) {
      String method = request.getMethod().equals("HEAD") ? "GET" : request.getMethod();
      String path = request.getHttpURI().getCanonicalPath();
      ImmutableList.Builder<String> allowed = ImmutableList.builder();
      boolean found = false;
      for (Route route : routes) {
        Optional<ImmutableMap<String, String>> values = route.match(path);
        if (values.isPresent() && route.method().equals(method)) {
          name = route.path();
          found = true;
          route.action().answer(new Exchange(request, response, values.get(), share, arrival));
          break;
        } else if (values.isPresent()) {
          allowed.add(route.method());
        }
      }
      if (!found) {
        throw notFound(allowed.build());
      }
      callback.succeeded();
    } catch (Exception e) {
      fail(e, request, response, callback);
    } finally {
      open.decrementAndGet();
      meter.answered(name, response.getStatus(), System.nanoTime() - start);
    }
    return true;
  }

  /** Waits until all requests are answered, or the time is up. */
  public void awaitAnswers(Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (open.get() > 0 && System.nanoTime() < deadline) {
      Thread.sleep(LOOK_MILLIS);
    }
  }

  private static Refusal notFound(ImmutableList<String> allowed) {
    return allowed.isEmpty()
        ? new Refusal(404, "there is nothing at this address")
        : new Refusal(405, "this address does not take this method")
            .with("Allow", String.join(", ", allowed));
  }

  private static void fail(Exception e, Request request, Response response, Callback callback) {
    if (response.isCommitted()) {
      callback.failed(e); // ends the connection, so that half an answer is not taken for a whole
      return;
    }
    if (e instanceof Refusal refusal) {
      PlainErrors.write(refusal, response, callback);
    } else if (e instanceof IOException && e.getCause() instanceof TimeoutException) {
      PlainErrors.write(
          new Refusal(408, "the request took too long to arrive").with("Connection", "close"),
          response,
          callback);
    } else if (e instanceof IOException) {
      callback.failed(new EofException(e)); // the client is gone, which the log need not hear of
    } else {
      LOG.error("{} {} failed", request.getMethod(), request.getHttpURI().getPath(), e);
      PlainErrors.write(
          new Refusal(500, "something went wrong; the server's log says what"), response, callback);
    }
  }
}
