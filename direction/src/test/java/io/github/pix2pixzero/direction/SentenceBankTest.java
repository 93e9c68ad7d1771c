package io.github.pix2pixzero.direction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SentenceBankTest {
  @TempDir Path folder;

  @Test
  void sentencesAboutTwoWordsDifferInTheWordAlone() {
    List<String> cat = SentenceBank.about("cat");
    List<String> fox = SentenceBank.about("fox");
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
