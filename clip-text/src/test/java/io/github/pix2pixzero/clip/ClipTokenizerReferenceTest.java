package io.github.pix2pixzero.clip;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ids against those of transformers 5.17's CLIPTokenizer. */
class ClipTokenizerReferenceTest {
  record Case(String text, int[] ids) {}

  record Variant(String name, JsonNode config, JsonNode map, int pad, List<Case> cases) {
    @Override
    public String toString() {
      return name;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tokenizer-clip", "tokenizer-toy"})
  void encodesEveryText(String folder) {
    ClipTokenizer tokenizer = TestTokenizers.load(folder);
    List<Case> cases = TestTokenizers.json(folder + "/cases.json", new TypeReference<>() {});

    assertThat(cases).hasSize(128);
    assertSameIds(tokenizer, cases);
  }

  @ParameterizedTest
  @MethodSource("variants")
  void readsTheConfigLikeTheReference(Variant variant) throws IOException {
    TokenizerConfig config =
        TokenizerConfig.read(TestTokenizers.stream(variant.config().toString()));
    if (!variant.map().isNull()) {
      config = config.withSpecialTokensMap(TestTokenizers.stream(variant.map().toString()));
    }
    ClipTokenizer tokenizer = TestTokenizers.clip(config);

    assertThat(tokenizer.padId()).isEqualTo(variant.pad());
    assertThat(variant.cases()).isNotEmpty();
    assertSameIds(tokenizer, variant.cases());
  }

  static List<Variant> variants() {
    return TestTokenizers.json("tokenizer-clip/variants.json", new TypeReference<>() {});
  }

  @Test
  void knowsThePublishedIds() {
    ClipTokenizer clip = TestTokenizers.CLIP;

    assertThat(clip.vocabularySize()).isEqualTo(49_408);
    assertThat(clip.beginId()).isEqualTo(49_406);
    assertThat(clip.endId()).isEqualTo(49_407);
    assertThat(clip.padId()).isEqualTo(49_407);
    assertThat(clip.maxLength()).isEqualTo(77);
    assertThat(TestTokenizers.SD2.padId()).isZero();
  }

  @Test
  void carriesThePublishedVocabulary() throws IOException {
    ClipTokenizer carried = ClipTokenizer.published(TokenizerConfig.defaults());
    Map<String, Integer> vocabulary =
        TestTokenizers.json("tokenizer-clip/vocab.json", new TypeReference<>() {});

    assertThat(carried.vocabularySize()).isEqualTo(vocabulary.size());
    assertThat(vocabulary).allSatisfy((t, id) -> assertThat(carried.token(id)).isEqualTo(t));
    assertSameIds(
        carried, TestTokenizers.json("tokenizer-clip/cases.json", new TypeReference<>() {}));
  }

  private static void assertSameIds(ClipTokenizer tokenizer, List<Case> cases) {
    assertThat(cases)
        .allSatisfy(
            c -> assertThat(tokenizer.encode(c.text())).as(c.text()).containsExactly(c.ids()));
  }
}
