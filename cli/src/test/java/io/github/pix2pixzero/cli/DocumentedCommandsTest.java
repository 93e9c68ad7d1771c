package io.github.pix2pixzero.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.picture.PictureFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The commands in the documents parse as they stand, and run one after the other with a single step
 * each and with two sentences a word, so that this does not take minutes. Continuous integration
 * runs the README's as it stands.
 */
class DocumentedCommandsTest {
  private static final Path ROOT = Path.of("..");
  private static final String NAME = "./pix2pix-zero ";
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

  /** What {@link PhotographPageTest} runs. */
  private static final Pattern HUB = Pattern.compile("^(pull|caption) |^info \\w+-\\S+/");

  /** A word that names a file or folder of the reader's. */
  private static final Pattern FILE =
      Pattern.compile("[\\w-]+\\.(png|jpg|safetensors|txt|pt)|rabbits|previews|words|sweep");

  private static final Pattern WITHOUT_STEPS = Pattern.compile("^(direction|info|distill edit) ");

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"README.md, 2", "docs/user-guide.md, 18", "docs/edit-a-photograph.md, 12"})
  void commandsRun(String document, int count) throws IOException {
    prepare();
    List<String> commands = commands(ROOT.resolve(document));
    assertThat(commands).hasSize(count);
    run(commands.stream().filter(command -> !HUB.matcher(command).find()).toList());
  }

  private void run(List<String> commands) {
    for (String command : commands) {
      String[] asItStands = split(command).toArray(String[]::new);
      assertThat(Main.commandLine(null).parseArgs(asItStands).errors()).as(command).isEmpty();
      CommandLineRun run = CommandLineRun.of(words(command).toArray());
      assertThat(run.code()).as("%s: %s", command, run.err()).isZero();
      assertThat(run.out()).startsWith(command.startsWith("info") ? "path " : "wrote ");
    }
  }

  @Test
  void examplesInTheHelpRun() throws IOException {
    prepare();
    List<String> examples = new ArrayList<>();
    for (String command :
        ImmutableList.of("edit", "invert", "direction", "generate", "attention")) {
      CommandLineRun help = CommandLineRun.of(command, "--help");
      assertThat(help.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThan(81));
      examples.addAll(commandsIn(help.out()));
    }
    assertThat(examples).hasSize(14);
    run(examples);
  }

  private void prepare() throws IOException {
    Files.writeString(folder.resolve("cats.txt"), "a cat\na photo of a cat\n");
    Files.writeString(folder.resolve("dogs.txt"), "a dog\na photo of a dog\n");
    Path cat = CommandLineRun.example("cat.png", folder);
    PictureFiles.write(PictureFiles.read(cat), folder.resolve("cat.jpg"));
    Path embeddings = Path.of("../direction/src/test/resources/io/github/pix2pixzero/direction");
    for (String name : new String[] {"cat.pt", "dog.pt"}) {
      Files.copy(embeddings.resolve(name), folder.resolve(name));
    }
  }

  /** Commands in blocks of code; a backslash at the end of a line goes on in the next. */
  static List<String> commands(Path document) throws IOException {
    List<String> commands = new ArrayList<>();
    String[] parts = Files.readString(document).split("```");
    for (int block = 1; block < parts.length; block += 2) {
      commands.addAll(commandsIn(parts[block]));
    }
    return commands;
  }

  private static List<String> commandsIn(String text) {
    return text.replaceAll("\\\\\\R\\s*", "")
        .lines()
        .map(String::strip)
        .filter(line -> line.startsWith(NAME))
        .map(line -> line.substring(NAME.length()))
        .toList();
  }

  static List<String> split(String command) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(command);
    while (matcher.find()) {
      words.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
    }
    return words;
  }

  private List<Object> words(String command) {
    List<Object> words = new ArrayList<>();
    String quick =
        command
            .replaceAll(
                "--from \\w+ --to \\w+", "--source-sentences cats.txt --target-sentences dogs.txt")
            .replaceAll(" --steps \\d+", "")
            .replaceAll(" --model \\S+ --variant fp16", ""); // the bundled one will do
    for (String word : split(quick)) {
      if (word.startsWith("toy-world/")) {
        words.add(ROOT.resolve(word));
      } else {
        words.add(FILE.matcher(word).matches() ? folder.resolve(word) : word);
      }
    }
    if (!WITHOUT_STEPS.matcher(command).find()) {
      words.add("--steps");
      words.add("1");
    }
    return words;
  }
}
