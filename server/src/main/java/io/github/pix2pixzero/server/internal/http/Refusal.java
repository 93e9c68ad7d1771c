package io.github.pix2pixzero.server.internal.http;

import com.google.common.collect.ImmutableMap;

/** An answer that is an error. Its message is meant for the client: no paths, no class names. */
public final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int status;
  private final String parameter;
  private final transient ImmutableMap<String, String> headers;

  private Refusal(
      int status, String message, String parameter, ImmutableMap<String, String> headers) {
    super(message, null, false, false);
    this.status = status;
    this.parameter = parameter;
    this.headers = headers;
  }

  public Refusal(int status, String message) {
    this(status, message, null, ImmutableMap.of());
  }

  /** 400 of a parameter that makes no sense or cannot be honoured, which the message names. */
  public static Refusal of(String parameter, String message) {
    return new Refusal(400, parameter + " " + message, parameter, ImmutableMap.of());
  }

  /** The same with a header in the answer. */
  public Refusal with(String header, String value) {
    return new Refusal(
        status,
        getMessage(),
        parameter,
        ImmutableMap.<String, String>builder().putAll(headers).put(header, value).build());
  }

  public int status() {
    return status;
  }

  /** The parameter that is at fault; null if none is. */
  public String parameter() {
    return parameter;
  }

  public ImmutableMap<String, String> headers() {
    return headers;
  }
}
