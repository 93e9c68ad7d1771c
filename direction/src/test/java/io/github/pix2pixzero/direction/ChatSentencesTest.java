package io.github.pix2pixzero.direction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatSentencesTest {
  private final List<String> prompts = new ArrayList<>();

  /** A model that gives its answers one after the other, and the last for ever. */
  private SentenceSource model(String... answers) {
    return new ChatSentences(
        prompt -> {
          prompts.add(prompt);
          return answers[Math.min(prompts.size(), answers.length) - 1];
        });
  }

  @Test
  void takesTheSentencesThatAreAboutTheWord() throws Exception {
    SentenceSource source =
        model(
            "1. a cat on a sofa\n- \"two cats\"\n\na dog\nA cat on a sofa.\n* The Cat sleeps\n4: x");

    assertThat(source.about("cat", 3))
        .containsExactly("a cat on a sofa", "two cats", "The Cat sleeps");
    assertThat(prompts.get(0)).contains("Write 3 different captions", "that show: cat.");
  }

  @Test
  void asksAgainForWhatIsMissing() throws Exception {
    assertThat(model("a cat", "a black cat\na cat\na white cat").about("cat", 3))
        .containsExactly("a cat", "a black cat", "a white cat");
    assertThat(prompts).hasSize(2);
    assertThat(prompts.get(1)).contains("Write 2 different").endsWith("already:\na cat");
  }

  @Test
  void asksForManyInParts() throws Exception {
    SentenceSource source =
        new ChatSentences(
            prompt -> {
              int from = prompts.size() * 50;
              prompts.add(prompt);
              return IntStream.range(from, from + 50)
                  .mapToObj(i -> "cat number " + i)
                  .collect(Collectors.joining("\n"));
            });

    assertThat(source.about("cat", 120)).hasSize(120).doesNotHaveDuplicates();
    assertThat(prompts).hasSize(3);
    assertThat(prompts.get(2)).contains("Write 20 different");
  }

  @Test
  void givesUpOnAModelThatRepeatsItself() {
    assertThatIOException()
        .isThrownBy(() -> model("a cat\na dog").about("cat", 2))
        .withMessage("the language model gave 1 usable sentences about cat, 2 were wanted");
    assertThat(prompts).hasSize(4);
  }

  @Test
  void refusesWhatCannotBeAsked() {
    assertThatIllegalArgumentException().isThrownBy(() -> model("").about(" ", 1));
    assertThatIllegalArgumentException().isThrownBy(() -> model("").about("cat", 0));
  }

  @Test
  void aModelOfLangChain4jIsASource() throws Exception {
    ChatModel model =
        new ChatModel() {
          @Override
          public ChatResponse doChat(ChatRequest request) {
            return ChatResponse.builder().aiMessage(AiMessage.from("a cat\na small cat")).build();
          }
        };

    SentenceSource source = new ChatSentences(model::chat);
    List<String> sentences = source.about("cat", 2);

    assertThat(sentences).containsExactly("a cat", "a small cat");
  }

  @Test
  void whatWasAnsweredIsKept(@TempDir Path folder) throws Exception {
    Path cache = folder.resolve("cache");
    SentenceSource source = new CachedSentences(model("a cat\na dog"), "a model", cache);

    assertThat(source.about("cat", 1)).containsExactly("a cat");
    assertThat(source.about("cat", 1)).containsExactly("a cat");
    assertThat(prompts).hasSize(1);
    assertThat(source.about("dog", 1)).containsExactly("a dog");
    new CachedSentences(model("a cat"), "another", cache).about("cat", 1);
    assertThat(prompts).hasSize(3);
    try (Stream<Path> files = Files.list(cache)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .hasSize(3)
          .allMatch(name -> name.endsWith(".txt"));
    }
  }
}
