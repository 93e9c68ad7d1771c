package io.github.pix2pixzero.benchmarks.evaluation;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.pix2pixzero.picture.PictureFiles;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * One edit of an evaluation set, as {@code scenes.json} describes it.
 *
 * @param id how its files begin
 * @param attribute what changes, such as {@code animal}
 * @param from its value in the source picture
 * @param to the value it should have
 * @param caption of the source picture
 * @param targetCaption of the edited picture
 * @param values every value of the attribute
 */
record Scene(
    @JsonProperty(required = true) String id,
    @JsonProperty(required = true) String attribute,
    @JsonProperty(required = true) String from,
    @JsonProperty(required = true) String to,
    @JsonProperty(required = true) String caption,
    @JsonProperty(value = "target_caption", required = true) String targetCaption,
    @JsonProperty(required = true) List<String> values) {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /**
   * Reads a set's {@code scenes.json}.
   *
   * @throws IOException if the folder has none, or it is malformed
   */
  static List<Scene> read(Path folder) throws IOException {
    Path file = folder.resolve("scenes.json");
    try {
      return JSON.readValue(Files.readAllBytes(file), new TypeReference<List<Scene>>() {});
    } catch (NoSuchFileException e) {
      throw new IOException(folder + " is not an evaluation set: it has no scenes.json", e);
    } catch (JacksonException e) {
      throw new IOException(file + ": " + e.getOriginalMessage(), e);
    }
  }

  /** The kind of edit, as its files of sentences begin. */
  String edit() {
    return underscored(attribute + "-" + from + "-" + to);
  }

  /** A picture of the scene: {@code source}, {@code target} or {@code mask}. */
  BufferedImage picture(Path folder, String what) throws IOException {
    return PictureFiles.read(folder.resolve(id + "-" + what + ".png"));
  }

  /** The right answer if the attribute had a value. */
  BufferedImage answer(Path folder, String value) throws IOException {
    return picture(folder, "is-" + underscored(value));
  }

  private static String underscored(String words) {
    return words.replace(' ', '_');
  }
}
