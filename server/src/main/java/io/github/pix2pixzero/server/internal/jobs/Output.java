package io.github.pix2pixzero.server.internal.jobs;

import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.PictureParameters;
import io.github.pix2pixzero.picture.PictureFiles;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A picture that was made.
 *
 * @param parameters how, which a PNG of it says too
 */
public record Output(BufferedImage image, PictureParameters parameters, long seed) {
  public byte[] encoded(String format) {
    return encoded(image, format, parameters.texts());
  }

  /** A picture as a file in memory. */
  public static byte[] encoded(
      BufferedImage image, String format, ImmutableMap<String, String> texts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      PictureFiles.write(image, format, texts, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return out.toByteArray();
  }

  /** Bytes that the picture takes in memory, about. */
  public static long size(BufferedImage image) {
    return (long) Integer.BYTES * image.getWidth() * image.getHeight();
  }
}
