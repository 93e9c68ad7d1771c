package io.github.pix2pixzero.clip;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** What holds for any string, well formed or not. */
class ClipTokenizerPropertyTest {
  private static final int TEXTS = 500;

  private static final String[] SNIPPETS = {
    " ",
    "\t\n",
    "'",
    "'s",
    "'LL",
    "!",
    "<|",
    "|>",
    "<|startoftext|>",
    "<|ENDOFTEXT|>",
    "</w>",
    "\u0301",
    "\u0130",
    "\u03a3",
    "cat",
    "\ud83d\ude42",
    "\ud83d",
    "\ude42",
    "\0",
    "7",
    "\u2028",
    "\ufeff"
  };

  @RepeatedTest(4)
  void everyStringEncodes(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    ClipTokenizer toy = TestTokenizers.load("tokenizer-toy");
    TestTokenizers.logOf(
        () -> {
          for (int i = 0; i < TEXTS; i++) {
            String text = randomText(random);
            holds(TestTokenizers.CLIP, text);
            holds(TestTokenizers.SD2, text);
            holds(toy, text);
          }
        });
  }

  private static void holds(ClipTokenizer tokenizer, String text) {
    int[] ids = tokenizer.encode(text);
    Encoding encoding = tokenizer.tokenize(text);
    int length = encoding.tokens().size();

    assertThat(ids).as(text).hasSize(77).isEqualTo(tokenizer.encode(text));
    assertThat(Arrays.stream(ids)).allMatch(id -> id >= 0 && id < tokenizer.vocabularySize());
    assertThat(Arrays.copyOf(ids, length)).isEqualTo(encoding.ids());
    assertThat(Arrays.stream(ids, length, 77)).allMatch(id -> id == tokenizer.padId());
    assertRangesCoverTheText(encoding);
    assertThat(tokenizer.decode(ids)).isNotNull();
  }

  /** Ranges ascend, are never empty but for begin and end, and leave out nothing but spaces. */
  private static void assertRangesCoverTheText(Encoding encoding) {
    int covered = 0;
    for (Encoding.Token token : encoding.tokens().subList(1, encoding.tokens().size() - 1)) {
      assertThat(token.end()).isGreaterThan(token.start());
      if (token.start() > covered) {
        assertThat(encoding.text().substring(covered, token.start())).isEqualTo(" ");
      }
      assertThat(token.end()).isGreaterThanOrEqualTo(covered);
      covered = token.end();
    }
    if (encoding.isTruncated()) {
      assertThat(encoding.text().strip()).endsWith(encoding.truncated());
    } else {
      assertThat(encoding.text().substring(covered)).isBlank();
    }
  }

  /** Quadratic time over a word that never ends would take minutes here. */
  @Test
  void aVeryLongWordIsNoTrouble() {
    Encoding encoding = TestTokenizers.CLIP.tokenize("\ud83d\ude42".repeat(100_000));

    assertThat(encoding.tokens()).hasSize(77);
    assertThat(encoding.truncated().length()).isGreaterThan(199_000);
  }

  private static String randomText(Random random) {
    StringBuilder text = new StringBuilder();
    for (int parts = random.nextInt(60); parts > 0; parts--) {
      switch (random.nextInt(4)) {
        case 0 -> text.append(SNIPPETS[random.nextInt(SNIPPETS.length)]);
        case 1 -> text.append((char) random.nextInt(0x10000));
        case 2 -> text.appendCodePoint(random.nextInt(Character.MAX_CODE_POINT + 1));
        default -> text.append((char) (' ' + random.nextInt(95)));
      }
    }
    return text.toString();
  }
}
