package io.github.pix2pixzero.hub;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings one file into a partial file, however often the connection breaks, and checks it. */
final class BlobDownload implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BlobDownload.class);
  private static final int PIECE_BYTES = 1 << 18;

  /** Attempts in a row that bring nothing. */
  private static final int MAX_FAILURES = 5;

  private final HubApi api;
  private final String commit;
  private final String path;
  private final FileMetadata expected;
  private final Duration stallTimeout;
  private final FileChannel out;
  private final MessageDigest digest;
  private final ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
  private long received;

  /**
   * @param partial the file to fill; what it holds already is taken as the beginning
   */
  BlobDownload(
      HubApi api,
      String commit,
      String path,
      FileMetadata expected,
      Duration stallTimeout,
      Path partial)
      throws IOException {
    this.api = api;
    this.commit = commit;
    this.path = path;
    this.expected = expected;
    this.stallTimeout = stallTimeout;
    digest = sha256();
    out =
        FileChannel.open(
            partial, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  /**
   * Downloads what is missing.
   *
   * @param progress told the bytes there are, at every piece; may throw to end the download
   * @throws HubException if what comes is not what the hub promised
   * @throws IOException if nothing comes for {@value #MAX_FAILURES} attempts
   */
  void run(LongConsumer progress, Patience patience) throws IOException {
    readBeginning(progress);
    int failures = 0;
    while (received < expected.size()) {
      long before = received;
      try {
        attempt(progress);
      } catch (HubException | InterruptedIOException e) {
        throw e;
      } catch (IOException e) {
        failures = received > before ? 1 : failures + 1;
        if (failures >= MAX_FAILURES) {
          throw e;
        }
        LOG.debug("{} at byte {}; trying again", path, received, e);
        patience.rest();
      }
    }
    verify();
    out.force(true);
  }

  @Override
  public void close() throws IOException {
    out.close();
  }

  private void readBeginning(LongConsumer progress) throws IOException {
    if (out.size() > expected.size()) {
      beginAgain();
    }
    while (out.read(piece.clear()) > 0) {
      count(progress);
    }
  }

  private void attempt(LongConsumer progress) throws IOException {
    List<HttpResponse<InputStream>> answers = api.content(commit, path, received);
    HttpResponse<InputStream> answer = HubApi.last(answers);
    try (InputStream body = answer.body();
        Watchdog watchdog = new Watchdog(stallTimeout, body)) {
      if (answer.statusCode() == 416) {
        beginAgain();
        throw new IOException("the range that was asked for is refused for " + path);
      }
      requireUnchanged(answers);
      if (answer.statusCode() == 206) {
        requireRange(answer.headers());
      } else {
        requireLength(answer.headers().firstValueAsLong("Content-Length").orElse(expected.size()));
        beginAgain();
      }
      try {
        receive(body, watchdog, progress);
      } catch (IOException e) {
        if (watchdog.hasFired()) {
          throw new IOException(
              "%s has sent nothing for %d seconds"
                  .formatted(answer.uri().getAuthority(), stallTimeout.toSeconds()),
              e);
        }
        throw e;
      }
    }
    if (received < expected.size()) {
      throw new IOException(
          "%s ended after %d of %d bytes".formatted(path, received, expected.size()));
    }
  }

  private void receive(InputStream body, Watchdog watchdog, LongConsumer progress)
      throws IOException {
    int length;
    while ((length = body.read(piece.array())) >= 0) {
      watchdog.alive();
      if (length > expected.size() - received) {
        throw wrongSize("more");
      }
      write(piece.clear().limit(length));
      count(progress);
    }
  }

  private void write(ByteBuffer bytes) throws HubException {
    try {
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
    } catch (IOException e) { // no fault of the connection, and not to be tried again
      throw new HubException("cannot store %s: %s".formatted(path, e.getMessage()), e);
    }
  }

  /** Takes account of the piece, which has just passed between file and buffer. */
  private void count(LongConsumer progress) {
    piece.flip();
    received += piece.remaining();
    digest.update(piece);
    progress.accept(received);
  }

  private void beginAgain() throws IOException {
    out.truncate(0);
    digest.reset();
    received = 0;
  }

  /** Of a storage's answer only what the hub said on the way there counts. */
  private void requireUnchanged(List<HttpResponse<InputStream>> answers) throws IOException {
    HttpResponse<InputStream> last = HubApi.last(answers);
    boolean isHub = last.uri().getAuthority().equals(answers.get(0).uri().getAuthority());
    String etag =
        answers.stream()
            .flatMap(
                answer -> FileMetadata.etag(answer.headers(), isHub && answer == last).stream())
            .findFirst()
            .orElse(expected.etag());
    if (!etag.equals(expected.etag())) {
      throw damaged("%s has changed on the hub while it was downloaded; try again".formatted(path));
    }
  }

  /** Such as {@code bytes 100-199/200}. */
  private void requireRange(HttpHeaders headers) throws IOException {
    String range = headers.firstValue("Content-Range").orElse("");
    String[] parts = range.split("[ /-]");
    if (parts.length != 4 || !parts[1].equals(Long.toString(received))) {
      throw new HubException(
          "asked for %s from byte %d on, got %s".formatted(path, received, range));
    }
    if (!parts[3].equals("*") && !parts[3].equals(Long.toString(expected.size()))) {
      throw wrongSize(parts[3]);
    }
  }

  private void requireLength(long length) throws IOException {
    if (length != expected.size()) {
      throw wrongSize(Long.toString(length));
    }
  }

  private HubException wrongSize(String size) throws IOException {
    return damaged("%s should have %d bytes, %s are sent".formatted(path, expected.size(), size));
  }

  /** What is wrong is no beginning for the next download. */
  private HubException damaged(String message) throws IOException {
    beginAgain();
    return new HubException(message);
  }

  private void verify() throws IOException {
    if (expected.isVerifiable()
        && !HexFormat.of().formatHex(digest.digest()).equals(expected.etag())) {
      throw damaged(
          "%s came damaged: its SHA-256 is not the one the hub names; try again".formatted(path));
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
