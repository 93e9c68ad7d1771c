package io.github.pix2pixzero.server.internal.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.ImmutableMap;
import com.google.common.io.ByteStreams;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.MultiPart;
import org.eclipse.jetty.http.MultiPartConfig;
import org.eclipse.jetty.http.MultiPartFormData;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Attributes;
import org.eclipse.jetty.util.Fields.Field;

/** A request and its answer, as routes see them: read in whole, written in one or as events. */
public final class Exchange {
  private static final int CHUNK = 1 << 14;

  private final Request request;
  private final Response response;
  private final ImmutableMap<String, String> path;
  private final UploadBudget.Share share;
  private final Duration arrival;

  Exchange(
      Request request,
      Response response,
      ImmutableMap<String, String> path,
      UploadBudget.Share share,
      Duration arrival) {
    this.share = share;
    this.arrival = arrival;
    this.request = request;
    this.response = response;
    this.path = path;
  }

  // ------------------------------------------------------------------ in

  /** What stands in the path where the route has a name in braces. */
  public String path(String name) {
    return path.get(name);
  }

  public Optional<String> query(String name) {
    try {
      Field field = Request.extractQueryParameters(request).get(name);
      return Optional.ofNullable(field).map(Field::getValue);
    } catch (IllegalArgumentException e) {
      throw new Refusal(400, "the query is malformed");
    }
  }

  /** Scheme and authority under which the client knows this server. */
  public String origin() {
    return "http://" + request.getHeaders().get(HttpHeader.HOST);
  }

  /** The body as it is. */
  public byte[] body(int most) throws IOException {
    if (request.getLength() > most) {
      throw tooLarge(most);
    }
    long deadline = System.nanoTime() + arrival.toNanos();
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    InputStream in = Content.Source.asInputStream(request);
    byte[] chunk = new byte[CHUNK];
    for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
      share.take(read);
      body.write(chunk, 0, read);
      if (body.size() > most) {
        throw tooLarge(most);
      }
      if (System.nanoTime() > deadline) {
        throw new Refusal(408, "the request took too long to arrive").with("Connection", "close");
      }
    }
    return body.toByteArray();
  }

  private static Refusal tooLarge(int most) {
    return new Refusal(413, "the request has more than %s MB".formatted(most >> 20))
        .with("Connection", "close");
  }

  /** The parameters of a body in JSON or of a form with files. */
  public Fields fields() throws IOException {
    String type = contentType();
    if (type.startsWith("multipart/form-data")) {
      return form();
    }
    if (!type.startsWith("application/json")) {
      throw new Refusal(415, "the body should be application/json or multipart/form-data");
    }
    return Fields.of(Json.read(body(Limits.BODY_BYTES)));
  }

  /** The media type of the body in lower case; empty if nothing says it. */
  public String contentType() {
    String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
    return type == null ? "" : type.toLowerCase(Locale.ROOT);
  }

  /** The body is in memory first, so that no part of it ever gets to the disk. */
  private Fields form() throws IOException {
    byte[] body = body(2 * Limits.UPLOAD_BYTES + (1 << 16));
    ImmutableListMultimap.Builder<String, JsonNode> values = ImmutableListMultimap.builder();
    ImmutableListMultimap.Builder<String, byte[]> files = ImmutableListMultimap.builder();
    MultiPartConfig config =
        new MultiPartConfig.Builder()
            .maxParts(Limits.PARTS)
            .maxSize(body.length)
            .maxPartSize(body.length)
            .maxMemoryPartSize(body.length)
            .build();
    try (MultiPartFormData.Parts parts =
        MultiPartFormData.getParts(
            Content.Source.from(ByteBuffer.wrap(body)),
            new Attributes.Mapped(),
            request.getHeaders().get(HttpHeader.CONTENT_TYPE),
            config)) {
      for (MultiPart.Part part : parts) {
        // Arrays have brackets in forms: image[].
        String name = part.getName() == null ? "" : part.getName().replaceFirst("\\[]$", "");
        if (part.getFileName() == null) {
          values.put(name, TextNode.valueOf(part.getContentAsString(StandardCharsets.UTF_8)));
        } else {
          InputStream in = Content.Source.asInputStream(part.newContentSource(null, 0, -1));
          files.put(name, Fields.checkedSize(name, ByteStreams.toByteArray(in)));
        }
      }
    } catch (Refusal e) {
      throw e;
    } catch (RuntimeException e) { // what the parser throws at malformed forms differs
      throw new Refusal(400, "the form is malformed");
    }
    return new Fields(values.build(), files.build());
  }

  // ------------------------------------------------------------------ out

  public void header(String name, String value) {
    response.getHeaders().put(name, value);
  }

  public void json(JsonNode answer) throws IOException {
    json(200, answer);
  }

  public void json(int status, JsonNode answer) throws IOException {
    bytes(status, "application/json", Json.bytes(answer));
  }

  public void bytes(int status, String type, byte[] content) throws IOException {
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, content.length);
    if (!response.getHeaders().contains(HttpHeader.CACHE_CONTROL)) {
      response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    }
    ByteBuffer body = ByteBuffer.wrap(request.getMethod().equals("HEAD") ? new byte[0] : content);
    Content.Sink.write(response, true, body);
  }

  public void empty() throws IOException {
    response.setStatus(204);
    Content.Sink.write(response, true, ByteBuffer.allocate(0));
  }

  /** Answers with server-sent events. */
  public EventStream events() {
    return new EventStream(response, watch());
  }

  /** Sees whether the client is still there while nothing is sent to it. */
  public ClientWatch watch() {
    return new ClientWatch(request, response);
  }

  boolean isCommitted() {
    return response.isCommitted();
  }
}
