package io.github.pix2pixzero;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.pix2pixzero.guidance.PromptToPrompt;
import io.github.pix2pixzero.inversion.PredictionType;
import io.github.pix2pixzero.inversion.TimestepSpacing;
import io.github.pix2pixzero.stablediffusion.LoadOptions;
import io.github.pix2pixzero.stablediffusion.LoraChoice;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was made with one model is not used with another, and what overflows is named. */
class OtherModelTest {
  private static final Backend BACKEND = Backends.named("vector", 2);
  private static final EditOptions EDIT =
      EditOptions.builder().caption("a cat").targetCaption("a dog").steps(1).build();

  private static Pix2PixZero toy;
  private static BufferedImage picture;

  @TempDir private Path temp;

  @BeforeAll
  static void load() throws IOException {
    toy = Pix2PixZero.loadBundled(BACKEND);
    picture =
        toy.generate("a cat", GenerateOptions.builder().steps(1).build(), ProgressListener.NONE)
            .image();
  }

  private static Pix2PixZero with(LoadOptions options) throws IOException {
    return Pix2PixZero.load(ToyAdditions.TOY, BACKEND, options, ProgressListener.NONE);
  }

  private static LoadOptions.Builder options() {
    return LoadOptions.builder();
  }

  private Inversion kept(Pix2PixZero model) throws IOException {
    Path file = temp.resolve("inversion.safetensors");
    InversionFile.write(model.invert(picture, EDIT), file);
    return InversionFile.read(file, BACKEND);
  }

  @Test
  void theSameModelFromAnotherPlaceEdits() throws IOException {
    Inversion inversion = kept(toy);
    assertThat(inversion.model()).contains(toy.model().identity());
    Pix2PixZero again = with(LoadOptions.defaults());
    assertThat(again.model().identity().name()).isEqualTo("model");
    assertThat(again.edit(inversion, EDIT, ProgressListener.NONE).image()).isNotNull();
  }

  @Test
  void anotherScheduleIsRefused() throws IOException {
    Inversion inversion = kept(toy);
    refuses(with(options().predictionType(PredictionType.V_PREDICTION).build()), inversion)
        .withMessageContaining(
            "with toy-world, this one is model; they differ in schedule (epsilon")
        .withMessageContaining("; v_prediction, leading");
    refuses(with(options().timestepSpacing(TimestepSpacing.TRAILING).build()), inversion)
        .withMessageContaining("they differ in schedule");
  }

  @Test
  void otherLorasAreRefused() throws IOException {
    Path lora = ToyAdditions.lora(temp.resolve("small.safetensors"), 1e-3f);
    Pix2PixZero changed = with(options().lora(new LoraChoice(lora, 0.5)).build());
    refuses(changed, kept(toy))
        .withMessageContaining(
            "with toy-world, this one is model with the LoRA small at 0.5; they differ in LoRAs");
    Inversion inversion = kept(changed);
    assertThat(changed.edit(inversion, EDIT, ProgressListener.NONE).image()).isNotNull();
    refuses(toy, inversion).withMessageContaining("with model with the LoRA small at 0.5, this");
    refuses(with(options().lora(new LoraChoice(lora, 0.6)).build()), inversion)
        .withMessageContaining("small at 0.5, this one is model with the LoRA small at 0.6");
  }

  @Test
  void anotherAutoencoderIsRefused() throws IOException {
    Path vae = ToyAdditions.vae(temp.resolve("vae.safetensors"), "decoder.conv_in.weight", -1);
    refuses(with(options().vae(vae).build()), kept(toy))
        .withMessageContaining("they differ in autoencoder. Make it anew");
  }

  @Test
  void whatDoesNotSayItsModelIsTaken() throws IOException {
    Path older = temp.resolve("older.safetensors");
    try (SafetensorsFile file = SafetensorsFile.open(writtenBy(toy))) {
      SafetensorsWriter writer = new SafetensorsWriter().metadata("caption", "a cat");
      writer.add("trajectory", file.entry("trajectory").shape(), file.readFloats("trajectory"));
      writer.write(older);
    }
    Inversion inversion = InversionFile.read(older, BACKEND);
    assertThat(inversion.model()).isEmpty();
    assertThat(inversion.time()).isEqualTo(Duration.ZERO);
    assertThat(toy.edit(inversion, EDIT, ProgressListener.NONE).image()).isNotNull();
  }

  private Path writtenBy(Pix2PixZero model) throws IOException {
    Path file = temp.resolve("newer.safetensors");
    InversionFile.write(model.invert(picture, EDIT), file);
    return file;
  }

  private static ThrowableAssertAlternative<IllegalArgumentException> refuses(
      Pix2PixZero model, Inversion inversion) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.attention(inversion, ProgressListener.NONE));
    return assertThatIllegalArgumentException()
        .isThrownBy(() -> model.edit(inversion, EDIT, ProgressListener.NONE))
        .withMessageStartingWith("the inversion was made with another model: ");
  }

  // ------------------------------------------------------------------ numbers that are not finite

  private Pix2PixZero overflowing(String file, String tensor) throws IOException {
    return Pix2PixZero.load(
        ToyAdditions.modelWith(temp.resolve("model"), file, tensor, 3e38f), BACKEND);
  }

  @Test
  void aNoisePredictorThatOverflowsIsNamed() throws IOException {
    Pix2PixZero overflowing = overflowing(ToyAdditions.UNET, "conv_in.bias");
    String message = "the noise predictor makes numbers that are not finite at timestep 1";
    GenerateOptions oneStep = GenerateOptions.builder().steps(1).build();
    fails(() -> overflowing.generate("a cat", oneStep, ProgressListener.NONE), message);
    fails(() -> overflowing.edit(picture, EDIT), message);
    Inversion inversion = toy.invert(picture, EDIT);
    Inversion unnamed =
        new Inversion(
            inversion.trajectory(),
            "a cat",
            Duration.ZERO,
            inversion.picture(),
            inversion.nullText(),
            Optional.empty());
    fails(() -> overflowing.attention(unnamed, ProgressListener.NONE), message);
    fails(() -> overflowing.edit(unnamed, EDIT, ProgressListener.NONE), message);
    fails(() -> overflowing.withNullText(unnamed, 7.5, ProgressListener.NONE), message);
    for (EditOptions.Builder method :
        List.of(EditOptions.published(), EditOptions.builder().method(PromptToPrompt.DEFAULTS))) {
      EditOptions edit =
          method
              .caption("a cat")
              .targetCaption("a dog")
              .sentences(List.of("a cat"), List.of("a dog"))
              .steps(1)
              .build();
      fails(() -> overflowing.edit(unnamed, edit, ProgressListener.NONE), message);
    }
  }

  @Test
  void aTextEncoderThatOverflowsIsNamed() throws IOException {
    Pix2PixZero overflowing = overflowing(ToyAdditions.TEXT_ENCODER, "final_layer_norm.weight");
    String message = "the text encoder makes numbers that are not finite";
    fails(() -> overflowing.generate("a cat", 1), message);
    fails(() -> overflowing.direction(List.of("a cat"), List.of("a dog")), message);
    fails(() -> overflowing.invert(picture, EDIT), message);
  }

  @Test
  void anAutoencoderThatOverflowsIsNamed() throws IOException {
    Pix2PixZero overflowing = overflowing(ToyAdditions.VAE, "decoder.conv_in.bias");
    GenerateOptions oneStep = GenerateOptions.builder().steps(1).build();
    fails(
        () -> overflowing.generate("a cat", oneStep, ProgressListener.NONE),
        "the decoder of the autoencoder makes numbers that are not finite");
  }

  private static void fails(ThrowingCallable call, String message) {
    assertThatExceptionOfType(ArithmeticException.class)
        .isThrownBy(call)
        .withMessageStartingWith(message);
  }
}
