package io.github.pix2pixzero.direction;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Lists;
import io.github.pix2pixzero.clip.TextEncoder;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import io.github.pix2pixzero.tensor.io.TorchTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What to add to a prompt's embedding so that its picture changes from a source to a target: the
 * difference of the mean embeddings of many sentences about either (Parmar et al., 2023, section
 * 3.1).
 *
 * @param embedding [1, tokens, width]
 * @param provenance how the direction came about, for people
 */
public record EditDirection(Tensor embedding, ImmutableMap<String, String> provenance) {
  private static final String TENSOR = "direction";
  private static final int BATCH = 16;

  public EditDirection {
    checkArgument(
        embedding.shape().rank() == 3 && embedding.dim(0) == 1,
        "an edit direction should be [1, tokens, width], it is %s",
        embedding.shape());
  }

  /**
   * The direction from one set of sentences to another.
   *
   * @throws IllegalArgumentException if either is empty
   */
  public static EditDirection between(
      TextEncoder encoder, List<String> source, List<String> target) {
    Tensor difference;
    try (Scope scope = Scope.open()) {
      difference = scope.keep(mean(encoder, target).sub(mean(encoder, source)));
    }
    return new EditDirection(
        difference,
        ImmutableMap.of(
            "source_sentences", Integer.toString(source.size()),
            "target_sentences", Integer.toString(target.size()),
            "source_example", source.get(0),
            "target_example", target.get(0)));
  }

  private static Tensor mean(TextEncoder encoder, List<String> sentences) {
    checkArgument(!sentences.isEmpty(), "a mean embedding needs at least one sentence");
    Tensor sum = null;
    for (List<String> batch : Lists.partition(sentences, BATCH)) {
      try (Scope scope = Scope.local()) {
        Tensor part = encoder.encode(batch).sum(0);
        sum = scope.keep(sum == null ? part : sum.add(part));
      }
    }
    return sum.mul(1f / sentences.size());
  }

  /**
   * The direction between two mean embeddings that were computed elsewhere, as the authors of the
   * method publish theirs: {@code cat.pt}, {@code dog.pt}.
   *
   * @param source a file as for {@link #read}
   * @param target a file as for {@link #read}, of the same shape
   * @throws IOException if a file is missing, malformed, or holds anything else
   */
  public static EditDirection between(Path source, Path target, Backend backend)
      throws IOException {
    Tensor from = read(source, backend).embedding();
    Tensor to = read(target, backend).embedding();
    if (!from.shape().equals(to.shape())) {
      throw new IOException(
          "%s is %s, but %s is %s".formatted(source, from.shape(), target, to.shape()));
    }
    return new EditDirection(
        to.sub(from),
        ImmutableMap.of("source_file", source.toString(), "target_file", target.toString()));
  }

  /**
   * Reads a direction file: safetensors with one tensor, or what {@code torch.save} made of one,
   * [1, tokens, width] or [tokens, width].
   *
   * @throws IOException if the file is missing, malformed, or holds anything else
   */
  public static EditDirection read(Path path, Backend backend) throws IOException {
    if (TorchTensor.isTorchFile(path)) {
      TorchTensor tensor = TorchTensor.read(path);
      return of(path, backend, tensor.shape(), tensor.toFloats(), ImmutableMap.of());
    }
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      String name =
          file.contains(TENSOR) || file.names().size() != 1
              ? TENSOR
              : file.names().iterator().next();
      if (!file.contains(name)) {
        throw new IOException(path + " holds no tensor named " + TENSOR);
      }
      return of(path, backend, file.entry(name).shape(), file.readFloats(name), file.metadata());
    }
  }

  private static EditDirection of(
      Path path,
      Backend backend,
      long[] shape,
      float[] values,
      ImmutableMap<String, String> provenance)
      throws IOException {
    int rank = shape.length;
    if (rank < 2 || rank > 3 || (rank == 3 && shape[0] != 1)) {
      throw new IOException(
          "%s: a direction should be [1, tokens, width], it is %s"
              .formatted(path, Arrays.toString(shape)));
    }
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new IOException(path + " holds numbers that are not finite");
      }
    }
    Tensor tensor = Tensor.of(backend, values, 1, (int) shape[rank - 2], (int) shape[rank - 1]);
    return new EditDirection(tensor, provenance);
  }

  /** Writes a direction file, whole or not at all. */
  public void write(Path path) throws IOException {
    SafetensorsWriter writer =
        new SafetensorsWriter()
            .add(
                TENSOR,
                Arrays.stream(embedding.shape().toArray()).asLongStream().toArray(),
                embedding.toFloats());
    for (Map.Entry<String, String> entry : provenance.entrySet()) {
      writer.metadata(entry.getKey(), entry.getValue());
    }
    writer.write(path);
  }
}
