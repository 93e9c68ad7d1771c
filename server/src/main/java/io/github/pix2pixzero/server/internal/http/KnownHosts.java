package io.github.pix2pixzero.server.internal.http;

import com.google.common.collect.ImmutableSet;
import com.google.common.net.HostAndPort;
import com.google.common.net.InetAddresses;
import java.util.Locale;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Refuses requests for hosts that are not this one. A page of evil.example whose name suddenly
 * resolves to 127.0.0.1 (DNS rebinding) is of the same origin as this server to the browser; only
 * its Host header gives it away.
 */
public final class KnownHosts extends Handler.Wrapper {
  private static final ImmutableSet<String> LOOPBACK =
      ImmutableSet.of("localhost", "127.0.0.1", "::1");

  private final ImmutableSet<String> names;
  private final boolean addresses;

  /**
   * @param names beside those of the loopback interface
   * @param addresses whether IP addresses are known too, which cannot be rebound
   */
  public KnownHosts(Handler inner, ImmutableSet<String> names, boolean addresses) {
    super(inner);
    this.names = names;
    this.addresses = addresses;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (request.getHeaders().getValuesList(HttpHeader.HOST).size() == 1
        && isKnown(request.getHeaders().get(HttpHeader.HOST))) {
      return super.handle(request, response, callback);
    }
    PlainErrors.write(
        new Refusal(421, "this server does not answer for that host"), response, callback);
    return true;
  }

  private boolean isKnown(String header) {
    try {
      String host = HostAndPort.fromString(header).getHost().toLowerCase(Locale.ROOT);
      return LOOPBACK.contains(host)
          || names.contains(host)
          || (addresses && InetAddresses.isInetAddress(host));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
