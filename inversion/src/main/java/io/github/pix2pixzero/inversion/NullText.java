package io.github.pix2pixzero.inversion;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import java.io.IOException;
import java.util.Arrays;

/**
 * What {@link NullTextInverter} finds: for each step of sampling an embedding in the place of the
 * empty prompt's, with which classifier-free guidance leads back to the picture.
 *
 * @param embeddings from the noise to the picture, [1, tokens, width] each
 * @param guidanceScale for which they were found
 * @param distance of the reconstruction's last latent from the picture's, a mean square
 */
public record NullText(ImmutableList<Tensor> embeddings, double guidanceScale, double distance) {
  private static final String TENSOR = "null_text";
  private static final String SCALE = "null_text.guidance_scale";
  private static final String DISTANCE = "null_text.distance";

  public NullText {
    checkArgument(!embeddings.isEmpty(), "null-text embeddings of no step");
    for (Tensor embedding : embeddings) {
      checkArgument(
          embedding.shape().rank() == 3
              && embedding.dim(0) == 1
              && embedding.shape().equals(embeddings.get(0).shape()),
          "null-text embeddings are of one shape [1, tokens, width], not %s and %s",
          embeddings.get(0).shape(),
          embedding.shape());
    }
  }

  public int steps() {
    return embeddings.size();
  }

  /** The embedding of a step, from 0 at the noise. */
  public Tensor at(int step) {
    return embeddings.get(step);
  }

  /** Adds the embeddings to a file with more in it, as {@code null_text} [steps, tokens, width]. */
  public void addTo(SafetensorsWriter writer) {
    Tensor first = embeddings.get(0);
    float[] values = new float[steps() * first.size()];
    for (int i = 0; i < steps(); i++) {
      System.arraycopy(at(i).toFloats(), 0, values, i * first.size(), first.size());
    }
    writer.add(TENSOR, new long[] {steps(), first.dim(1), first.dim(2)}, values);
    writer.metadata(SCALE, Double.toString(guidanceScale));
    writer.metadata(DISTANCE, Double.toString(distance));
  }

  /** Whether a file holds null-text embeddings. */
  public static boolean isIn(SafetensorsFile file) {
    return file.contains(TENSOR);
  }

  /**
   * Reads what {@link #addTo} added.
   *
   * @throws IOException if the file holds none, or some of numbers that are not finite
   */
  public static NullText read(SafetensorsFile file, Backend backend) throws IOException {
    long[] shape = isIn(file) ? file.entry(TENSOR).shape() : new long[0];
    if (shape.length != 3 || shape[0] < 1) {
      throw new IOException(
          "%s holds no null-text embeddings: no tensor %s [steps, tokens, width]"
              .formatted(file.displayName(), TENSOR));
    }
    double scale = number(file, SCALE);
    double distance = number(file, DISTANCE);
    float[] values = file.readFloats(TENSOR);
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new IOException(
            file.displayName() + " holds null-text embeddings of numbers that are not finite");
      }
    }
    int size = values.length / (int) shape[0];
    ImmutableList.Builder<Tensor> embeddings = ImmutableList.builder();
    for (int i = 0; i < shape[0]; i++) {
      float[] one = Arrays.copyOfRange(values, i * size, (i + 1) * size);
      embeddings.add(Tensor.of(backend, one, 1, (int) shape[1], (int) shape[2]));
    }
    return new NullText(embeddings.build(), scale, distance);
  }

  private static double number(SafetensorsFile file, String key) throws IOException {
    String text = file.metadata().get(key);
    try {
      double value = text == null ? Double.NaN : Double.parseDouble(text);
      if (Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      // falls through to the message that quotes it
    }
    throw new IOException(
        "%s holds null-text embeddings, but its metadata %s should be a number, it is %s"
            .formatted(file.displayName(), key, text));
  }
}
