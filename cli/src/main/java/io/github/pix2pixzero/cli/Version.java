package io.github.pix2pixzero.cli;

import com.google.common.io.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.IVersionProvider;

/** The version in the POM, which the build writes into a resource. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {line()};
  }

  static String line() {
    try {
      String version =
          Resources.toString(
              Resources.getResource(Version.class, "version.txt"), StandardCharsets.UTF_8);
      return "pix2pix-zero " + version.strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
