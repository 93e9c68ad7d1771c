package io.github.pix2pixzero.server.internal.http;

import com.google.common.collect.ImmutableSet;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Locale;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Asks for a token: as {@code Authorization: Bearer TOKEN}, or as the password of basic
 * authentication, which is what clients of AUTOMATIC1111's interface can send. The page itself,
 * which holds no secret, is free; it asks for the token.
 */
public final class TokenCheck extends Handler.Wrapper {
  private final byte[] hash;
  private final ImmutableSet<String> free;

  /**
   * @param free paths that need none
   */
  public TokenCheck(Handler inner, String token, ImmutableSet<String> free) {
    super(inner);
    this.hash = hash(token);
    this.free = free;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    // Hashes are of one length, and compared in constant time: the time tells nothing of the token.
    if (free.contains(request.getHttpURI().getCanonicalPath())
        || MessageDigest.isEqual(hash, hash(given(request)))) {
      return super.handle(request, response, callback);
    }
    PlainErrors.write(
        new Refusal(401, "a token is needed: Authorization: Bearer TOKEN")
            .with("WWW-Authenticate", "Bearer"),
        response,
        callback);
    return true;
  }

  private static byte[] hash(String token) {
    return Hashing.sha256().hashString(token, StandardCharsets.UTF_8).asBytes();
  }

  private static String given(Request request) {
    String header = request.getHeaders().get(HttpHeader.AUTHORIZATION);
    int space = header == null ? -1 : header.indexOf(' ');
    if (space < 0) {
      return "";
    }
    String value = header.substring(space + 1).strip();
    return switch (header.substring(0, space).toLowerCase(Locale.ROOT)) {
      case "bearer" -> value;
      case "basic" -> password(value);
      default -> "";
    };
  }

  private static String password(String credentials) {
    try {
      String decoded = new String(Base64.getDecoder().decode(credentials), StandardCharsets.UTF_8);
      return decoded.substring(decoded.indexOf(':') + 1);
    } catch (IllegalArgumentException e) {
      return "";
    }
  }
}
