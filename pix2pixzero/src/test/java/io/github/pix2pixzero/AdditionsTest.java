package io.github.pix2pixzero;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.pix2pixzero.direction.EditDirection;
import io.github.pix2pixzero.stablediffusion.EmbeddingChoice;
import io.github.pix2pixzero.stablediffusion.LoadOptions;
import io.github.pix2pixzero.stablediffusion.LoraChoice;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Learned words, LoRAs and weights of words in edits, and what is noted of them. */
class AdditionsTest {
  private static final Backend BACKEND = Backends.named("vector", 2);
  private static final GenerateOptions ONE_STEP =
      GenerateOptions.builder().steps(1).attentionMaps(true).build();
  private static final List<String> CATS = List.of("a cat");

  @TempDir private Path temp;
  private Pix2PixZero toy;
  private Path lora;

  @BeforeEach
  void load() throws IOException {
    toy = Pix2PixZero.loadBundled(BACKEND);
    lora = ToyAdditions.lora(temp.resolve("small.safetensors"), 1e-3f);
  }

  private static Pix2PixZero with(LoadOptions.Builder options) throws IOException {
    return Pix2PixZero.load(ToyAdditions.TOY, BACKEND, options.build(), ProgressListener.NONE);
  }

  private LoadOptions.Builder word(String token, float value) throws IOException {
    Path file = temp.resolve("word" + value + ".safetensors");
    float[] vectors = new float[2 * 192];
    Arrays.fill(vectors, value);
    new SafetensorsWriter().add("emb_params", new long[] {2, 192}, vectors).write(file);
    return LoadOptions.builder().embedding(new EmbeddingChoice(file, Optional.of(token)));
  }

  @Test
  void aLearnedWordIsOneWordWhateverItIsMadeOf() throws IOException {
    Pix2PixZero model = with(word("<big cat>", 0.01f));
    Generation made = model.generate("a <big cat> by a cat", ONE_STEP, ProgressListener.NONE);
    assertThat(made.attention().orElseThrow().words().keySet())
        .containsExactly("a", "<big cat>", "by", "cat");
    assertThat(made.parameters().values().get("TI hashes")).matches("<big cat>: [0-9a-f]{12}");
    Generation without = model.generate("a cat", ONE_STEP, ProgressListener.NONE);
    assertThat(without.parameters().values()).doesNotContainKeys("TI hashes", "Lora hashes");
    Edit edit =
        model.edit(
            without,
            EditOptions.builder().from("cat").to("<big cat>").build(),
            ProgressListener.NONE);
    assertThat(edit.plan().targetCaption()).contains("a <big cat>");
    assertThat(edit.parameters().values()).containsKey("TI hashes");
  }

  @Test
  void anInversionIsReadWithTheWordsOfItsCaption() throws IOException {
    Pix2PixZero model = with(word("kitten", 0.01f));
    EditOptions toDog = EditOptions.builder().targetCaption("a dog").build();
    Inversion named = model.generate("a kitten", ONE_STEP, ProgressListener.NONE).inversion();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> toy.edit(named, toDog, ProgressListener.NONE))
        .withMessageContaining("they differ in learned words or weights of words ({kitten=");
    Inversion plain = model.generate("a cat", ONE_STEP, ProgressListener.NONE).inversion();
    assertThat(toy.plan(plain, toDog).caption()).isEqualTo("a cat");
    Pix2PixZero weighted = toy.readingWeights();
    Inversion strong =
        weighted.generate("a (cat:1.2)", ONE_STEP, ProgressListener.NONE).inversion();
    assertThat(weighted.plan(strong, toDog).caption()).isEqualTo("a (cat:1.2)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> toy.plan(strong, toDog))
        .withMessageContaining("({prompt weights=A1111}; {})");
  }

  @Test
  void weightsChangeThePictureAndKeepTheWords() {
    Pix2PixZero weighted = toy.readingWeights();
    Generation plain = toy.generate("a gray cat", ONE_STEP, ProgressListener.NONE);
    Generation same = weighted.generate("a gray cat", ONE_STEP, ProgressListener.NONE);
    Generation strong = weighted.generate("a [gray] (cat:1.4)", ONE_STEP, ProgressListener.NONE);
    assertThat(same.latent().toFloats()).isEqualTo(plain.latent().toFloats());
    assertThat(strong.latent().toFloats()).isNotEqualTo(plain.latent().toFloats());
    assertThat(strong.attention().orElseThrow().words().keySet())
        .containsExactly("a", "gray", "cat");
    assertThat(strong.parameters().values()).containsEntry("Prompt weights", "A1111");
    assertThat(same.parameters().values()).doesNotContainKey("Prompt weights");
  }

  @Test
  void lorasAreNotedInPictures() throws IOException {
    Pix2PixZero model = with(LoadOptions.builder().lora(new LoraChoice(lora, 0.5)));
    String hash = model.model().identity().loras().get(0).hash();
    assertThat(model.generate("a cat", ONE_STEP, ProgressListener.NONE).parameters().values())
        .containsEntry("Lora hashes", "small: " + hash)
        .containsEntry("Lora weights", "small: 0.5");
  }

  @Test
  void aDirectionOfOtherLorasOrWordsIsRefused() throws IOException {
    Pix2PixZero changed = with(LoadOptions.builder().lora(new LoraChoice(lora, 0.5)));
    EditDirection ofChanged = changed.direction(CATS, List.of("a dog"));
    assertThat(ofChanged.provenance()).containsEntry("lora_names", "small");
    assertThat(plan(changed, ofChanged).direction()).isPresent();
    refuses(toy, ofChanged, "made with the LoRAs small (" + ofChanged.provenance().get("loras"));
    refuses(changed, toy.direction(CATS, List.of("a dog")), "made with the LoRAs none (none)");

    Pix2PixZero learned = with(word("kitten", 0.01f));
    EditDirection toKitten = learned.direction(CATS, List.of("a kitten"));
    assertThat(plan(learned, toKitten).direction()).isPresent();
    refuses(toy, toKitten, "does not know, or knows as others: [kitten]");
    refuses(with(word("kitten", 0.02f)), toKitten, "knows as others: [kitten]");
    assertThat(plan(toy, learned.direction(CATS, List.of("a dog"))).direction()).isPresent();

    Path file = temp.resolve("direction.safetensors");
    ofChanged.write(file);
    refuses(toy, EditDirection.read(file, BACKEND), "was made with the LoRAs small");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ofChanged.plus(toy.direction(CATS, List.of("a bear"))))
        .withMessageContaining("different models: loras is");
  }

  private static EditPlan plan(Pix2PixZero model, EditDirection direction) {
    return model.plan(EditOptions.builder().caption("a cat").direction(direction).build());
  }

  private static void refuses(Pix2PixZero model, EditDirection direction, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan(model, direction))
        .withMessageContaining(message);
  }
}
