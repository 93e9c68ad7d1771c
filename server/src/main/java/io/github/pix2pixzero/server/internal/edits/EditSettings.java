package io.github.pix2pixzero.server.internal.edits;

import static com.google.common.collect.ImmutableMap.toImmutableMap;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.EditPrompt;
import io.github.pix2pixzero.guidance.BesideTrajectory;
import io.github.pix2pixzero.guidance.EditMethod;
import io.github.pix2pixzero.guidance.PromptToPrompt;
import io.github.pix2pixzero.guidance.Published;
import io.github.pix2pixzero.guidance.Quality;
import io.github.pix2pixzero.picture.PictureFit;
import io.github.pix2pixzero.server.internal.http.Fields;
import io.github.pix2pixzero.server.internal.http.Json;
import io.github.pix2pixzero.server.internal.http.Refusal;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * An edit as all interfaces understand it.
 *
 * @param prompt what is to change
 * @param caption what the picture shows; empty if the captioner, if there is one, is to say it
 * @param count pictures to make, with consecutive seeds
 */
public record EditSettings(
    EditPrompt prompt,
    Optional<String> caption,
    Optional<String> negativePrompt,
    String method,
    double strength,
    OptionalDouble guidanceScale,
    OptionalDouble guidanceAmount,
    int steps,
    long seed,
    int count,
    PictureFit.Policy fit,
    Optional<BufferedImage> mask) {
  public static final int MOST_STEPS = 200;
  public static final int MOST_PICTURES = 4;
  public static final long MOST_SEED = (1L << 53) - 1; // what JSON numbers hold exactly

  public static final ImmutableList<String> METHODS =
      ImmutableList.of(BesideTrajectory.NAME, PromptToPrompt.NAME, Published.NAME);

  /** Those that hold what a mask hides. */
  public static final ImmutableList<String> MASK_METHODS =
      METHODS.stream()
          .filter(name -> method(name).takesMask())
          .collect(ImmutableList.toImmutableList());

  /** Steps of each quality, by what requests call it. */
  public static final ImmutableMap<String, Integer> QUALITIES =
      Arrays.stream(Quality.values()).collect(toImmutableMap(Quality::toString, Quality::steps));

  private static final ImmutableList<String> FITS = ImmutableList.of("crop", "pad", "resize");
  private static final double MOST_GUIDANCE = 100;

  /** The parameters of this project's own interface. */
  public static EditSettings read(Fields fields, Optional<BufferedImage> mask) {
    Optional<String> from = fields.text("from");
    Optional<String> to = fields.text("to");
    Optional<String> target = fields.text("target");
    Optional<String> prompt = fields.text("prompt");
    if (from.isPresent() != to.isPresent()) {
      throw Refusal.of(from.isPresent() ? "to" : "from", "is missing");
    }
    if (prompt.isPresent() && (from.isPresent() || target.isPresent())) {
      throw Refusal.of("prompt", "does not go with from, to and target");
    }
    if (prompt.isEmpty() && from.isEmpty() && target.isEmpty()) {
      throw Refusal.of("target", "is missing: say what the picture should become");
    }
    String method = fields.choice("method", BesideTrajectory.NAME, METHODS);
    return new EditSettings(
        prompt.map(EditPrompt::parse).orElse(new EditPrompt(from, to, Optional.empty(), target)),
        fields.text("caption"),
        fields.text("negative_prompt"),
        method,
        fields.number("strength", -5, 5).orElse(1),
        fields.number("guidance_scale", 0, MOST_GUIDANCE),
        fields.number("guidance_amount", 0, MOST_GUIDANCE),
        steps(fields, usualSteps(method)),
        fields.whole("seed", 0, MOST_SEED).orElse(0),
        fields.integer("n", 1, MOST_PICTURES).orElse(1),
        fit(fields),
        mask);
  }

  /** The steps that are asked for, or those of the quality that is. */
  public static int steps(Fields fields, int usual) {
    String standard = Quality.STANDARD.toString();
    int ofQuality =
        fields.text("quality").isPresent()
            ? QUALITIES.get(fields.choice("quality", standard, QUALITIES.keySet()))
            : usual;
    return fields.integer("steps", 1, MOST_STEPS).orElse(ofQuality);
  }

  /** The steps of a method if nothing is said of them. */
  public static int usualSteps(String method) {
    return method(method).usualSteps();
  }

  /** How a picture is brought to the model's size. */
  public static PictureFit.Policy fit(Fields fields) {
    return PictureFit.Policy.valueOf(fields.choice("fit", "crop", FITS).toUpperCase(Locale.ROOT));
  }

  /** The same with a caption. */
  EditSettings withCaption(Optional<String> said) {
    return new EditSettings(
        prompt,
        said,
        negativePrompt,
        method,
        strength,
        guidanceScale,
        guidanceAmount,
        steps,
        seed,
        count,
        fit,
        mask);
  }

  /**
   * Refuses at once what does not go together or not with a picture.
   *
   * @throws Refusal 400, which of a mask names it
   */
  void checkFor(BufferedImage picture) {
    if (mask.isPresent()) {
      BufferedImage chosen = mask.get();
      if (!MASK_METHODS.contains(method)) {
        throw Refusal.of("mask", "does not go with the method " + method);
      }
      if (chosen.getWidth() != picture.getWidth() || chosen.getHeight() != picture.getHeight()) {
        throw Refusal.of(
            "mask",
            "should be of the size of the picture, %sx%s; it is %sx%s"
                .formatted(
                    picture.getWidth(),
                    picture.getHeight(),
                    chosen.getWidth(),
                    chosen.getHeight()));
      }
    }
    try {
      options(0);
    } catch (IllegalArgumentException e) {
      throw new Refusal(400, e.getMessage());
    }
  }

  /**
   * @param index of the picture, of {@code count}
   * @throws IllegalArgumentException if the settings do not go together
   */
  EditOptions options(int index) {
    EditOptions.Builder options =
        EditOptions.builder()
            .strength(strength)
            .method(method(method, guidanceScale, guidanceAmount))
            .steps(steps)
            .seed(seed + index)
            .fit(fit);
    negativePrompt.ifPresent(options::negativePrompt);
    mask.ifPresent(options::mask);
    return prompt.applyTo(options, caption).build();
  }

  private static EditMethod method(String name) {
    return method(name, OptionalDouble.empty(), OptionalDouble.empty());
  }

  private static EditMethod method(
      String name, OptionalDouble guidanceScale, OptionalDouble guidanceAmount) {
    switch (name) {
      case PromptToPrompt.NAME:
        if (guidanceAmount.isPresent()) {
          throw Refusal.of("guidance_amount", "does not go with the method " + name);
        }
        return guidanceScale.isPresent()
            ? PromptToPrompt.DEFAULTS.withGuidanceScale(guidanceScale.getAsDouble())
            : PromptToPrompt.DEFAULTS;
      case Published.NAME:
        Published published = Published.DEFAULTS;
        if (guidanceScale.isPresent()) {
          published = published.withGuidanceScale(guidanceScale.getAsDouble());
        }
        return guidanceAmount.isPresent()
            ? published.withGuidanceAmount(guidanceAmount.getAsDouble())
            : published;
      default:
        BesideTrajectory beside = BesideTrajectory.DEFAULTS;
        if (guidanceScale.isPresent()) {
          beside = beside.withGuidanceScale(guidanceScale.getAsDouble());
        }
        return guidanceAmount.isPresent()
            ? beside.withGuidanceAmount(guidanceAmount.getAsDouble())
            : beside;
    }
  }

  /** The settings under the names by which they are given. */
  public ObjectNode toJson() {
    ObjectNode json = Json.object();
    caption.ifPresent(text -> json.put("caption", text));
    prompt.from().ifPresent(text -> json.put("from", text));
    prompt.to().ifPresent(text -> json.put("to", text));
    prompt.target().ifPresent(text -> json.put("target", text));
    prompt.added().ifPresent(text -> json.put("prompt", "add " + text));
    negativePrompt.ifPresent(text -> json.put("negative_prompt", text));
    json.put("method", method);
    json.put("strength", strength);
    guidanceScale.ifPresent(scale -> json.put("guidance_scale", scale));
    guidanceAmount.ifPresent(amount -> json.put("guidance_amount", amount));
    json.put("steps", steps);
    json.put("seed", seed);
    json.put("n", count);
    json.put("fit", fit.name().toLowerCase(Locale.ROOT));
    return json;
  }
}
