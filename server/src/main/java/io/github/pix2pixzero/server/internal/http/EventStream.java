package io.github.pix2pixzero.server.internal.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Response;

/** Server-sent events (WHATWG HTML, 9.2). Writing fails once the client is gone. */
public final class EventStream {
  private final Response response;
  private final ClientWatch watch;

  EventStream(Response response, ClientWatch watch) {
    this.response = response;
    this.watch = watch;
    response.setStatus(200);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream");
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    response.getHeaders().put("X-Accel-Buffering", "no"); // for proxies
  }

  public void send(String event, JsonNode data) throws IOException {
    String json = new String(Json.bytes(data), StandardCharsets.UTF_8);
    write("event: " + event + "\ndata: " + json + "\n\n");
  }

  /**
   * @throws IOException if the client has gone away
   */
  public void check() throws IOException {
    if (watch.isGone()) {
      throw new IOException("the client has gone away");
    }
  }

  /** Says nothing, which shows whether anybody is there and keeps the connection from idling. */
  public void beat() throws IOException {
    write(": \n\n");
  }

  private void write(String text) throws IOException {
    Content.Sink.write(response, false, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }

  public void end() throws IOException {
    Content.Sink.write(response, true, ByteBuffer.allocate(0));
  }
}
