package io.github.pix2pixzero.distill;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.AtomicFiles;
import io.github.pix2pixzero.tensor.io.JsonConfig;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.TensorSource;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.optim.Parameters;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Students on disk: {@code config.json} and {@code model.safetensors} in a folder. The latter knows
 * its config too, and is a student by itself.
 */
public final class StudentFiles {
  private static final String CONFIG = "config.json";
  private static final String MODEL = "model";
  private static final String WEIGHTS = MODEL + ".safetensors";

  /** The key of the config in the metadata of the weights. */
  private static final String CONFIG_KEY = "student_config";

  private StudentFiles() {}

  /** A student and what its file says of it. */
  public record Loaded(Student student, StudentInfo info) {}

  /**
   * Writes a student, the weights last: a folder without them is none.
   *
   * @param folder made if it is missing
   * @param weights under the names of a student of this config
   * @param metadata of the weights' file, such as the words of the edit
   */
  public static void write(
      Path folder, StudentConfig config, Parameters weights, Map<String, String> metadata)
      throws IOException {
    Files.createDirectories(folder);
    JsonMapper json = new JsonMapper();
    AtomicFiles.write(
        folder.resolve(CONFIG),
        out -> out.write(json.writerWithDefaultPrettyPrinter().writeValueAsBytes(config.toJson())));
    Map<String, String> all = new LinkedHashMap<>(metadata);
    all.put(CONFIG_KEY, json.writeValueAsString(config.toJson()));
    weights.save(folder.resolve(WEIGHTS), all);
  }

  /**
   * Reads a student: a folder, or the file of its weights alone.
   *
   * @throws IOException if a file is missing or malformed, or is no student
   * @throws IllegalArgumentException if the config is not supported, or the weights do not fit
   */
  public static Loaded read(Path student, Backend backend) throws IOException {
    try (SafetensorsFile file = SafetensorsFile.open(weights(student))) {
      return read(file, backend);
    }
  }

  /** {@link #read(Path, Backend)} of an open file of weights. */
  public static Loaded read(SafetensorsFile file, Backend backend) throws IOException {
    StudentInfo info = info(file);
    return new Loaded(student(info.config(), file, backend), info);
  }

  /**
   * Reads a student from a folder that may be in a jar.
   *
   * @throws IOException if a file is missing or malformed
   * @throws IllegalArgumentException if the config is of something else, or the weights do not fit
   */
  public static Student read(ModelFolder folder, Backend backend) throws IOException {
    StudentConfig config = StudentConfig.from(folder.json(CONFIG));
    try (TensorSource files = folder.weights(MODEL)) {
      return student(config, files, backend);
    }
  }

  private static Student student(StudentConfig config, TensorSource files, Backend backend)
      throws IOException {
    Weights weights = Weights.of(backend, files);
    Student student = Student.of(weights, config);
    checkArgument(
        weights.leftovers().isEmpty(),
        "%s: a %s student has no tensors %s",
        files.displayName(),
        config.kind(),
        weights.leftovers());
    return student;
  }

  /** Whether a folder or file is a student. */
  public static boolean isStudent(Path path) throws IOException {
    Path file = weights(path);
    if (!Files.isRegularFile(file)) {
      return false;
    }
    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      return isStudent(opened);
    }
  }

  /** Whether a file is the weights of a student. */
  public static boolean isStudent(SafetensorsFile file) {
    return file.metadata().containsKey(CONFIG_KEY);
  }

  /**
   * What a student's file says of it.
   *
   * @throws IOException if it is missing or malformed, or is no student
   * @throws IllegalArgumentException if its config is not supported
   */
  public static StudentInfo info(Path student) throws IOException {
    try (SafetensorsFile file = SafetensorsFile.open(weights(student))) {
      return info(file);
    }
  }

  static StudentInfo info(SafetensorsFile file) throws IOException {
    String config = file.metadata().get(CONFIG_KEY);
    if (config == null) {
      throw new IOException(file.displayName() + " is not a student: its metadata has no config");
    }
    Map<String, String> metadata = new LinkedHashMap<>(file.metadata());
    metadata.remove(CONFIG_KEY);
    JsonConfig json =
        JsonConfig.read(
            new ByteArrayInputStream(config.getBytes(StandardCharsets.UTF_8)),
            file.displayName() + ", " + CONFIG_KEY);
    return new StudentInfo(StudentConfig.from(json), ImmutableMap.copyOf(metadata));
  }

  /** The file of weights of a folder, or that file itself. */
  static Path weights(Path student) {
    return Files.isDirectory(student) ? student.resolve(WEIGHTS) : student;
  }
}
