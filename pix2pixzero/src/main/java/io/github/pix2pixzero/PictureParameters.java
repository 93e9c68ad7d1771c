package io.github.pix2pixzero;

import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.clip.TextEncoder;
import io.github.pix2pixzero.picture.PngTexts;
import io.github.pix2pixzero.stablediffusion.MergedLora;
import io.github.pix2pixzero.stablediffusion.ModelIdentity;
import java.awt.image.BufferedImage;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * How a picture was made, in the form that the tools around Stable Diffusion read: the prompt, the
 * negative prompt, then a line of {@code Key: value}.
 *
 * @param prompt what the picture was asked to show, or shows
 * @param negativePrompt what it was led away from; may be empty
 * @param values the rest, in order
 */
public record PictureParameters(
    String prompt, String negativePrompt, ImmutableMap<String, String> values) {

  PictureParameters(String prompt, String negativePrompt) {
    this(prompt, negativePrompt, ImmutableMap.of());
  }

  /** The same with one more value; without it, if it is null. */
  public PictureParameters with(String key, Object value) {
    if (value == null) {
      return this;
    }
    Map<String, String> more = new LinkedHashMap<>(values);
    more.put(key, value.toString());
    return new PictureParameters(prompt, negativePrompt, ImmutableMap.copyOf(more));
  }

  /** The same with more values. */
  public PictureParameters withAll(Map<String, ?> more) {
    PictureParameters all = this;
    for (Map.Entry<String, ?> entry : more.entrySet()) {
      all = all.with(entry.getKey(), entry.getValue());
    }
    return all;
  }

  /**
   * The same with what was put on top of a model's checkpoint, in the words of A1111: hashes of
   * LoRAs and of the learned words in the texts, and the LoRAs' weights.
   */
  PictureParameters with(ModelIdentity model) {
    Map<String, String> words = new LinkedHashMap<>(model.reading());
    String weights = words.remove(TextEncoder.WEIGHTS);
    return withEach("Lora hashes", each(model, MergedLora::hash))
        .withEach("Lora weights", each(model, lora -> Double.toString(lora.weight())))
        .withEach("TI hashes", words)
        .with("Prompt weights", weights);
  }

  private static Map<String, String> each(ModelIdentity model, Function<MergedLora, String> value) {
    Map<String, String> all = new LinkedHashMap<>();
    model.loras().forEach(lora -> all.put(lora.name(), value.apply(lora)));
    return all;
  }

  private PictureParameters withEach(String key, Map<String, String> named) {
    return named.isEmpty()
        ? this
        : with(key, Joiner.on(", ").withKeyValueSeparator(": ").join(named));
  }

  /** The texts to write into a PNG, one under {@value PngTexts#PARAMETERS}. */
  public ImmutableMap<String, String> texts() {
    String negative = negativePrompt.isEmpty() ? "" : "\nNegative prompt: " + negativePrompt;
    String line =
        values.entrySet().stream()
            .map(entry -> entry.getKey() + ": " + quoted(entry.getValue()))
            .collect(Collectors.joining(", "));
    return ImmutableMap.of(PngTexts.PARAMETERS, prompt + negative + "\n" + line);
  }

  /** Values that would end the pair are quoted. */
  private static String quoted(String value) {
    String text = value.replace('\n', ' ');
    boolean plain = text.indexOf(',') < 0 && text.indexOf(':') < 0 && text.indexOf('"') < 0;
    return plain ? text : '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  static String size(BufferedImage picture) {
    return picture.getWidth() + "x" + picture.getHeight();
  }
}
