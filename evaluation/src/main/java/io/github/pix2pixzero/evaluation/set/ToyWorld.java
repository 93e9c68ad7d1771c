package io.github.pix2pixzero.evaluation.set;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.evaluation.measure.Answers;
import io.github.pix2pixzero.evaluation.measure.Comparison.Texts;
import io.github.pix2pixzero.evaluation.measure.Region;
import io.github.pix2pixzero.evaluation.set.EvaluationSet.Layout;
import io.github.pix2pixzero.picture.PictureFiles;
import io.github.pix2pixzero.tensor.io.ForeignJson;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Scenes of a world that is drawn, so that the right result of every edit is known: {@code
 * scenes.json}, and of each scene {@code ID-source.png}, {@code ID-target.png}, {@code ID-mask.png}
 * and, for every value of what changes, {@code ID-is-VALUE.png}.
 */
public final class ToyWorld {
  /** Describes the set. */
  public static final String SCENES = "scenes.json";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private ToyWorld() {}

  /** One scene, as the file has it. */
  private record Scene(
      @JsonProperty(required = true) String id,
      @JsonProperty(required = true) String attribute,
      @JsonProperty(required = true) String from,
      @JsonProperty(required = true) String to,
      @JsonProperty(required = true) String caption,
      @JsonProperty(value = "target_caption", required = true) String targetCaption,
      @JsonProperty(required = true) List<String> values) {}

  private record ToySample(Path folder, Scene scene) implements Sample {
    @Override
    public String id() {
      return scene.id;
    }

    /** As the files of sentences begin. */
    @Override
    public String kind() {
      return underscored(scene.attribute + "-" + scene.from + "-" + scene.to);
    }

    @Override
    public Path file() {
      return file("source");
    }

    @Override
    public Optional<Texts> texts() {
      return Optional.of(new Texts(scene.caption, scene.targetCaption));
    }

    @Override
    public String resultName() {
      return scene.id + ".png";
    }

    @Override
    public Optional<Region> region() throws IOException {
      return Optional.of(Region.of(PictureFiles.read(file("mask"))));
    }

    @Override
    public Optional<Answers> answers() throws IOException {
      ImmutableMap.Builder<String, BufferedImage> answers = ImmutableMap.builder();
      for (String value : scene.values) {
        answers.put(value, PictureFiles.read(file("is-" + underscored(value))));
      }
      return Optional.of(new Answers(scene.to, answers.buildOrThrow()));
    }

    @Override
    public Optional<Path> answerFile() {
      return Optional.of(file("is-" + underscored(scene.to)));
    }

    private Path file(String what) {
      return folder.resolve(scene.id + "-" + what + ".png");
    }

    private static String underscored(String words) {
      return words.replace(' ', '_');
    }
  }

  /**
   * Reads a set.
   *
   * @param folder with {@value #SCENES}
   * @throws IOException if it has none, or it is malformed
   */
  public static EvaluationSet read(Path folder) throws IOException {
    Path file = folder.resolve(SCENES);
    try {
      List<Scene> scenes =
          ForeignJson.read(
              () -> JSON.readValue(Files.readAllBytes(file), new TypeReference<List<Scene>>() {}));
      return new EvaluationSet(
          Layout.TOY_WORLD,
          folder,
          scenes.stream().map(scene -> new ToySample(folder, scene)).toList());
    } catch (NoSuchFileException e) {
      throw new IOException(folder + " is not an evaluation set: it has no " + SCENES, e);
    } catch (JacksonException e) {
      throw new IOException(file + ": " + e.getOriginalMessage(), e);
    }
  }
}
