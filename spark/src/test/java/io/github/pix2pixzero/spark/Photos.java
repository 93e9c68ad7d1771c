package io.github.pix2pixzero.spark;

import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The examples of the toy world in a folder. */
final class Photos {
  static final int COUNT = 4;

  private static final Path EXAMPLES = Path.of("../toy-world/examples");

  private Photos() {}

  /** One of them has a caption, and one lies deeper. */
  static Path in(Path folder) throws IOException {
    Path photos = folder.resolve("photos");
    Files.createDirectories(photos.resolve("deeper"));
    try (Stream<Path> examples = Files.list(EXAMPLES)) {
      for (Path example : examples.filter(file -> file.toString().endsWith(".png")).toList()) {
        String name = example.getFileName().toString();
        Files.copy(example, photos.resolve(name.equals("cat.png") ? name : "deeper/" + name));
      }
    }
    Files.writeString(photos.resolve("cat.txt"), "a photo of a gray cat");
    return photos;
  }

  /** What is in a folder by name: pictures by their hash, records without time and place. */
  static Map<String, String> contents(Path root) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (!file.getFileName().toString().startsWith(".")) {
          contents.put(root.relativize(file).toString(), content(file));
        }
      }
    }
    return contents;
  }

  private static String content(Path file) throws IOException {
    if (!file.toString().endsWith(".json")) {
      return MoreFiles.asByteSource(file).hash(Hashing.sha256()).toString();
    }
    return Files.readString(file)
        .replaceAll("\"seconds\" : [\\d.E-]+", "")
        .replaceAll("\"source\" : \"[^\"]*/", "")
        .replaceAll("\"failed\" : \".* is not a picture", "");
  }
}
