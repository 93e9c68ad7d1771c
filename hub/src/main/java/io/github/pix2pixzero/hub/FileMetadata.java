package io.github.pix2pixzero.hub;

import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the hub says of a file before sending it.
 *
 * @param etag its hash: SHA-256 of a large file, git's SHA-1 of a small one; names the blob
 * @param size bytes
 */
record FileMetadata(String etag, long size) {
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern FILE_NAME = Pattern.compile("\\w[\\w.-]{0,199}");

  /**
   * Reads the headers of an answer to HEAD.
   *
   * @param what the file, for messages
   * @param commit the commit that was asked for
   * @throws HubException if a header is missing, or is of another commit
   */
  static FileMetadata of(HttpResponse<?> answer, String what, String commit) throws HubException {
    HttpHeaders headers = answer.headers();
    String of = headers.firstValue("X-Repo-Commit").orElse(commit);
    if (!of.equals(commit)) {
      throw new HubException(
          "asked for %s of commit %s, the hub answers for %s".formatted(what, commit, of));
    }
    String etag =
        etag(headers, true).orElseThrow(() -> new HubException("the hub names no ETag of " + what));
    if (!FILE_NAME.matcher(etag).matches()) {
      throw new HubException("the hub's ETag of %s could be no file: %s".formatted(what, etag));
    }
    String size =
        headers
            .firstValue(HubHttp.LINKED_SIZE)
            .or(
                () ->
                    answer.statusCode() == 200
                        ? headers.firstValue("Content-Length")
                        : Optional.empty())
            .orElse("missing");
    if (!size.matches("\\d{1,18}")) {
      throw new HubException("the hub's size of %s is %s".formatted(what, size));
    }
    return new FileMetadata(etag, Long.parseLong(size));
  }

  /**
   * The hash in an answer of the hub, without quotes and the mark of a weak one.
   *
   * @param isFile whether the answer is the file, or else a redirect
   */
  static Optional<String> etag(HttpHeaders headers, boolean isFile) {
    return headers
        .firstValue(HubHttp.LINKED_ETAG)
        .or(() -> isFile ? headers.firstValue("ETag") : Optional.empty())
        .map(value -> value.replaceFirst("^W/", "").replace("\"", ""));
  }

  /**
   * Whether the content can be compared with the ETag. Of a small file it cannot: mirrors are known
   * to send hashes of their own there.
   */
  boolean isVerifiable() {
    return SHA256.matcher(etag).matches();
  }
}
