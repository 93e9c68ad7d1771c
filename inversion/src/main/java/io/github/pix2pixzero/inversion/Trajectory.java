package io.github.pix2pixzero.inversion;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/**
 * The latents a picture went through on its way to noise. Held against these, an edit can stay
 * where the picture was; a reconstruction from the noise alone drifts away from it (Ju et al.,
 * "Direct Inversion", ICLR 2024).
 *
 * @param latents from the picture to the noise, one more than steps were taken, [1, channels,
 *     height, width] each; the picture alone if it has not been inverted
 */
public record Trajectory(ImmutableList<Tensor> latents) {
  private static final String TENSOR = "trajectory";

  public Trajectory {
    checkArgument(!latents.isEmpty(), "a trajectory has at least the picture's latent");
    for (Tensor latent : latents) {
      checkArgument(
          latent.dim(0) == 1 && latent.shape().equals(latents.get(0).shape()),
          "the latents of a trajectory are of one shape [1, …], not %s and %s",
          latents.get(0).shape(),
          latent.shape());
    }
  }

  /**
   * Writes the latents into one file, whole or not at all.
   *
   * @param notes kept with them, such as the caption
   */
  public void write(Path file, Map<String, String> notes) throws IOException {
    SafetensorsWriter writer = new SafetensorsWriter();
    addTo(writer);
    notes.forEach(writer::metadata);
    writer.write(file);
  }

  /** Adds the latents to a file with more in it. */
  public void addTo(SafetensorsWriter writer) {
    int[] shape = noise().shape().toArray();
    long[] all = {latents.size(), shape[1], shape[2], shape[3]};
    float[] values = new float[latents.size() * noise().size()];
    for (int i = 0; i < latents.size(); i++) {
      System.arraycopy(latents.get(i).toFloats(), 0, values, i * noise().size(), noise().size());
    }
    writer.add(TENSOR, all, values);
  }

  /**
   * Reads what {@link #write} wrote; the notes are the file's metadata.
   *
   * @throws IOException if the file is missing, malformed, or holds no trajectory
   */
  public static Trajectory read(Path path, Backend backend) throws IOException {
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      return read(file, backend);
    }
  }

  /**
   * Reads what {@link #addTo} added.
   *
   * @throws IOException if the file holds no trajectory, or one of numbers that are not finite
   */
  public static Trajectory read(SafetensorsFile file, Backend backend) throws IOException {
    long[] shape = isIn(file) ? file.entry(TENSOR).shape() : new long[0];
    if (shape.length != 4 || shape[0] < 2) {
      throw new IOException(
          "%s holds no trajectory: no tensor %s [latents, channels, height, width]"
              .formatted(file.displayName(), TENSOR));
    }
    float[] values = file.readFloats(TENSOR);
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new IOException(
            file.displayName() + " holds a trajectory of numbers that are not finite");
      }
    }
    int size = values.length / (int) shape[0];
    ImmutableList.Builder<Tensor> latents = ImmutableList.builder();
    for (int i = 0; i < shape[0]; i++) {
      latents.add(
          Tensor.of(
              backend,
              Arrays.copyOfRange(values, i * size, (i + 1) * size),
              1,
              (int) shape[1],
              (int) shape[2],
              (int) shape[3]));
    }
    return new Trajectory(latents.build());
  }

  /** Whether a file holds a trajectory. */
  public static boolean isIn(SafetensorsFile file) {
    return file.contains(TENSOR);
  }

  /** Number of steps taken; 0 if the picture has not been inverted. */
  public int steps() {
    return latents.size() - 1;
  }

  /** The latent after a number of steps towards the noise: 0 is the picture. */
  public Tensor after(int steps) {
    return latents.get(steps);
  }

  /** Where the trajectory ends. */
  public Tensor noise() {
    return latents.get(steps());
  }
}
