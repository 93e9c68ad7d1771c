package io.github.pix2pixzero.stablediffusion;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Joiner;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.hash.Hashing;
import io.github.pix2pixzero.clip.TextEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What tells a model from others, so that what was made with one is not used with another. Networks
 * are told apart by samples of their weights, compared with a tolerance: another layout, or the
 * same weights in half precision, count as the same.
 *
 * @param name by which people know it; does not count
 * @param textEncoder numbers of its weights, as text
 * @param vae numbers of its weights, as text
 * @param unet numbers of its weights, as text
 * @param schedule timesteps and noise, and what is predicted
 * @param loras what was merged into the weights
 * @param reading how the texts in question are read, see {@link TextEncoder#readingOf}: learned
 *     words with their hashes, weights
 */
public record ModelIdentity(
    String name,
    String textEncoder,
    String vae,
    String unet,
    String schedule,
    ImmutableList<MergedLora> loras,
    ImmutableSortedMap<String, String> reading) {
  private static final String NAME = "model";
  private static final String TEXT_ENCODER = "model_text_encoder";
  private static final String VAE = "model_vae";
  private static final String UNET = "model_unet";
  private static final String SCHEDULE = "model_schedule";
  private static final String LORAS = "model_loras";
  private static final String READING = "model_reading";

  private static final String NOTED_NAMES = "lora_names";

  /** The same of a model that is known by another name. */
  ModelIdentity named(String newName) {
    return new ModelIdentity(newName, textEncoder, vae, unet, schedule, loras, reading);
  }

  /** The same where other texts are read. */
  ModelIdentity reading(ImmutableSortedMap<String, String> newReading) {
    return new ModelIdentity(name, textEncoder, vae, unet, schedule, loras, newReading);
  }

  /** Notes on LoRAs for what is made with a text encoder that they were merged into. */
  static ImmutableMap<String, String> notes(List<MergedLora> loras) {
    return loras.isEmpty()
        ? ImmutableMap.of(TextEncoder.LORAS, "none")
        : ImmutableMap.of(
            TextEncoder.LORAS,
            loras.stream().map(MergedLora::content).collect(Collectors.joining(", ")),
            NOTED_NAMES,
            loras.stream().map(MergedLora::name).collect(Collectors.joining(", ")));
  }

  /**
   * SHA-256, in hexadecimal, of all that tells models apart, which their names do not. Unlike
   * {@link #checkSame} it also tells the same weights in another precision apart.
   */
  public String digest() {
    String all = String.join("\n", textEncoder, vae, unet, schedule, loras.toString());
    return Hashing.sha256()
        .hashString(reading.isEmpty() ? all : all + "\n" + reading, StandardCharsets.UTF_8)
        .toString();
  }

  /** As the metadata of a safetensors file. */
  public ImmutableMap<String, String> toMetadata() {
    return ImmutableMap.<String, String>builder()
        .put(NAME, name)
        .put(TEXT_ENCODER, textEncoder)
        .put(VAE, vae)
        .put(UNET, unet)
        .put(SCHEDULE, schedule)
        .put(LORAS, loras.stream().map(MergedLora::toString).collect(Collectors.joining("\n")))
        .put(READING, Joiner.on('\n').withKeyValueSeparator('\t').join(reading))
        .buildOrThrow();
  }

  /**
   * Reads what {@link #toMetadata} wrote.
   *
   * @return empty if the metadata say nothing of a model
   * @throws IllegalArgumentException if they are malformed
   */
  public static Optional<ModelIdentity> from(Map<String, String> metadata) {
    if (!metadata.containsKey(NAME)) {
      return Optional.empty();
    }
    return Optional.of(
        new ModelIdentity(
            metadata.get(NAME),
            metadata.getOrDefault(TEXT_ENCODER, ""),
            metadata.getOrDefault(VAE, ""),
            metadata.getOrDefault(UNET, ""),
            metadata.getOrDefault(SCHEDULE, ""),
            Splitter.on('\n')
                .omitEmptyStrings()
                .splitToStream(metadata.getOrDefault(LORAS, ""))
                .map(MergedLora::of)
                .collect(ImmutableList.toImmutableList()),
            ImmutableSortedMap.copyOf(
                Splitter.on('\n')
                    .omitEmptyStrings()
                    .withKeyValueSeparator('\t')
                    .split(metadata.getOrDefault(READING, "")))));
  }

  /**
   * Refuses another model than the one that something was made with.
   *
   * @param what was made with this model, such as "the inversion"
   * @throws IllegalArgumentException naming both models and what differs
   */
  public void checkSame(ModelIdentity other, String what) {
    List<String> differences = differences(other);
    checkArgument(
        differences.isEmpty(),
        "%s was made with another model: with %s, this one is %s; they differ in %s. Make it anew,"
            + " or load the model that it was made with",
        what,
        this,
        other,
        String.join(", ", differences));
  }

  private List<String> differences(ModelIdentity other) {
    List<String> differences = new ArrayList<>();
    if (!notes(loras).get(TextEncoder.LORAS).equals(notes(other.loras).get(TextEncoder.LORAS))) {
      differences.add("LoRAs");
    }
    if (!WeightSketch.match(textEncoder, other.textEncoder)) {
      differences.add("text encoder");
    }
    if (!WeightSketch.match(vae, other.vae)) {
      differences.add("autoencoder");
    }
    if (!WeightSketch.match(unet, other.unet)) {
      differences.add("noise predictor");
    }
    if (!schedule.equals(other.schedule)) {
      differences.add("schedule (%s; %s)".formatted(schedule, other.schedule));
    }
    if (!reading.equals(other.reading)) {
      differences.add(
          "learned words or weights of words (%s; %s)".formatted(reading, other.reading));
    }
    return differences;
  }

  /** For people: the name, and the LoRAs in it. */
  @Override
  public String toString() {
    return loras.isEmpty()
        ? name
        : loras.stream()
            .map(lora -> "%s at %s".formatted(lora.name(), lora.weight()))
            .collect(Collectors.joining(", ", name + " with the LoRA ", ""));
  }
}
