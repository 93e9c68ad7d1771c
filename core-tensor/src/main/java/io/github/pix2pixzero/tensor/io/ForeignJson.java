package io.github.pix2pixzero.tensor.io;

import com.fasterxml.jackson.core.JsonParseException;
import java.io.CharConversionException;
import java.io.IOException;

/** Reads JSON that others have written, or what they have written in its place. */
public final class ForeignJson {
  /** Reads JSON with Jackson. */
  @FunctionalInterface
  public interface Reading<T> {
    T run() throws IOException;
  }

  private ForeignJson() {}

  /**
   * Reads JSON. Jackson guesses the encoding of bytes, and has an exception of its own for those
   * that begin like UTF-32 and are none: they are no JSON either.
   *
   * @throws com.fasterxml.jackson.core.JacksonException if it is no JSON
   * @throws IOException if it cannot be read
   */
  public static <T> T read(Reading<T> reading) throws IOException {
    try {
      return reading.run();
    } catch (CharConversionException e) {
      throw new JsonParseException(null, e.getMessage(), e);
    }
  }
}
