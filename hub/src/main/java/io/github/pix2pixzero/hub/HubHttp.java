package io.github.pix2pixzero.hub;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Requests to the hub and to where it sends one on. Redirects are followed by hand: the client of
 * JDK 17 would show the token to every host it is sent to.
 */
final class HubHttp {
  static final String LINKED_ETAG = "X-Linked-Etag";
  static final String LINKED_SIZE = "X-Linked-Size";

  private static final int MAX_REDIRECTS = 5;

  private final HubSettings settings;
  private HttpClient client;

  HubHttp(HubSettings settings) {
    this.settings = settings;
  }

  /** Made when it is needed: that takes a tenth of a second, and mostly all is in the cache. */
  private synchronized HttpClient client() {
    if (client == null) {
      client =
          HttpClient.newBuilder()
              .followRedirects(HttpClient.Redirect.NEVER)
              .connectTimeout(settings.answerTimeout())
              .version(
                  HttpClient.Version.HTTP_1_1) // one request at a time has nothing to multiplex
              .build();
    }
    return client;
  }

  /**
   * Asks, and follows wherever it is sent.
   *
   * @param headers of every request on the way
   * @return all answers on the way; the body of the last is open
   */
  List<HttpResponse<InputStream>> get(URI uri, Map<String, String> headers) throws IOException {
    List<HttpResponse<InputStream>> answers = new ArrayList<>();
    URI next = uri;
    while (next != null) {
      HttpResponse<InputStream> answer = send("GET", next, headers);
      answers.add(answer);
      next = redirect(answer, answers.size());
    }
    return answers;
  }

  /**
   * Asks what a file is. A redirect that says it is not followed: where it leads, nobody may know
   * the file's own hash, nor answer such a question at all.
   */
  HttpResponse<InputStream> head(URI uri) throws IOException {
    URI next = uri;
    for (int redirects = 1; ; redirects++) {
      HttpResponse<InputStream> answer = send("HEAD", next, Map.of());
      boolean isTold =
          answer.headers().firstValue(LINKED_ETAG).isPresent()
              && answer.headers().firstValue(LINKED_SIZE).isPresent();
      next = isTold ? null : redirect(answer, redirects);
      if (next == null) {
        answer.body().close();
        return answer;
      }
    }
  }

  /**
   * Where a redirect leads.
   *
   * @throws HubException if it leads from an encrypted hub to an unencrypted host, or nowhere
   */
  static URI follow(URI endpoint, URI from, String location) throws HubException {
    URI to;
    try {
      to = from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw new HubException("%s leads to what is no address: %s".formatted(from, location), e);
    }
    boolean allowed =
        "https".equals(to.getScheme())
            || ("http".equals(to.getScheme()) && "http".equals(endpoint.getScheme()));
    if (!allowed || to.getHost() == null) {
      throw new HubException("%s leads to %s, which is not https".formatted(from, to));
    }
    return to;
  }

  private URI redirect(HttpResponse<InputStream> answer, int redirects) throws IOException {
    switch (answer.statusCode()) {
      case 301, 302, 303, 307, 308 -> {}
      default -> {
        return null;
      }
    }
    answer.body().close();
    if (redirects > MAX_REDIRECTS) {
      throw new HubException(
          "%s leads on and on, after %s redirects still".formatted(answer.uri(), MAX_REDIRECTS));
    }
    String location =
        answer
            .headers()
            .firstValue("Location")
            .orElseThrow(() -> new HubException(answer.uri() + " leads to no place"));
    return follow(settings.endpoint(), answer.uri(), location);
  }

  private HttpResponse<InputStream> send(String method, URI uri, Map<String, String> headers)
      throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .method(method, BodyPublishers.noBody())
            .timeout(settings.answerTimeout())
            .setHeader("User-Agent", "pix2pix-zero-java")
            .setHeader("Accept-Encoding", "identity"); // sizes are those of the files
    headers.forEach(request::setHeader);
    if (isHub(uri)) {
      settings.token().ifPresent(token -> request.setHeader("Authorization", "Bearer " + token));
    }
    try {
      return client().send(request.build(), BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } catch (IOException e) {
      String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      throw new IOException("cannot reach %s: %s".formatted(uri.getAuthority(), reason), e);
    }
  }

  /** Whether the token may be shown there. */
  private boolean isHub(URI uri) {
    URI endpoint = settings.endpoint();
    return Objects.equals(uri.getScheme(), endpoint.getScheme())
        && uri.getHost().equalsIgnoreCase(endpoint.getHost())
        && uri.getPort() == endpoint.getPort();
  }
}
