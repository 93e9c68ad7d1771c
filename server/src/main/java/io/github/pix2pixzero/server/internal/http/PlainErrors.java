package io.github.pix2pixzero.server.internal.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.util.Locale;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Errors as JSON with a sentence and nothing else: no stack trace, no path, no version. The body
 * has the shape of OpenAI's errors and, as {@code detail}, that of AUTOMATIC1111's.
 */
public final class PlainErrors implements Request.Handler {

  /** What Jetty itself refuses, such as a malformed header. */
  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    int status = response.getStatus() >= 400 ? response.getStatus() : 500;
    String message = status >= 500 ? "something went wrong" : HttpStatus.getMessage(status);
    write(new Refusal(status, message), response, callback);
    return true;
  }

  static void write(Refusal refusal, Response response, Callback callback) {
    int status = refusal.status();
    ObjectNode answer = Json.object();
    ObjectNode error = answer.putObject("error");
    error.put("message", refusal.getMessage());
    error.put("type", status < 500 ? "invalid_request_error" : "server_error");
    error.put("param", refusal.parameter());
    error.put("code", HttpStatus.getMessage(status).toLowerCase(Locale.ROOT).replace(' ', '_'));
    answer.put("detail", refusal.getMessage());
    byte[] body = Json.bytes(answer);
    response.setStatus(status);
    refusal.headers().forEach((name, value) -> response.getHeaders().put(name, value));
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    response.write(true, ByteBuffer.wrap(body), callback);
  }
}
