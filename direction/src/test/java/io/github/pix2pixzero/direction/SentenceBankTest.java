package io.github.pix2pixzero.direction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.direction.SentenceBank.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SentenceBankTest {
  @TempDir Path folder;

  @Test
  void sentencesAboutTwoWordsDifferInTheWordAlone() {
    ImmutableList<String> cat = SentenceBank.about("cat");
    ImmutableList<String> fox = SentenceBank.about("fox");
    assertThat(cat).hasSizeGreaterThan(100).doesNotHaveDuplicates();
    assertThat(cat.stream().map(sentence -> sentence.replace("cat", "fox"))).isEqualTo(fox);
    assertThat(cat).contains("a photo of a cat", "a sketch of an orange cat in the snow");
  }

  @Test
  void choosesTheArticle() {
    assertThat(SentenceBank.about(" owl ")).contains("a photo of an owl", "a photo of a white owl");
    assertThat(SentenceBank.caption("owl")).isEqualTo("a photo of an owl");
    assertThat(SentenceBank.caption("dog with sunglasses"))
        .isEqualTo("a photo of a dog with sunglasses");
  }

  @Test
  void servesNounsAdjectivesAndStyles() {
    assertThat(Kind.of("dog with sunglasses")).isEqualTo(Kind.NOUN);
    assertThat(Kind.of("wearing a hat")).isEqualTo(Kind.ADJECTIVE);
    assertThat(Kind.of("dark brown")).isEqualTo(Kind.ADJECTIVE);
    assertThat(Kind.of("Oil Painting")).isEqualTo(Kind.STYLE);
    assertThat(SentenceBank.about("dog with sunglasses"))
        .contains("a photo of a white dog with sunglasses in the snow");
    assertThat(SentenceBank.about("wearing a hat")).contains("a sketch of a cat wearing a hat");
    assertThat(SentenceBank.about("brown")).contains("an oil painting of a brown cat at night");
    assertThat(SentenceBank.about("oil painting"))
        .contains("an oil painting of a cat in the city")
        .doesNotHaveDuplicates();
    assertThat(SentenceBank.about("oil painting")).hasSameSizeAs(SentenceBank.about("sketch"));
    assertThat(SentenceBank.about("noir", Kind.STYLE)).contains("a noir of a cat");
  }

  @Test
  void readsTheTextFilesOfAFolder() throws IOException {
    Files.writeString(folder.resolve("b.txt"), "a dog\n");
    Files.writeString(folder.resolve("a.txt"), "a cat\n");
    Files.writeString(folder.resolve("readme.md"), "not a sentence\n");
    assertThat(SentenceBank.read(folder)).containsExactly("a cat", "a dog");
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertThatIOException()
        .isThrownBy(() -> SentenceBank.read(empty))
        .withMessageEndingWith("empty holds no .txt file of sentences");
  }

  @Test
  void refusesABlankWord() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SentenceBank.about("  "))
        .withMessage("there are no sentences about a blank word");
  }

  @Test
  void readsOneSentenceALine() throws IOException {
    Path file = Files.writeString(folder.resolve("cats.txt"), "a cat\n\n  two cats \r\nchats é\n");
    assertThat(SentenceBank.read(file)).containsExactly("a cat", "two cats", "chats é");
  }

  @Test
  void namesAFileThatIsNotOne() throws IOException {
    assertThatIOException()
        .isThrownBy(() -> SentenceBank.read(folder.resolve("none.txt")))
        .withMessageStartingWith("no such file of sentences: ")
        .withMessageEndingWith("none.txt");
    Path empty = Files.writeString(folder.resolve("empty.txt"), "\n \n");
    assertThatIOException()
        .isThrownBy(() -> SentenceBank.read(empty))
        .withMessageEndingWith("empty.txt holds no sentence");
    Path binary = Files.write(folder.resolve("picture.txt"), new byte[] {(byte) 0x89, 'P', 'N'});
    assertThatIOException()
        .isThrownBy(() -> SentenceBank.read(binary))
        .withMessageEndingWith("picture.txt is not a UTF-8 text file of sentences");
  }
}
