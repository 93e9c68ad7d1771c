package io.github.pix2pixzero.direction;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Lists;
import io.github.pix2pixzero.clip.TextEmbedding;
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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

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

  /** Names of tensors that stand alone in files of another kind: learned words and LoRAs. */
  private static final Pattern OTHER_KIND =
      Pattern.compile("emb_params|\\*|<.*>|clip_[lg]|.*\\blora_.*|.*\\.alpha");

  private static final String ENCODER = "text_encoder";

  private static final String LORA_NAMES = "lora_names";

  /** What begins the names of notes on how sentences were read. */
  private static final String READ = "read ";

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
   * @throws ArithmeticException if the text encoder makes numbers that are not finite
   */
  public static EditDirection between(
      TextEncoder encoder, List<String> source, List<String> target) {
    Tensor difference;
    try (Scope scope = Scope.open()) {
      difference = scope.keep(mean(encoder, target).sub(mean(encoder, source)));
    }
    for (float value : difference.toFloats()) {
      if (!Float.isFinite(value)) {
        throw new ArithmeticException("the text encoder makes numbers that are not finite");
      }
    }
    ImmutableMap.Builder<String, String> provenance =
        ImmutableMap.<String, String>builder()
            .put("source_sentences", Integer.toString(source.size()))
            .put("target_sentences", Integer.toString(target.size()))
            .put("source_example", source.get(0))
            .put("target_example", target.get(0))
            .put(ENCODER, EncoderFingerprint.of(encoder));
    provenance.putAll(encoder.changes());
    ImmutableList<String> sentences =
        ImmutableList.<String>builder().addAll(source).addAll(target).build();
    encoder.readingOf(sentences).forEach((key, value) -> provenance.put(READ + key, value));
    return new EditDirection(difference, provenance.buildOrThrow());
  }

  /** This direction with one more entry in its provenance, such as the words it is between. */
  public EditDirection noting(String key, String value) {
    return new EditDirection(embedding, with(key, value));
  }

  /** The direction, so many times as strong; a negative factor turns it around. */
  public EditDirection scale(double factor) {
    checkArgument(
        Double.isFinite(factor), "the strength of a direction is a number, not %s", factor);
    return new EditDirection(
        embedding.mul((float) factor), with("strength", Double.toString(factor * strength())));
  }

  /**
   * A prompt's embedding, moved along this direction.
   *
   * @param strength how far; 1 is the whole way, a negative one leads to the other side
   */
  public TextEmbedding applyTo(TextEmbedding prompt, double strength) {
    return prompt.plus(new TextEmbedding(embedding).scale(strength));
  }

  /** From the target to the source. */
  public EditDirection negate() {
    return scale(-1);
  }

  /**
   * Both changes at once.
   *
   * @throws IllegalArgumentException if they were made with different text encoders
   */
  public EditDirection plus(EditDirection other) {
    checkArgument(
        embedding.shape().equals(other.embedding.shape()),
        "directions of %s and %s cannot be added",
        embedding.shape(),
        other.embedding.shape());
    String mine = provenance.get(ENCODER);
    String theirs = other.provenance.get(ENCODER);
    checkArgument(
        mine == null || theirs == null || EncoderFingerprint.match(mine, theirs),
        "the directions were made with different text encoders");
    ImmutableMap.Builder<String, String> both = ImmutableMap.builder();
    provenance.forEach((key, value) -> both.put(isOfEncoder(key) ? key : "first_" + key, value));
    other.provenance.forEach(
        (key, value) -> {
          if (!isOfEncoder(key)) {
            both.put("second_" + key, value);
          } else if (!provenance.containsKey(key)) {
            both.put(key, value);
          } else {
            checkArgument(
                key.equals(ENCODER) || value.equals(provenance.get(key)),
                "the directions were made with different models: %s is %s and %s",
                key,
                provenance.get(key),
                value);
          }
        });
    return new EditDirection(embedding.add(other.embedding), both.buildOrThrow());
  }

  /** Whether a note says what the encoder is, or how it reads. */
  private static boolean isOfEncoder(String key) {
    return key.equals(ENCODER) || key.equals(TextEncoder.LORAS) || key.startsWith(READ);
  }

  /**
   * Refuses a direction that another text encoder's sentences were made into. One whose provenance
   * does not name its encoder, such as the authors' published ones, passes.
   *
   * @throws IllegalArgumentException if the encoder is another one
   */
  public void checkMadeBy(TextEncoder encoder) {
    checkArgument(
        hasLorasOf(encoder),
        "the edit direction was made with the LoRAs %s (%s), this model has %s (%s); make it anew"
            + " from its sentences",
        provenance.getOrDefault(LORA_NAMES, "none"),
        provenance.get(TextEncoder.LORAS),
        encoder.changes().getOrDefault(LORA_NAMES, "none"),
        encoder.changes().get(TextEncoder.LORAS));
    List<String> words = otherWords(encoder);
    checkArgument(
        words.isEmpty(),
        "the edit direction was made with learned words that this model does not know, or knows as"
            + " others: %s",
        words);
    checkArgument(
        isMadeBy(encoder),
        "the edit direction was made with another text encoder than this model's; make it anew"
            + " from its sentences");
  }

  /** Whether nothing says that another text encoder made this direction. */
  boolean isMadeBy(TextEncoder encoder) {
    String made = provenance.get(ENCODER);
    return made == null
        || EncoderFingerprint.match(made, EncoderFingerprint.of(encoder))
            && hasLorasOf(encoder)
            && otherWords(encoder).isEmpty();
  }

  /** Whether nothing says that other LoRAs were merged into the encoder. */
  private boolean hasLorasOf(TextEncoder encoder) {
    String made = provenance.get(TextEncoder.LORAS);
    String has = encoder.changes().get(TextEncoder.LORAS);
    return made == null || has == null || made.equals(has);
  }

  /** The learned words of the sentences that an encoder does not know, or knows as others. */
  private List<String> otherWords(TextEncoder encoder) {
    Map<String, String> known = new HashMap<>();
    encoder.tokenizer().learnedWords().forEach(word -> known.put(word.token(), word.hash()));
    return provenance.entrySet().stream()
        .filter(note -> note.getKey().startsWith(READ))
        .filter(note -> !note.getKey().equals(READ + TextEncoder.WEIGHTS))
        .filter(note -> !note.getValue().equals(known.get(note.getKey().substring(READ.length()))))
        .map(note -> note.getKey().substring(READ.length()))
        .toList();
  }

  private double strength() {
    String noted = provenance.get("strength");
    return noted == null ? 1 : Double.parseDouble(noted);
  }

  private ImmutableMap<String, String> with(String key, String value) {
    Map<String, String> entries = new LinkedHashMap<>(provenance);
    entries.put(key, value);
    return ImmutableMap.copyOf(entries);
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
      if (!isDirection(file)) {
        throw new IOException(
            "%s holds no tensor named %s%s"
                .formatted(
                    path,
                    TENSOR,
                    file.names().size() == 1
                        ? ", but one named " + file.names().iterator().next()
                        : ""));
      }
      String name = file.contains(TENSOR) ? TENSOR : file.names().iterator().next();
      return of(path, backend, file.entry(name).shape(), file.readFloats(name), file.metadata());
    }
  }

  /**
   * Whether a file has a direction in it: one tensor of this name, or only one, of a name that no
   * other kind of file has.
   */
  public static boolean isDirection(SafetensorsFile file) {
    if (file.contains(TENSOR)) {
      return true;
    }
    return file.names().size() == 1
        && !OTHER_KIND.matcher(file.names().iterator().next()).matches();
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

  /**
   * Writes a direction file, whole or not at all.
   *
   * @throws ArithmeticException if it holds numbers that are not finite, as one made too strong
   */
  public void write(Path path) throws IOException {
    float[] values = embedding.toFloats();
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new ArithmeticException(
            "the direction is so strong that it holds numbers that are not finite");
      }
    }
    SafetensorsWriter writer =
        new SafetensorsWriter()
            .add(
                TENSOR,
                Arrays.stream(embedding.shape().toArray()).asLongStream().toArray(),
                values);
    for (Map.Entry<String, String> entry : provenance.entrySet()) {
      writer.metadata(entry.getKey(), entry.getValue());
    }
    writer.write(path);
  }
}
