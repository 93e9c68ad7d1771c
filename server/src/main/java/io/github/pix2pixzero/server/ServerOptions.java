package io.github.pix2pixzero.server;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableSet;
import io.github.pix2pixzero.caption.Captioner;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Where a server listens, who may use it, and how much it takes on.
 *
 * @param host name or address of the interface to listen at; by default 127.0.0.1, this machine
 *     alone
 * @param port by default 7860; 0 for any that is free
 * @param token what clients have to know; needed beyond this machine, at least 16 characters
 * @param allowedOrigins origins such as {@code https://example.org} whose pages may use the server
 * @param hostNames names under which clients know the server, beside those of this machine
 * @param parallel edits at once; by default 1
 * @param queue edits that may wait; by default 16
 * @param kept edits of which results are kept; by default 100
 * @param keptBytes bytes that results, pictures and inversions may take, each; by default 256 MiB
 * @param metrics whether {@code /metrics} answers; by default it does not
 * @param modelName what the model is called
 * @param captioner says what pictures show, where clients do not
 * @param idle how long a connection may say nothing, which is half the time that a request may take
 *     to arrive; by default 30 seconds
 */
public record ServerOptions(
    String host,
    int port,
    Optional<String> token,
    ImmutableSet<String> allowedOrigins,
    ImmutableSet<String> hostNames,
    int parallel,
    int queue,
    int kept,
    long keptBytes,
    boolean metrics,
    String modelName,
    Optional<Captioner> captioner,
    Duration idle) {
  private static final int SHORTEST_TOKEN = 16;
  private static final int MOST_PARALLEL = 64;

  /**
   * @throws IllegalArgumentException naming what makes no sense
   */
  public ServerOptions {
    checkArgument(port >= 0 && port <= 65535, "the port should be 0 to 65535, it is %s", port);
    checkArgument(
        parallel >= 1 && parallel <= MOST_PARALLEL,
        "edits at once should be 1 to %s, they are %s",
        MOST_PARALLEL,
        parallel);
    checkArgument(queue >= 1 && kept >= 1 && keptBytes >= 0, "queue and memory cannot be empty");
    token.ifPresent(
        secret ->
            checkArgument(
                secret.length() >= SHORTEST_TOKEN,
                "the token should have %s characters or more, it has %s",
                SHORTEST_TOKEN,
                secret.length()));
    for (String origin : allowedOrigins) {
      checkArgument(
          origin.matches("https?://[^/?#\\s*]+"),
          "an origin is such as https://example.org, without a path, it is %s",
          origin);
    }
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Collects options. */
  public static final class Builder {
    private String host = "127.0.0.1";
    private int port = 7860;
    private Optional<String> token = Optional.empty();
    private ImmutableSet<String> allowedOrigins = ImmutableSet.of();
    private ImmutableSet<String> hostNames = ImmutableSet.of();
    private int parallel = 1;
    private int queue = 16;
    private int kept = 100;
    private long keptBytes = 256L << 20;
    private boolean metrics;
    private String modelName = "toy-world";
    private Optional<Captioner> captioner = Optional.empty();
    private Duration idle = Duration.ofSeconds(30);

    private Builder() {}

    public Builder host(String name) {
      host = name;
      return this;
    }

    public Builder port(int number) {
      port = number;
      return this;
    }

    public Builder token(String secret) {
      token = Optional.of(secret);
      return this;
    }

    public Builder allowedOrigins(Set<String> origins) {
      allowedOrigins = ImmutableSet.copyOf(origins);
      return this;
    }

    public Builder hostNames(Set<String> names) {
      hostNames =
          names.stream()
              .map(name -> name.toLowerCase(Locale.ROOT))
              .collect(ImmutableSet.toImmutableSet());
      return this;
    }

    public Builder parallel(int edits) {
      parallel = edits;
      return this;
    }

    public Builder queue(int edits) {
      queue = edits;
      return this;
    }

    public Builder keep(int edits, long bytes) {
      kept = edits;
      keptBytes = bytes;
      return this;
    }

    public Builder metrics(boolean wanted) {
      metrics = wanted;
      return this;
    }

    public Builder modelName(String name) {
      modelName = name;
      return this;
    }

    public Builder captioner(Captioner chosen) {
      captioner = Optional.of(chosen);
      return this;
    }

    public Builder idle(Duration time) {
      idle = time;
      return this;
    }

    /**
     * @throws IllegalArgumentException naming what makes no sense
     */
    public ServerOptions build() {
      return new ServerOptions(
          host,
          port,
          token,
          allowedOrigins,
          hostNames,
          parallel,
          queue,
          kept,
          keptBytes,
          metrics,
          modelName,
          captioner,
          idle);
    }
  }
}
