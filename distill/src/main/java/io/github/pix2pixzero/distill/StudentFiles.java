package io.github.pix2pixzero.distill;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.AtomicFiles;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.TensorSource;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.optim.Parameters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Students on disk: {@code config.json} and {@code model.safetensors} in a folder. */
public final class StudentFiles {
  private static final String CONFIG = "config.json";
  private static final String MODEL = "model";

  private StudentFiles() {}

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
    weights.save(folder.resolve(MODEL + ".safetensors"), metadata);
  }

  /**
   * Reads a student.
   *
   * @throws IOException if a file is missing or malformed
   * @throws IllegalArgumentException if the config is of something else, or the weights do not fit
   */
  public static Student read(ModelFolder folder, Backend backend) throws IOException {
    StudentConfig config = StudentConfig.from(folder.json(CONFIG));
    try (TensorSource files = folder.weights(MODEL)) {
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
  }
}
