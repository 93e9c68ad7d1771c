package io.github.pix2pixzero.distill.collect;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.stablediffusion.StableDiffusion;
import io.github.pix2pixzero.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What all pairs of a collection have in common: pairs that differ in it do not mix.
 *
 * @param teacher digest of the identity of the model
 * @param edit what the edit's options say, by name
 */
public record CollectionSettings(String teacher, Map<String, String> edit) {
  private static final int DIGITS = 16;

  /** The options are copied. */
  public CollectionSettings {
    edit = ImmutableMap.copyOf(edit);
  }

  /**
   * Those of an edit.
   *
   * @throws IllegalArgumentException if the options are for a single picture
   */
  public static CollectionSettings of(StableDiffusion teacher, EditOptions options) {
    checkArgument(
        options.mask().isEmpty(), "a mask goes with a single picture, not with a collection");
    Map<String, String> edit = new LinkedHashMap<>();
    put(edit, "from", options.from());
    put(edit, "to", options.to());
    put(edit, "caption", options.caption());
    put(edit, "target_caption", options.targetCaption());
    put(edit, "negative_prompt", options.negativePrompt());
    put(edit, "steering", options.steering());
    put(edit, "sentences", options.sentences().map(s -> digest(s.toString())));
    put(edit, "direction", options.direction().map(d -> digest(d.embedding())));
    put(edit, "mask_words", options.wordMask());
    edit.put("strength", Double.toString(options.strength()));
    edit.put("method", options.method().name());
    options
        .method()
        .settings()
        .forEach((key, value) -> edit.put("method: " + key, value.toString()));
    edit.put("steps", Integer.toString(options.stepsOfInversion()));
    edit.put("seed", Long.toString(options.seed()));
    edit.put("regularization", options.regularization().toString());
    edit.put("fit", options.fit().toString());
    return new CollectionSettings(
        "sha256 " + teacher.identity(texts(options)).digest().substring(0, DIGITS), edit);
  }

  private static void put(Map<String, String> edit, String key, Optional<?> value) {
    value.ifPresent(present -> edit.put(key, present.toString()));
  }

  private static String digest(String text) {
    return Hashing.sha256().hashString(text, StandardCharsets.UTF_8).toString();
  }

  /** What the edit says, and a model may read in ways of its own. */
  private static List<String> texts(EditOptions options) {
    List<String> texts = new ArrayList<>();
    options.allSentences().ifPresent(sentences -> texts.addAll(sentences.source()));
    options.allSentences().ifPresent(sentences -> texts.addAll(sentences.target()));
    texts.add(options.captionOfPicture());
    options.targetCaption().ifPresent(texts::add);
    options.negativePrompt().ifPresent(texts::add);
    return texts;
  }

  private static String digest(Tensor tensor) {
    Hasher hasher = Hashing.sha256().newHasher();
    for (float value : tensor.toFloats()) {
      hasher.putFloat(value);
    }
    return hasher.hash().toString();
  }

  /** The identity of a pair: what it is made of and how, in {@value #DIGITS} digits. */
  String id(byte[] source, String caption) {
    Hasher hasher = Hashing.sha256().newHasher();
    for (String text : new String[] {teacher, edit.toString(), caption}) {
      hasher.putInt(text.length()).putString(text, StandardCharsets.UTF_8);
    }
    return hasher.putBytes(source).hash().toString().substring(0, DIGITS);
  }

  /** How other settings differ, for people; empty if they do not. */
  Optional<String> difference(CollectionSettings other) {
    if (!teacher.equals(other.teacher)) {
      return Optional.of("the model %s, not %s".formatted(teacher, other.teacher));
    }
    TreeSet<String> keys = new TreeSet<>(edit.keySet());
    keys.addAll(other.edit.keySet());
    return keys.stream()
        .filter(key -> !Objects.equals(edit.get(key), other.edit.get(key)))
        .map(
            key ->
                "%s %s, not %s"
                    .formatted(
                        key, edit.getOrDefault(key, "none"), other.edit.getOrDefault(key, "none")))
        .findFirst();
  }
}
