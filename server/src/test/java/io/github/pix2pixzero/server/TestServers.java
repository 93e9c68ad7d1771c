package io.github.pix2pixzero.server;

import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.tensor.backend.Backends;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Servers of the toy model at free ports. */
final class TestServers {
  private TestServers() {}

  /** Loaded once for all tests, which are many edits: the fastest backend halves their time. */
  private static final class Toy {
    static final Pix2PixZero MODEL = load();

    private static Pix2PixZero load() {
      try {
        return Pix2PixZero.loadBundled(Backends.on("cpu", 1));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  static EditServer start(ServerOptions.Builder options) throws IOException {
    return EditServer.start(Toy.MODEL, options.port(0).build());
  }

  static EditServer start() throws IOException {
    return start(ServerOptions.builder());
  }
}
