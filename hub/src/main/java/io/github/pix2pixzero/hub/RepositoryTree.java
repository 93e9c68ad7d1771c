package io.github.pix2pixzero.hub;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** All files of a commit: what the hub answers, and how the cache keeps it. */
final class RepositoryTree {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int FORMAT = 1;

  private final SortedMap<String, RepositoryFile> files = new TreeMap<>();

  /** By path. */
  Map<String, RepositoryFile> files() {
    return files;
  }

  /**
   * Adds a page of the hub's answer: an array of objects of which those with type {@code file}
   * count, with {@code path}, {@code size}, {@code oid} and, for large files, {@code lfs.oid}.
   *
   * @throws HubException if it is no such array
   */
  void addPage(InputStream page, String source) throws IOException {
    JsonNode array = read(page, source);
    if (!array.isArray()) {
      throw new HubException(source + " should answer with a list of files");
    }
    for (JsonNode entry : array) {
      if (entry.path("type").asText().equals("file")) {
        add(entry.path("path"), entry, "oid", entry.path("lfs").path("oid"));
      }
    }
  }

  /** What the cache has kept; empty where it is missing, of another format, or damaged. */
  static Optional<RepositoryTree> load(Path file) {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    RepositoryTree tree = new RepositoryTree();
    try (InputStream in = Files.newInputStream(file)) {
      JsonNode kept = read(in, file.toString());
      if (kept.path("format_version").asInt() != FORMAT) {
        return Optional.empty();
      }
      for (Map.Entry<String, JsonNode> entry : kept.path("files").properties()) {
        JsonNode path = JSON.getNodeFactory().textNode(entry.getKey());
        tree.add(path, entry.getValue(), "blob_id", entry.getValue().path("lfs_sha256"));
      }
    } catch (IOException e) { // the hub is asked again
      return Optional.empty();
    }
    return Optional.of(tree);
  }

  void save(Path file) throws IOException {
    ObjectNode kept = JSON.createObjectNode().put("format_version", FORMAT);
    ObjectNode entries = kept.putObject("files");
    for (RepositoryFile each : files.values()) {
      ObjectNode entry =
          entries.putObject(each.path()).put("size", each.size()).put("blob_id", each.blobId());
      each.sha256().ifPresent(hash -> entry.put("lfs_sha256", hash).put("lfs_size", each.size()));
    }
    CacheFiles.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(kept));
  }

  /**
   * Reads JSON that someone else has written.
   *
   * @throws HubException if it is none
   */
  static JsonNode read(InputStream in, String source) throws IOException {
    try {
      return JSON.readTree(in);
    } catch (JacksonException | CharConversionException e) {
      throw new HubException(source + " answers with what is not JSON", e);
    }
  }

  private void add(JsonNode path, JsonNode entry, String blobId, JsonNode sha256)
      throws HubException {
    JsonNode size = entry.path("size");
    JsonNode id = entry.path(blobId);
    if (!path.isTextual() || !size.canConvertToLong() || size.longValue() < 0 || !id.isTextual()) {
      throw new HubException("a file is listed without path, size or " + blobId + ": " + entry);
    }
    Optional<String> hash = Optional.ofNullable(sha256.textValue());
    String name = path.textValue();
    files.put(name, new RepositoryFile(name, size.longValue(), id.textValue(), hash));
  }
}
