package io.github.pix2pixzero.server.internal.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RouterTest {
  private static final int BUDGET = 1000;

  private final HttpClient client = HttpClient.newHttpClient();
  private Server server;
  private URI address;

  @BeforeEach
  void start() throws Exception {
    ImmutableList<Route> routes =
        ImmutableList.of(
            Route.post("/body", exchange -> exchange.bytes(200, "text/plain", exchange.body(2000))),
            Route.get(
                "/half",
                exchange -> {
                  exchange.events().beat();
                  throw new IllegalStateException("for a test");
                }));
    server = new Server();
    ServerConnector connector = new ServerConnector(server);
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    server.setHandler(
        new Router(
            routes,
            (route, status, nanos) -> {},
            Duration.ofSeconds(10),
            new UploadBudget(BUDGET)));
    server.start();
    address = URI.create("http://127.0.0.1:" + connector.getLocalPort());
  }

  @AfterEach
  void stop() throws Exception {
    server.stop();
  }

  private HttpResponse<String> send(int bytes) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(address.resolve("/body"))
            .POST(BodyPublishers.ofByteArray(new byte[bytes]))
            .build();
    return client.send(request, BodyHandlers.ofString());
  }

  /** What a request has sent counts until it is answered, and no longer. */
  @Test
  void allBodiesTogetherAreBounded() throws Exception {
    for (int i = 0; i < 3; i++) {
      assertThat(send(BUDGET).statusCode()).isEqualTo(200);
      HttpResponse<String> refused = send(BUDGET + 1);
      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(refused.headers().firstValue("Retry-After")).isPresent();
    }
  }

  /** So that nobody takes it for a whole. */
  @Test
  void halfAnAnswerEndsWithItsConnection() {
    HttpRequest request = HttpRequest.newBuilder(address.resolve("/half")).build();
    assertThatIOException().isThrownBy(() -> client.send(request, BodyHandlers.ofString()));
  }
}
