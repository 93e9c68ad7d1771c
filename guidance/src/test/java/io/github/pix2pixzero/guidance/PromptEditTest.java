package io.github.pix2pixzero.guidance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.pix2pixzero.clip.ClipTokenizer;
import io.github.pix2pixzero.clip.TokenizerConfig;
import io.github.pix2pixzero.guidance.PromptToPrompt.Alignment;
import io.github.pix2pixzero.guidance.PromptToPrompt.Maps;
import io.github.pix2pixzero.guidance.PromptToPrompt.Reference;
import io.github.pix2pixzero.tensor.backend.Backends;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Words as tokens, with CLIP's own tokenizer. */
class PromptEditTest {
  private static final String CAPTION = "a cat next to a cat";
  private static final String TARGET = "a dog next to a cat";

  private static ClipTokenizer tokenizer;

  @BeforeAll
  static void load() throws IOException {
    tokenizer = ClipTokenizer.published(TokenizerConfig.defaults());
  }

  private static PromptEdit edit(PromptToPrompt settings) {
    return PromptEdit.of(settings, tokenizer, CAPTION, TARGET);
  }

  @Test
  void aWordIsNamedWithItsOccurrence() {
    assertThat(PromptWord.of("cat").tokens(tokenizer, CAPTION)).containsExactly(2, 6);
    assertThat(PromptWord.of("cat:1").tokens(tokenizer, CAPTION)).containsExactly(2);
    assertThat(PromptWord.of("Cat:2").tokens(tokenizer, CAPTION)).containsExactly(6);
    assertThat(PromptWord.of("next to").tokens(tokenizer, CAPTION)).containsExactly(3, 4);
    assertThat(PromptWord.of("cat:2")).hasToString("cat:2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PromptWord.of("cat:3").tokens(tokenizer, CAPTION))
        .withMessage("\"a cat next to a cat\" has cat only 2 times");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PromptWord.of("cat:0"))
        .withMessageContaining("count from 1");
    assertThatIllegalArgumentException().isThrownBy(() -> PromptWord.of(" "));
  }

  @Test
  void aWordThatIsNotThereIsAnErrorThatListsThoseThatAre() {
    String words =
        "there is no fox in \"a dog next to a cat\"; its words are a, dog, next, to, a, cat";
    assertThatIllegalArgumentException()
        .isThrownBy(() -> edit(PromptToPrompt.DEFAULTS.withReweight(Map.of("fox", 2.0))))
        .withMessage(words);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                edit(
                    PromptToPrompt.DEFAULTS.withCrossStepsOf(Map.of("fox", StepWindow.until(0.2)))))
        .withMessage(words);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> edit(PromptToPrompt.DEFAULTS.withBlend(LocalBlend.of("cat", "fox"))))
        .withMessage(
            "there is no fox in \"a cat next to a cat\" and none in \"a dog next to a cat\";"
                + " their words are a, cat, next, to, dog");
    BlendWords strict = BlendWords.ofBoth(List.of("dog"), List.of("dog"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> edit(PromptToPrompt.DEFAULTS.withBlend(LocalBlend.of(strict))))
        .withMessageStartingWith("there is no dog in \"a cat next to a cat\"");
    String longPrompt = "a ".repeat(80) + "fox";
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PromptWord.of("fox").tokens(tokenizer, longPrompt))
        .withMessageStartingWith("there is no fox in");
  }

  @Test
  void theMethodSaysSoBeforeTheWork() {
    PromptToPrompt method = PromptToPrompt.DEFAULTS.withReweight(Map.of("fox", 2.0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> method.check(request(TARGET, 50)))
        .withMessageStartingWith("there is no fox");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PromptToPrompt.DEFAULTS.check(request(TARGET, 20)))
        .withMessageContaining("inverted in 20 steps");
    PromptToPrompt.DEFAULTS.withReference(Reference.RECONSTRUCTION).check(request(TARGET, 20));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                PromptToPrompt.DEFAULTS
                    .withAlignment(Alignment.PUBLISHED)
                    .check(request("a dog", 50)))
        .withMessageContaining("equally many words, not of 6 and 2");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                PromptToPrompt.DEFAULTS
                    .withReference(Reference.NULL_TEXT)
                    .withGuidanceScale(1)
                    .check(request(TARGET, 50)))
        .withMessageContaining("other than 1");
  }

  private static EditRequest request(String target, int invertedSteps) {
    return new EditRequest(tokenizer, CAPTION, Optional.of(target), 50, invertedSteps, false);
  }

  @Test
  void aBlendsWordCountsWhereverItIs() {
    PromptEdit edit = edit(PromptToPrompt.DEFAULTS.withBlend(LocalBlend.of("cat:1", "dog")));
    assertThat(ones(edit.blendWords()[0])).containsExactly(2);
    assertThat(ones(edit.blendWords()[1])).containsExactly(2, 6);
    assertThat(ones(edit.blendWithout()[0])).isEmpty();
  }

  private static List<Integer> ones(float[] tokens) {
    return IntStream.range(0, tokens.length).filter(i -> tokens[i] == 1).boxed().toList();
  }

  @Test
  void windowsAreRoundedDown() {
    // Of 51 for cross-attention: 0.31 ends before step 15, 0.05..0.73 is 2 to 36.
    PromptEdit edit =
        edit(
            PromptToPrompt.DEFAULTS
                .withCrossSteps(StepWindow.parse("0.05..0.73"))
                .withCrossStepsOf(Map.of("dog", StepWindow.parse("0.31"))));
    assertThat(edit.crossShares(1, 50)[1]).isZero();
    assertThat(edit.crossShares(2, 50)[1]).isEqualTo(1);
    assertThat(edit.crossShares(36, 50)[1]).isEqualTo(1);
    assertThat(edit.crossShares(37, 50)[1]).isZero();
    assertThat(edit.crossShares(0, 50)[2]).isEqualTo(1);
    assertThat(edit.crossShares(14, 50)[2]).isEqualTo(1);
    assertThat(edit.crossShares(15, 50)[2]).isZero();
    for (String wrong : new String[] {"", "x", "0.2..x", "0..0.5..1", "0.5..0.2", "1.5", "NaN"}) {
      assertThatIllegalArgumentException().as(wrong).isThrownBy(() -> StepWindow.parse(wrong));
    }
  }

  /** As {@code seq_aligner.py} has it, which does not shift back what follows the last swap. */
  @Test
  void thePublishedSwapGoesOnAtThePlaceInTheTarget() {
    TokenAlignment longer =
        PublishedAlignment.replacement(tokenizer, "a cat sits", "a dalmatianesque sits");
    int tokens = tokenizer.tokenize("dalmatianesque").ids().length - 2;
    assertThat(tokens).isGreaterThan(1);
    float[] matrix = longer.matrix(Backends.named("plain", 1)).toFloats();
    for (int j = 2; j < 2 + tokens; j++) {
      assertThat(matrix[2 * 77 + j]).isEqualTo(1f / tokens);
    }
    assertThat(matrix[(2 + tokens) * 77 + 2 + tokens]).isEqualTo(1);
    assertThat(matrix[3 * 77 + 2 + tokens]).isZero();

    TokenAlignment shorter =
        PublishedAlignment.replacement(tokenizer, "a dalmatianesque sits", "a cat sits");
    matrix = shorter.matrix(Backends.named("plain", 1)).toFloats();
    assertThat(matrix[2 * 77 + 2]).isEqualTo(1);
    assertThat(matrix[(1 + tokens) * 77 + 2]).isEqualTo(1);
    // The source ends first: the last place of the target has no attention.
    assertThat(matrix[76 * 77 + 76]).isZero();
    assertThat(shorter.matched()).containsOnly(true);
  }

  @Test
  void thePublishedRefinementPrefersGaps() {
    // 1 2 3 against 1 4 3 2 3: the later of two pairs of equal score.
    assertThat(PublishedAlignment.places(new int[] {1, 2, 3}, new int[] {1, 4, 3, 2, 3}, 7))
        .containsExactly(0, -1, -1, 1, 2, 5, 6);
    assertThat(PublishedAlignment.places(new int[] {1, 2, 3}, new int[] {1, 4, 3}, 4))
        .containsExactly(0, -1, 2, 3);
  }

  @Test
  void settingsAreListed() {
    PromptToPrompt method =
        PromptToPrompt.DEFAULTS
            .withMaps(Maps.IN_PLACE)
            .withCrossStepsOf(Map.of("dog:2", StepWindow.until(0.2)))
            .withReweight(Map.of("dog", 2.0))
            .withBlend(LocalBlend.of("cat", "dog").without(BlendWords.of("house")))
            .withReference(Reference.NULL_TEXT);
    assertThat(method.settings())
        .hasToString(
            "{CFG scale=7.5, Maps=in-place, Alignment=common-tokens, Cross steps=0.0..0.8, Cross"
                + " steps of=dog:2=0.0..0.2, Self steps=0.0..0.4, Self downscale=4,"
                + " Reweight=dog=2.0, Blend=cat,dog, Blend threshold=0.3, Blend start=0.2, Blend"
                + " without=house, Blend without threshold=0.3, Reference=null-text}");
    assertThat(method.nullTextScale()).hasValue(7.5);
    assertThat(PromptToPrompt.DEFAULTS.nullTextScale()).isEmpty();
  }

  @Test
  void aDownscaleIsAPowerOfTwo() {
    for (int downscale : new int[] {0, -4, 3, Integer.MIN_VALUE}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> PromptToPrompt.DEFAULTS.withSelfDownscale(downscale))
          .withMessage("a downscale is 1, 2, 4 and so on, not " + downscale);
    }
  }
}
