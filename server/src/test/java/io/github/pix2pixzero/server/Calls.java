package io.github.pix2pixzero.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Requests to a server under test: ordinary ones, and byte by byte. */
final class Calls {
  static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI base;

  Calls(EditServer server) {
    base = server.address();
  }

  HttpResponse<byte[]> get(String path) throws Exception {
    return send("GET", path, null, BodyPublishers.noBody());
  }

  JsonNode getJson(String path) throws Exception {
    return JSON.readTree(get(path).body());
  }

  HttpResponse<byte[]> delete(String path) throws Exception {
    return send("DELETE", path, null, BodyPublishers.noBody());
  }

  HttpResponse<byte[]> post(String path, String json) throws Exception {
    return send("POST", path, "application/json", BodyPublishers.ofString(json));
  }

  HttpResponse<byte[]> post(String path, String type, byte[] body) throws Exception {
    return send("POST", path, type, BodyPublishers.ofByteArray(body));
  }

  JsonNode postJson(String path, String json) throws Exception {
    return JSON.readTree(post(path, json).body());
  }

  private HttpResponse<byte[]> send(String method, String path, String type, BodyPublisher body)
      throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path)).method(method, body);
    if (type != null) {
      request.header("Content-Type", type);
    }
    return client.send(request.build(), BodyHandlers.ofByteArray());
  }

  /** Sends text as it is and returns all that comes back until the connection ends. */
  String raw(String request) throws IOException {
    try (Socket socket = new Socket(base.getHost(), base.getPort())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** A request with headers of one's own, one a line. */
  String raw(String method, String path, String... headers) throws IOException {
    return raw(
        method
            + " "
            + path
            + " HTTP/1.1\r\n"
            + String.join("\r\n", headers)
            + "\r\nConnection: close\r\n\r\n");
  }

  String host() {
    return "Host: " + base.getAuthority();
  }

  static JsonNode json(HttpResponse<byte[]> response) throws IOException {
    return JSON.readTree(response.body());
  }

  /** The cat of the cartoon world, as a PNG. */
  static byte[] cat() throws IOException {
    try (InputStream in =
        Calls.class.getResourceAsStream("/io/github/pix2pixzero/toyworld/examples/cat.png")) {
      return in.readAllBytes();
    }
  }

  static String dataUrl(byte[] png) {
    return "data:image/png;base64," + Base64.getEncoder().encodeToString(png);
  }

  /** Sends the cat and returns its id. */
  String sendCat() throws Exception {
    return json(post("/api/v1/pictures", "image/png", cat())).get("id").textValue();
  }

  /** Waits for a job to be over. */
  JsonNode await(String job) throws Exception {
    for (int i = 0; i < 3600; i++) {
      JsonNode now = getJson("/api/v1/jobs/" + job);
      String state = now.path("state").asText();
      if (!state.equals("queued") && !state.equals("running")) {
        return now;
      }
      Thread.sleep(50);
    }
    throw new AssertionError("the job did not end");
  }
}
