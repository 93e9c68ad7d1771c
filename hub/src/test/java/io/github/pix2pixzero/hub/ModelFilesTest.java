package io.github.pix2pixzero.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.FileNotFoundException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ModelFilesTest {
  /** Of the list of stable-diffusion-v1-5/stable-diffusion-v1-5. */
  private static final Set<String> STABLE_DIFFUSION =
      Set.of(
          ".gitattributes",
          "README.md",
          "feature_extractor/preprocessor_config.json",
          "model_index.json",
          "safety_checker/config.json",
          "safety_checker/model.fp16.safetensors",
          "safety_checker/model.safetensors",
          "safety_checker/pytorch_model.bin",
          "scheduler/scheduler_config.json",
          "text_encoder/config.json",
          "text_encoder/model.fp16.safetensors",
          "text_encoder/model.safetensors",
          "text_encoder/pytorch_model.bin",
          "tokenizer/merges.txt",
          "tokenizer/special_tokens_map.json",
          "tokenizer/tokenizer_config.json",
          "tokenizer/vocab.json",
          "unet/config.json",
          "unet/diffusion_pytorch_model.bin",
          "unet/diffusion_pytorch_model.fp16.safetensors",
          "unet/diffusion_pytorch_model.non_ema.safetensors",
          "unet/diffusion_pytorch_model.safetensors",
          "v1-5-pruned-emaonly.ckpt",
          "v1-5-pruned.safetensors",
          "vae/config.json",
          "vae/diffusion_pytorch_model.bin",
          "vae/diffusion_pytorch_model.fp16.safetensors",
          "vae/diffusion_pytorch_model.safetensors");

  private static final List<String> CONFIGS =
      List.of(
          "model_index.json",
          "scheduler/scheduler_config.json",
          "text_encoder/config.json",
          "tokenizer/merges.txt",
          "tokenizer/special_tokens_map.json",
          "tokenizer/tokenizer_config.json",
          "tokenizer/vocab.json",
          "unet/config.json",
          "vae/config.json");

  @Test
  void onlyWhatACheckpointNeeds() throws FileNotFoundException {
    assertThat(ModelFiles.diffusers(Optional.empty()).select(STABLE_DIFFUSION))
        .containsExactlyInAnyOrderElementsOf(
            with(
                "text_encoder/model.safetensors",
                "unet/diffusion_pytorch_model.safetensors",
                "vae/diffusion_pytorch_model.safetensors"));
    assertThat(ModelFiles.diffusers(Optional.of("fp16")).select(STABLE_DIFFUSION))
        .containsExactlyInAnyOrderElementsOf(
            with(
                "text_encoder/model.fp16.safetensors",
                "unet/diffusion_pytorch_model.fp16.safetensors",
                "vae/diffusion_pytorch_model.fp16.safetensors"));
  }

  @Test
  void aVariantIsPreferredWhereItIsThere() throws FileNotFoundException {
    assertThat(select(Optional.of("non_ema"), "m.safetensors", "m.non_ema.safetensors"))
        .containsExactly("m.non_ema.safetensors");
    assertThat(select(Optional.of("fp16"), "m.safetensors")).containsExactly("m.safetensors");
    assertThat(select(Optional.empty(), "m.bf16.safetensors", "m.fp16.safetensors"))
        .containsExactly("m.fp16.safetensors");
  }

  @Test
  void shardsComeWithTheirIndex() throws FileNotFoundException {
    String[] plain = {
      "m.safetensors.index.json", "m-00001-of-00002.safetensors", "m-00002-of-00002.safetensors"
    };
    String[] half = {
      "m.safetensors.index.fp16.json",
      "m.fp16-00001-of-00002.safetensors",
      "m-00002-of-00002.fp16.safetensors" // as older repositories have it
    };
    String[] both = Arrays.copyOf(plain, 6);
    System.arraycopy(half, 0, both, 3, 3);

    assertThat(select(Optional.empty(), both)).containsExactlyInAnyOrder(plain);
    assertThat(select(Optional.of("fp16"), both)).containsExactlyInAnyOrder(half);
  }

  @Test
  void aMissingShardIsNamed() {
    assertThatExceptionOfType(FileNotFoundException.class)
        .isThrownBy(
            () ->
                select(
                    Optional.empty(),
                    "m.safetensors.index.json",
                    "m-00001-of-00003.safetensors",
                    "m-00003-of-00003.safetensors"))
        .withMessage("no shard 2 of 3 of m.safetensors");
  }

  @Test
  void picklesAreNoWeights() {
    assertThatExceptionOfType(FileNotFoundException.class)
        .isThrownBy(() -> select(Optional.empty(), "pytorch_model.bin"))
        .withMessage(
            "no m.safetensors, only a pickle, which runs code in other programs and is not"
                + " downloaded");
    assertThatExceptionOfType(FileNotFoundException.class)
        .isThrownBy(() -> select(Optional.empty(), "m.ckpt"))
        .withMessage("no m.safetensors");
  }

  @Test
  void whatIsRequiredIsNamedAndWhatIsNotIsTakenWhereItIsThere() throws FileNotFoundException {
    ModelFiles files = ModelFiles.builder().require("a").optional("b", "c").build();

    assertThat(files.select(Set.of("a", "c", "d"))).containsExactly("a", "c");
    assertThatExceptionOfType(FileNotFoundException.class)
        .isThrownBy(() -> files.select(Set.of("b")))
        .withMessage("no a");
  }

  private static List<String> select(Optional<String> variant, String... files)
      throws FileNotFoundException {
    return ModelFiles.builder().weights("m", variant).build().select(Set.of(files));
  }

  private static Set<String> with(String... weights) {
    Set<String> all = new HashSet<>(CONFIGS);
    all.addAll(List.of(weights));
    return all;
  }
}
