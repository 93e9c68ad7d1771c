package io.github.pix2pixzero.server;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.server.internal.api.Meters;
import io.github.pix2pixzero.server.internal.api.OpenAiApi;
import io.github.pix2pixzero.server.internal.api.OwnApi;
import io.github.pix2pixzero.server.internal.api.SdApi;
import io.github.pix2pixzero.server.internal.edits.Studio;
import io.github.pix2pixzero.server.internal.http.CrossOrigin;
import io.github.pix2pixzero.server.internal.http.KnownHosts;
import io.github.pix2pixzero.server.internal.http.PageFiles;
import io.github.pix2pixzero.server.internal.http.PlainErrors;
import io.github.pix2pixzero.server.internal.http.Route;
import io.github.pix2pixzero.server.internal.http.Router;
import io.github.pix2pixzero.server.internal.http.SafeHeaders;
import io.github.pix2pixzero.server.internal.http.SameOrigin;
import io.github.pix2pixzero.server.internal.http.TokenCheck;
import io.github.pix2pixzero.server.internal.jobs.JobQueue;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * One model behind HTTP: a page to edit on, this project's own interface, and those of OpenAI and
 * AUTOMATIC1111. It writes no files.
 *
 * <pre>{@code
 * try (EditServer server = EditServer.start(model, ServerOptions.builder().build())) {
 *   server.join();
 * }
 * }</pre>
 */
public final class EditServer implements AutoCloseable {
  private static final int MOST_THREADS = 400;
  private static final int REQUEST_HEADER_BYTES = 8 << 10;
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration PATIENCE_WITH_CLIENTS = Duration.ofSeconds(2);

  private final Server server;
  private final ServerConnector connector;
  private final JobQueue queue;
  private final ImmutableList<Route> routes;
  private final Router router;

  private EditServer(Pix2PixZero model, ServerOptions options) throws IOException {
    boolean loopback = InetAddress.getByName(options.host()).isLoopbackAddress();
    checkArgument(
        loopback || options.token().isPresent(),
        "%s can be reached from other machines, which needs a token",
        options.host());
    queue = new JobQueue(options.parallel(), options.queue(), options.kept(), options.keptBytes());
    Studio studio =
        new Studio(model, options.modelName(), options.captioner(), options.keptBytes());
    Meters meters = new Meters(queue, studio);
    routes =
        Route.concat(
            ImmutableList.of(
                PageFiles.routes(),
                meters.routes(options.metrics()),
                new OwnApi(studio, queue).routes(),
                new OpenAiApi(studio, queue).routes(),
                new SdApi(studio, queue).routes()));
    QueuedThreadPool threads = new QueuedThreadPool(MOST_THREADS);
    threads.setName("http");
    threads.setDaemon(true);
    server = new Server(threads);
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setRequestHeaderSize(REQUEST_HEADER_BYTES);
    connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
    connector.setHost(options.host());
    connector.setPort(options.port());
    connector.setIdleTimeout(options.idle().toMillis());
    server.addConnector(connector);
    server.setErrorHandler(new PlainErrors());
    router = new Router(routes, meters);
    server.setHandler(guarded(router, options, loopback));
  }

  /** One rule a handler, the outermost first to judge. */
  private static Handler guarded(Handler router, ServerOptions options, boolean loopback) {
    Handler inner = router;
    if (options.token().isPresent()) {
      ImmutableSet<String> free =
          ImmutableSet.<String>builder().addAll(PageFiles.addresses()).add("/healthz").build();
      inner = new TokenCheck(inner, options.token().get(), free);
    }
    inner = new SameOrigin(inner, options.allowedOrigins());
    inner = new CrossOrigin(inner, options.allowedOrigins());
    ImmutableSet<String> names =
        ImmutableSet.<String>builder()
            .addAll(options.hostNames())
            .add(options.host().toLowerCase(Locale.ROOT))
            .build();
    inner = new KnownHosts(inner, names, !loopback);
    return new SafeHeaders(inner);
  }

  /**
   * Starts a server.
   *
   * @throws IOException if the port is taken, or there is no such interface
   * @throws IllegalArgumentException if it could be reached from other machines without a token
   */
  public static EditServer start(Pix2PixZero model, ServerOptions options) throws IOException {
    EditServer started = new EditServer(model, options);
    try {
      started.server.start();
      return started;
    } catch (Exception e) { // of Jetty's own signature
      started.close();
      throw e instanceof IOException io ? io : new IOException("the server does not start", e);
    }
  }

  /** Where the page is. */
  public URI address() {
    String host = connector.getHost();
    String shown = host.contains(":") ? "[" + host + "]" : host;
    return URI.create("http://" + shown + ":" + connector.getLocalPort());
  }

  /** What is answered, for who wants to hold the description against it. */
  ImmutableList<Route> routes() {
    return routes;
  }

  JobQueue queue() {
    return queue;
  }

  /** Waits until the server is closed. */
  public void join() throws InterruptedException {
    server.join();
  }

  /**
   * Takes no more edits, cancels those that wait and those that run, tells their clients (503 with
   * {@code Retry-After}), and ends.
   *
   * @return how many edits were cancelled
   */
  public int stop() throws IOException {
    try {
      int cancelled = queue.close(PATIENCE);
      router.awaitAnswers(PATIENCE_WITH_CLIENTS);
      server.stop();
      return cancelled;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    } catch (Exception e) {
      throw new IOException("the server does not stop", e);
    }
  }

  @Override
  public void close() throws IOException {
    stop();
  }
}
