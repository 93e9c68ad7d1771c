package io.github.pix2pixzero.hub.testing;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A hub with one model, and the storage of its large files, as two servers of this machine. They
 * answer as huggingface.co does: a large file is a redirect to the storage that names its SHA-256,
 * a small one a relative redirect to a place on the hub itself.
 */
public final class LocalHub implements AutoCloseable {
  /** The commit that branch {@code main} is at. */
  public static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  private final String id;
  private final SortedMap<String, Stored> files = new TreeMap<>();
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final ConcurrentLinkedQueue<Fault> faults = new ConcurrentLinkedQueue<>();
  private final Map<String, String> refs = new HashMap<>(Map.of("main", COMMIT));
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final HttpServer hub;
  private final HttpServer storage;
  private volatile int pageSize = 1000;

  /** A request that has come. */
  public record Request(
      boolean toHub, String method, String path, Optional<String> token, Optional<String> range) {}

  private record Fault(Predicate<HttpExchange> request, HttpHandler answer) {}

  private record Stored(byte[] content, boolean isLarge, String etag) {}

  /** Starts the servers; the hub has the model {@code id}, and no files yet. */
  public LocalHub(String id) throws IOException {
    this.id = id;
    hub = server(true);
    storage = server(false);
  }

  /** Adds or replaces a file that is kept in git itself. */
  public LocalHub small(String path, String content) {
    return small(path, content.getBytes(StandardCharsets.UTF_8));
  }

  /** Adds or replaces a file that is kept in git itself. */
  public LocalHub small(String path, byte[] content) {
    byte[] header = ("blob " + content.length + "\0").getBytes(StandardCharsets.UTF_8);
    files.put(path, new Stored(content, false, hash("SHA-1", header, content)));
    return this;
  }

  /** Adds or replaces a file that is kept in the storage. */
  public LocalHub large(String path, byte[] content) {
    files.put(path, new Stored(content, true, sha256(content)));
    return this;
  }

  /** Adds all files of a folder, weights as large ones. */
  public LocalHub all(Path folder) throws IOException {
    try (Stream<Path> walked = Files.walk(folder)) {
      for (Path file : walked.filter(Files::isRegularFile).toList()) {
        String path = folder.relativize(file).toString().replace('\\', '/');
        byte[] content = Files.readAllBytes(file);
        if (path.endsWith(".safetensors")) {
          large(path, content);
        } else {
          small(path, content);
        }
      }
    }
    return this;
  }

  /** Lets a revision stand for a commit; the files are the same in all. */
  public LocalHub ref(String revision, String commit) {
    refs.put(revision, commit);
    return this;
  }

  /** Lists only so many files a page. */
  public LocalHub pagesOf(int size) {
    pageSize = size;
    return this;
  }

  /** Answers the next request of some kind in another way; its connection is closed then. */
  public void fault(Predicate<HttpExchange> request, HttpHandler answer) {
    faults.add(new Fault(request, answer));
  }

  /** Where the hub is. */
  public URI endpoint() {
    return uri("127.0.0.1", hub);
  }

  /** Where the storage is: for a client, on another host. */
  public URI storage() {
    return uri("localhost", storage);
  }

  /** All requests so far. */
  public List<Request> requests() {
    return List.copyOf(requests);
  }

  /** Variables that make this the hub, and a folder the cache; without a token. */
  public Map<String, String> environment(Path cache) {
    return Map.of(
        "HF_ENDPOINT",
        endpoint().toString(),
        "HF_HUB_CACHE",
        cache.toString(),
        "HF_TOKEN_PATH",
        cache.resolveSibling("no-token").toString());
  }

  /** As hexadecimal digits. */
  public static String sha256(byte[] content) {
    return hash("SHA-256", content);
  }

  /** Answers with a status and headers alone, as the hub does where it refuses. */
  public static HttpHandler status(int status, String... headers) {
    return exchange -> {
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
      }
      exchange.sendResponseHeaders(status, -1);
    };
  }

  @Override
  public void close() {
    hub.stop(0);
    storage.stop(0);
    executor.shutdownNow();
  }

  private HttpServer server(boolean isHub) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(executor);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            Headers headers = exchange.getRequestHeaders();
            requests.add(
                new Request(
                    isHub,
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().toString(),
                    Optional.ofNullable(headers.getFirst("Authorization")),
                    Optional.ofNullable(headers.getFirst("Range"))));
            for (Fault fault : faults) {
              if (fault.request().test(exchange) && faults.remove(fault)) {
                fault.answer().handle(exchange);
                return;
              }
            }
            if (isHub) {
              answerAsHub(exchange);
            } else {
              answerAsStorage(exchange);
            }
          }
        });
    server.start();
    return server;
  }

  private void answerAsHub(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String raw = exchange.getRequestURI().getRawPath();
    String api = "/api/models/" + id;
    String cached = "/api/resolve-cache/models/" + id + "/";
    String resolve = "/" + id + "/resolve/";
    if (raw.startsWith(api + "/revision/")) {
      String commit = refs.get(path.substring((api + "/revision/").length()));
      if (commit == null || raw.substring(api.length() + 10).contains("/")) {
        status(404, "X-Error-Code", "RevisionNotFound").handle(exchange);
      } else {
        json(exchange, "{\"id\": \"%s\", \"sha\": \"%s\"}".formatted(id, commit));
      }
    } else if (path.startsWith(api + "/tree/")) {
      tree(exchange);
    } else if (path.startsWith(resolve)) {
      resolve(exchange, path.substring(resolve.length()), cached);
    } else if (path.startsWith(cached)) {
      String name = path.substring(cached.length() + COMMIT.length() + 1);
      Stored file = files.get(name);
      exchange.getResponseHeaders().set("ETag", '"' + file.etag() + '"');
      exchange.getResponseHeaders().set("X-Repo-Commit", path.split("/")[6]);
      content(exchange, file.content());
    } else { // as for strangers, who are not told what is private
      status(401, "X-Error-Message", "Repository not found").handle(exchange);
    }
  }

  private void resolve(HttpExchange exchange, String path, String cached) throws IOException {
    String revision = path.substring(0, path.indexOf('/'));
    String commit = refs.getOrDefault(revision, revision);
    String name = path.substring(revision.length() + 1);
    Stored file = files.get(name);
    Headers headers = exchange.getResponseHeaders();
    headers.set("X-Repo-Commit", commit);
    if (file == null) {
      status(404, "X-Error-Code", "EntryNotFound").handle(exchange);
      return;
    }
    if (file.isLarge()) {
      headers.set("Location", storage() + "/" + file.etag() + "?signature=x");
      headers.set("X-Linked-Etag", '"' + file.etag() + '"');
      headers.set("X-Linked-Size", Integer.toString(file.content().length));
      exchange.sendResponseHeaders(302, -1);
    } else {
      headers.set("Location", cached + commit + "/" + name);
      exchange.sendResponseHeaders(307, -1);
    }
  }

  private void answerAsStorage(HttpExchange exchange) throws IOException {
    String etag = exchange.getRequestURI().getPath().substring(1);
    Optional<Stored> file =
        files.values().stream().filter(each -> each.etag().equals(etag)).findFirst();
    if (exchange.getRequestMethod().equals("HEAD") || file.isEmpty()) {
      status(403).handle(exchange); // what is signed is GET
      return;
    }
    exchange.getResponseHeaders().set("ETag", "\"a-hash-of-another-kind\"");
    content(exchange, file.get().content());
  }

  /** Sends a file, or from where a range begins. */
  public static void content(HttpExchange exchange, byte[] content) throws IOException {
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", Integer.toString(content.length));
      exchange.sendResponseHeaders(200, -1);
      return;
    }
    String range = exchange.getRequestHeaders().getFirst("Range");
    int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
    if (range != null && from >= content.length) {
      exchange.getResponseHeaders().set("Content-Range", "bytes */" + content.length);
      exchange.sendResponseHeaders(416, -1);
      return;
    }
    if (range != null) {
      exchange
          .getResponseHeaders()
          .set(
              "Content-Range",
              "bytes %s-%s/%s".formatted(from, content.length - 1, content.length));
    }
    send(exchange, range == null ? 200 : 206, Arrays.copyOfRange(content, from, content.length));
  }

  private void tree(HttpExchange exchange) throws IOException {
    String query = Optional.ofNullable(exchange.getRequestURI().getQuery()).orElse("");
    int from = query.contains("cursor=") ? Integer.parseInt(query.replaceAll(".*cursor=", "")) : 0;
    int to = Math.min(files.size(), from + pageSize);
    StringBuilder page =
        new StringBuilder(
            "[{\"type\": \"directory\", \"oid\": \"0\", \"size\": 0, \"path\": \"unet\"}");
    for (Map.Entry<String, Stored> entry : List.copyOf(files.entrySet()).subList(from, to)) {
      Stored file = entry.getValue();
      int size = file.content().length;
      page.append(
          ", {\"type\": \"file\", \"path\": \"%s\", \"size\": %s, \"oid\": \"%s\"%s}"
              .formatted(
                  entry.getKey(),
                  size,
                  file.isLarge() ? "f".repeat(40) : file.etag(),
                  file.isLarge()
                      ? ", \"lfs\": {\"oid\": \"%s\", \"size\": %s, \"pointerSize\": 135}"
                          .formatted(file.etag(), size)
                      : ""));
    }
    if (to < files.size()) {
      String next =
          endpoint() + exchange.getRequestURI().getPath() + "?recursive=true&cursor=" + to;
      exchange.getResponseHeaders().set("Link", "<" + next + ">; rel=\"next\"");
    }
    json(exchange, page.append(']').toString());
  }

  private static void json(HttpExchange exchange, String text) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    send(exchange, 200, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
  }

  private static URI uri(String host, HttpServer server) {
    return URI.create("http://%s:%s".formatted(host, server.getAddress().getPort()));
  }

  private static String hash(String algorithm, byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance(algorithm);
      for (byte[] part : parts) {
        digest.update(part);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new UncheckedIOException(new IOException(e));
    }
  }
}
