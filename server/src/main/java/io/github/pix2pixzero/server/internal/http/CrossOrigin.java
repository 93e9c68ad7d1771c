package io.github.pix2pixzero.server.internal.http;

import com.google.common.collect.ImmutableSet;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Lets pages of named origins read the answers (CORS). An origin is named in the answer only if it
 * stands in the list, never because it asked.
 */
public final class CrossOrigin extends Handler.Wrapper {
  private final ImmutableSet<String> allowed;

  public CrossOrigin(Handler inner, ImmutableSet<String> allowed) {
    super(inner);
    this.allowed = allowed;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    String origin = request.getHeaders().get(HttpHeader.ORIGIN);
    if (!allowed.isEmpty()) {
      response.getHeaders().put(HttpHeader.VARY, "Origin");
    }
    if (origin == null || !allowed.contains(origin)) {
      return super.handle(request, response, callback);
    }
    response.getHeaders().put("Access-Control-Allow-Origin", origin);
    if (!request.getMethod().equals("OPTIONS")) {
      return super.handle(request, response, callback);
    }
    response.getHeaders().put("Access-Control-Allow-Methods", "GET, POST, DELETE");
    response.getHeaders().put("Access-Control-Allow-Headers", "Authorization, Content-Type");
    response.getHeaders().put("Access-Control-Max-Age", "600");
    response.setStatus(204);
    response.write(true, ByteBuffer.allocate(0), callback);
    return true;
  }
}
