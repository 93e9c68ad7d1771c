package io.github.pix2pixzero.hub;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the hub and its cache are, as the environment variables of the Python client say.
 *
 * @param endpoint the hub, without a slash at the end: {@code HF_ENDPOINT}
 * @param cache the folder of the cache: {@code HF_HUB_CACHE}, or {@code hub} in {@code HF_HOME},
 *     which by default is {@code huggingface} in {@code XDG_CACHE_HOME} or {@code ~/.cache}
 * @param token what proves who asks: {@code HF_TOKEN}, or the content of the file {@code
 *     HF_TOKEN_PATH}, by default {@code token} in {@code HF_HOME}
 * @param offline whether nothing is asked of the hub: {@code HF_HUB_OFFLINE}
 * @param answerTimeout how long an answer may take to begin: {@code HF_HUB_ETAG_TIMEOUT}, in
 *     seconds, by default 10
 * @param stallTimeout how long a download may stand still: {@code HF_HUB_DOWNLOAD_TIMEOUT}, in
 *     seconds, by default 10
 * @param links whether a snapshot is made of symbolic links where the system has them: not {@code
 *     HF_HUB_DISABLE_SYMLINKS}
 */
public record HubSettings(
    URI endpoint,
    Path cache,
    Optional<String> token,
    boolean offline,
    Duration answerTimeout,
    Duration stallTimeout,
    boolean links) {

  private static final String ENDPOINT = "https://huggingface.co";
  private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");
  private static final String SECONDS = "10";
  private static final Pattern VARIABLE = Pattern.compile("\\$(?:\\{(\\w+)}|(\\w+))");

  /**
   * @throws IllegalArgumentException if the endpoint is no address of the web, the token could not
   *     be sent, or a time-out is not positive
   */
  public HubSettings {
    boolean web = "https".equals(endpoint.getScheme()) || "http".equals(endpoint.getScheme());
    if (!web || endpoint.getHost() == null) {
      throw notAnAddress(endpoint.toString());
    }
    if (token.isPresent() && !token.get().matches("[!-~]+")) {
      throw new IllegalArgumentException(
          "the token for the hub has characters that no token has; see HF_TOKEN and HF_TOKEN_PATH");
    }
    requirePositive(answerTimeout, "HF_HUB_ETAG_TIMEOUT");
    requirePositive(stallTimeout, "HF_HUB_DOWNLOAD_TIMEOUT");
  }

  /**
   * What the variables of this process say.
   *
   * @throws IOException if there is a file with a token that cannot be read
   * @throws IllegalArgumentException as the constructor, naming the variable
   */
  public static HubSettings fromEnvironment() throws IOException {
    return from(System.getenv(), Path.of(System.getProperty("user.home")));
  }

  /**
   * What variables say.
   *
   * @param home the user's home
   * @throws IOException as {@link #fromEnvironment()}
   * @throws IllegalArgumentException as {@link #fromEnvironment()}
   */
  public static HubSettings from(Map<String, String> environment, Path home) throws IOException {
    Variables variables = new Variables(environment, home);
    Path caches = variables.path("XDG_CACHE_HOME").orElse(home.resolve(".cache"));
    Path root = variables.path("HF_HOME").orElse(caches.resolve("huggingface"));
    return new HubSettings(
        variables.endpoint(),
        variables
            .path("HF_HUB_CACHE")
            .or(() -> variables.path("HUGGINGFACE_HUB_CACHE"))
            .orElse(root.resolve("hub"))
            .toAbsolutePath(),
        variables.token(root),
        variables.flag("HF_HUB_OFFLINE") || variables.flag("TRANSFORMERS_OFFLINE"),
        variables.seconds("HF_HUB_ETAG_TIMEOUT"),
        variables.seconds("HF_HUB_DOWNLOAD_TIMEOUT"),
        !variables.flag("HF_HUB_DISABLE_SYMLINKS"));
  }

  /** All but the token itself. */
  @Override
  public String toString() {
    return "%s, cache %s%s%s"
        .formatted(
            endpoint, cache, token.isPresent() ? ", with a token" : "", offline ? ", offline" : "");
  }

  private static IllegalArgumentException notAnAddress(String endpoint) {
    return new IllegalArgumentException(
        "HF_ENDPOINT should be an address such as %s, it is %s".formatted(ENDPOINT, endpoint));
  }

  private static void requirePositive(Duration timeout, String variable) {
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException(
          variable + " should be a positive number of seconds, it is " + timeout.toSeconds());
    }
  }

  private record Variables(Map<String, String> environment, Path home) {
    /** A variable that is empty counts as absent. */
    Optional<String> text(String name) {
      return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
    }

    /** Where no shell has done it, {@code ~} and variables in the path are replaced. */
    Optional<Path> path(String name) {
      return text(name)
          .map(value -> value.matches("~([/\\\\].*)?") ? home + value.substring(1) : value)
          .map(value -> VARIABLE.matcher(value).replaceAll(this::expand))
          .map(Path::of);
    }

    private String expand(MatchResult variable) {
      String name = variable.group(1) == null ? variable.group(2) : variable.group(1);
      return Matcher.quoteReplacement(environment.getOrDefault(name, variable.group()));
    }

    URI endpoint() {
      String value = text("HF_ENDPOINT").orElse(ENDPOINT);
      try {
        return new URI(value.replaceAll("/+$", ""));
      } catch (URISyntaxException e) {
        throw notAnAddress(value);
      }
    }

    boolean flag(String name) {
      return text(name).map(value -> TRUE.contains(value.toUpperCase(Locale.ROOT))).orElse(false);
    }

    Duration seconds(String name) {
      String value = text(name).orElse(SECONDS);
      try {
        return Duration.ofSeconds(Long.parseLong(value.strip()));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "%s should be a whole number of seconds, it is %s".formatted(name, value), e);
      }
    }

    Optional<String> token(Path root) throws IOException {
      if (flag("HF_HUB_DISABLE_IMPLICIT_TOKEN")) {
        return Optional.empty();
      }
      Optional<String> named = text("HF_TOKEN").or(() -> text("HUGGING_FACE_HUB_TOKEN"));
      if (named.isPresent()) {
        return named.map(String::strip);
      }
      Path file = path("HF_TOKEN_PATH").orElse(root.resolve("token"));
      return Files.isRegularFile(file)
          ? Optional.of(Files.readString(file).strip()).filter(token -> !token.isEmpty())
          : Optional.empty();
    }
  }
}
