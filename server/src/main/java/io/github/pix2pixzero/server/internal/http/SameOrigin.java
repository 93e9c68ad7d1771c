package io.github.pix2pixzero.server.internal.http;

import com.google.common.collect.ImmutableSet;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Refuses requests that change something where another site's page makes them (CSRF): a browser
 * says so in Origin and Sec-Fetch-Site. Programs send neither.
 */
public final class SameOrigin extends Handler.Wrapper {
  private static final ImmutableSet<String> SAFE = ImmutableSet.of("GET", "HEAD", "OPTIONS");

  private final ImmutableSet<String> allowed;

  /**
   * @param allowed origins whose pages may
   */
  public SameOrigin(Handler inner, ImmutableSet<String> allowed) {
    super(inner);
    this.allowed = allowed;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (SAFE.contains(request.getMethod()) || isOurs(request)) {
      return super.handle(request, response, callback);
    }
    PlainErrors.write(
        new Refusal(403, "pages of other sites may not do this; see --allow-origin"),
        response,
        callback);
    return true;
  }

  private boolean isOurs(Request request) {
    String origin = request.getHeaders().get(HttpHeader.ORIGIN);
    if (origin != null) {
      return allowed.contains(origin)
          || origin.equals("http://" + request.getHeaders().get(HttpHeader.HOST));
    }
    return !"cross-site".equals(request.getHeaders().get("Sec-Fetch-Site"));
  }
}
