package io.github.pix2pixzero.hub;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the hub means by a status and {@code X-Error-Code}, as sentences. */
record HubErrors(HubSettings settings, ModelName name) {
  /** Such as {@code "api";r=0;t=55}: no request remains, for 55 seconds. */
  private static final Pattern RATE =
      Pattern.compile("\"\\w+\"\\s*;\\s*r\\s*=\\s*0\\s*;\\s*t\\s*=\\s*(\\d{1,9})");

  private static final String INVALID_TOKEN = "Invalid credentials in Authorization header";

  /**
   * Passes answers that are none of errors.
   *
   * @throws HubException where asking again would not help
   * @throws IOException where it may
   */
  void check(HttpResponse<?> answer) throws IOException {
    int status = answer.statusCode();
    if (status < 400) {
      return;
    }
    HttpHeaders headers = answer.headers();
    String code = headers.firstValue("X-Error-Code").orElse("");
    String said = headers.firstValue("X-Error-Message").orElse("");
    String host = settings.endpoint().getAuthority();
    boolean fromHub = host.equals(answer.uri().getAuthority());
    switch (code) {
      case "GatedRepo" -> throw gated();
      case "RevisionNotFound" ->
          throw new HubException(
              "%s has no revision %s at %s".formatted(name.id(), name.revision(), host));
      case "EntryNotFound" ->
          throw new HubException("%s has no file %s".formatted(name, answer.uri().getPath()));
      case "RepoNotFound" -> throw notFound(host);
      default -> {}
    }
    if (status == 401 && said.equals(INVALID_TOKEN)) {
      throw new HubException(
          "%s does not know the token of HF_TOKEN or HF_TOKEN_PATH".formatted(host));
    }
    if (fromHub && (status == 401 || status == 404)) { // a stranger is not told what is private
      throw notFound(host);
    }
    String where = answer.uri().getAuthority() + answer.uri().getPath();
    String sentence =
        "%s answers with status %d%s".formatted(where, status, said.isEmpty() ? "" : ": " + said);
    if (status == 429) {
      OptionalLong wait = waitSeconds(headers, Instant.now());
      throw new HubException(
          "%s has had too many requests%s"
              .formatted(
                  answer.uri().getAuthority(),
                  wait.isPresent()
                      ? "; try again in %d seconds".formatted(wait.getAsLong())
                      : "; try again later"));
    }
    // Addresses of a storage are signed for a time: 403 there is gone when the hub is asked again.
    if (status == 408 || status >= 500 || !fromHub) {
      throw new IOException(sentence);
    }
    throw new HubException(sentence);
  }

  /** How long {@code RateLimit} or {@code Retry-After} asks one to wait. */
  static OptionalLong waitSeconds(HttpHeaders headers, Instant now) {
    Matcher rate = RATE.matcher(headers.firstValue("RateLimit").orElse(""));
    if (rate.find()) {
      return OptionalLong.of(Long.parseLong(rate.group(1)));
    }
    String after = headers.firstValue("Retry-After").orElse("").strip();
    if (after.matches("\\d{1,9}")) {
      return OptionalLong.of(Long.parseLong(after));
    }
    try {
      ZonedDateTime then = ZonedDateTime.parse(after, DateTimeFormatter.RFC_1123_DATE_TIME);
      return OptionalLong.of(Math.max(0, Duration.between(now, then.toInstant()).toSeconds()));
    } catch (DateTimeParseException e) {
      return OptionalLong.empty();
    }
  }

  private HubException gated() {
    URI page = URI.create(settings.endpoint() + "/" + name.id());
    return new HubException(
        settings.token().isPresent()
            ? "%s is gated, and the account of your token has no access; ask for it at %s"
                .formatted(name.id(), page)
            : "%s is gated: accept its conditions at %s and set HF_TOKEN to a token of that account"
                .formatted(name.id(), page));
  }

  private ModelNotFoundException notFound(String host) {
    return new ModelNotFoundException(
        "there is no model %s at %s, or it is private and %s"
            .formatted(
                name.id(),
                host,
                settings.token().isPresent()
                    ? "the account of your token has no access"
                    : "needs a token in HF_TOKEN"));
  }
}
