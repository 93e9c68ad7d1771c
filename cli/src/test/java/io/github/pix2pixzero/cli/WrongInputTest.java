package io.github.pix2pixzero.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.direction.EditDirection;
import io.github.pix2pixzero.picture.PictureFiles;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backends;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Wrong input gets one line and an exit code, and an existing OUTPUT stays as it was. */
class WrongInputTest {
  private static final String OLD = "what was there before";

  @TempDir Path folder;

  @BeforeEach
  void prepare() throws IOException {
    CommandLineRun.example("cat.png", folder);
    Files.writeString(folder.resolve("out.png"), OLD);
    Files.writeString(folder.resolve("text.png"), "no picture");
    BufferedImage small = new BufferedImage(8, 9, BufferedImage.TYPE_BYTE_GRAY);
    PictureFiles.write(small, folder.resolve("small.png"));
    Files.writeString(folder.resolve("sentences.txt"), "a cat\na photo of a cat\n");
    Files.writeString(folder.resolve("blank.txt"), " \n\n");
    new EditDirection(
            Tensor.of(Backends.named("plain", 1), new float[6], 1, 2, 3), ImmutableMap.of())
        .write(folder.resolve("narrow.safetensors"));
    Files.createDirectory(folder.resolve("empty"));
    Files.createDirectory(folder.resolve("empty.safetensors"));
    Files.createSymbolicLink(folder.resolve("linked"), Path.of("."));
    Files.createSymbolicLink(folder.resolve("dangling.png"), Path.of("nope", "out.png"));
    for (String part : new String[] {"unet", "vae", "text_encoder", "tokenizer", "scheduler"}) {
      Path config = folder.resolve("broken").resolve(part);
      Files.createDirectories(config);
      String name =
          switch (part) {
            case "tokenizer" -> "vocab.json";
            case "scheduler" -> "scheduler_config.json";
            default -> "config.json";
          };
      Files.writeString(config.resolve(name), "{}");
    }
  }

  static Stream<Arguments> usage() {
    String edit = "edit cat.png -o out.png ";
    String words = edit + "--from cat --to dog ";
    return Stream.of(
        Arguments.of("", "name a command"),
        Arguments.of("draw", "'draw'"),
        Arguments.of("--bogus", "Unknown option: '--bogus'"),
        Arguments.of("edit", "Missing required option: '--output=OUTPUT'"),
        Arguments.of("edit cat.png --from cat --to dog", "'--output=OUTPUT'"),
        Arguments.of("edit -o out.png --from cat --to dog", "'INPUT'"),
        Arguments.of(edit, "say what to change: --from and --to, or --direction, or"),
        Arguments.of(edit + "--from cat", "--from needs --to"),
        Arguments.of(edit + "--to cat", "--to needs --from"),
        Arguments.of(edit + "--from", "--from"),
        Arguments.of(edit + "--source-sentences a", "--source-sentences needs --target-sentences"),
        Arguments.of(edit + "--target-sentences a", "--target-sentences needs --source-sentences"),
        Arguments.of(words + "--direction a", "--direction does not go with words, sentences or"),
        Arguments.of(edit + "--from cat --direction a", "--direction does not go with words"),
        Arguments.of(words + "--source-sentences a", "only one kind can say what to change"),
        Arguments.of(edit + "--source-sentences a --direction b", "--direction does not go with"),
        Arguments.of(edit + "--from = --to dog", "no sentences about a blank word"),
        Arguments.of(edit + "--from cat --to ===", "no sentences about a blank word"),
        Arguments.of(words + "--steps 0", "the number of steps should be 1 to 999, it is 0"),
        Arguments.of(words + "--steps -1", "it is -1"),
        Arguments.of(words + "--steps many", "'--steps': 'many' is not an int"),
        Arguments.of(words + "--steps 1000", "it is 1000"),
        Arguments.of(words + "--guidance-amount -0.1", "guidance amount should be 0 or more"),
        Arguments.of(words + "--guidance-amount NaN", "guidance amount should be 0 or more"),
        Arguments.of(words + "--guidance-scale -1", "guidance scale should be 0 or more"),
        Arguments.of(words + "--gradient half", "'--gradient'"),
        Arguments.of(words + "--gradient full", "--gradient goes with --method published"),
        Arguments.of(words + "--method other", "there is no method other; there are"),
        Arguments.of(words + "--published --method published", "--published does not go with"),
        Arguments.of(words + "--cross-steps 2 --method prompt-to-prompt", "0 or more to 1 or less"),
        Arguments.of(words + "--cross-steps 1", "goes with --method prompt-to-prompt"),
        Arguments.of(words + "--regularization x", "should be published or none, it is x"),
        Arguments.of(edit + "--direction a --target-caption a", "go with --target-caption"),
        Arguments.of(words + "--variant fp16", "--config and --variant go with --model"),
        Arguments.of(words + "--seed x", "'--seed': 'x' is not a long"),
        Arguments.of(words + "--threads 0", "--threads should be 1 to 1024, it is 0"),
        Arguments.of(words + "--bogus", "Unknown option: '--bogus'"),
        Arguments.of(words + "dog.png", "several pictures need --output-dir instead of --output"),
        Arguments.of(words + "--output-dir d", "--output does not go with --output-dir"),
        Arguments.of(words + "--inversion i", "INPUT does not go with --inversion"),
        Arguments.of(words + "--strength 1,2", "several directions or strengths need --output-dir"),
        Arguments.of(words + "--strength NaN", "--strength should be a number, it is NaN"),
        Arguments.of(words + "--strength strong", "'--strength'"),
        Arguments.of(
            "edit cat.png --output-dir d --direction a.pt --direction b/a.pt", "would both become"),
        Arguments.of(words + "--mask m --mask-word cat", "--mask does not go with --mask-word"),
        Arguments.of(words + "--mask m --no-hold-background", "holds nothing"),
        Arguments.of(words + "--mask m --published", "--mask does not go with --method published"),
        Arguments.of(words + "--mask-threshold 0.5", "--mask-threshold goes with --mask-word"),
        Arguments.of(words + "--mask-word cat --mask-threshold 1", "of a mask should be 0 or more"),
        Arguments.of(words + "--contrast -1", "the contrast should be 0 or more, it is -1.0"),
        Arguments.of(words + "--chat-url http://a", "go with --chat-model"),
        Arguments.of(
            words + "--chat-model m --chat-url http://a --chat-sentences 0",
            "--chat-sentences should be 1 to 1000, it is 0"),
        Arguments.of(
            edit + "--source-sentences a --target-sentences b --chat-model m --chat-url http://a",
            "--chat-model needs --from and --to"),
        Arguments.of(
            "edit cat.png nope/cat.jpg --output-dir empty --from cat --to dog",
            "would both become"),
        Arguments.of(words + "--fit squash", "'--fit'"),
        Arguments.of(words + "--background red", "--background should be a colour such as ffffff"),
        Arguments.of(words + "--preview-every 2", "--preview-every and --preview-dir go together"),
        Arguments.of(words + "--preview-every 0 --preview-dir d", "--preview-every should be 1 or"),
        Arguments.of(words + "--save-reconstruction r.webp", "--save-reconstruction should be a"),
        Arguments.of("invert cat.png", "'--output=FILE'"),
        Arguments.of(
            "invert cat.png -o i.safetensors --steps 0",
            "number of steps should be 1 to 999, it is 0"),
        Arguments.of(
            "direction -o d.safetensors",
            "say what to change: --from and --to, or --source-sentences"),
        Arguments.of("direction -o d.safetensors --from cat", "--from needs --to"),
        Arguments.of(
            "direction -o d.safetensors --source-embedding a",
            "--source-embedding needs --target-embedding"),
        Arguments.of(
            "direction -o d.safetensors --from cat --to dog --source-embedding a --target-embedding b",
            "only one kind can say what to change"),
        Arguments.of(
            "direction -o d.safetensors --sum a --from cat --to dog", "--sum does not go with"),
        Arguments.of("generate -o out.png", "'PROMPT'"),
        Arguments.of("generate cat -o out.webp", "it is out.webp"),
        Arguments.of("generate cat -o out.png --width -8", "--width should be 1 or more, it is -8"),
        Arguments.of("generate cat -o out.png --height 0", "--height should be 1 or more, it is 0"),
        Arguments.of("generate cat -o out.png --guidance-scale NaN", "guidance scale should be 0"),
        Arguments.of("attention -o out.png", "give either an INPUT or --inversion"),
        Arguments.of("attention cat.png -o out.png", "INPUT needs --caption"),
        Arguments.of(
            "attention --inversion i -o out.png --caption a", "do not go with --inversion"),
        Arguments.of(words + "-o other.png", "'--output'"),
        Arguments.of("edit cat.png -o out.webp --from cat --to dog", "it is out.webp"),
        Arguments.of("edit cat.png -o out --from cat --to dog", "it is out"),
        Arguments.of(words + "--save-reconstruction out.png", "are the same file"),
        Arguments.of("edti", "'edti'; did you mean edit?"),
        Arguments.of("atention cat.png", "; did you mean attention?"),
        Arguments.of("frobnicate", "'frobnicate'; see"),
        Arguments.of(words + "--guidance-scal 1", "did you mean --guidance-scale?"),
        Arguments.of(words + "--guidance 1", "mean --guidance-amount or --guidance-scale or"),
        Arguments.of(words + "--setps=3", "did you mean --steps?"),
        Arguments.of(words + "--no-hold", "did you mean --no-hold-background?"),
        Arguments.of(words + "--strenght 1", "did you mean --strength?"),
        Arguments.of(words + "--frobnicate", "'--frobnicate'; see"),
        Arguments.of(words + "--strength ,", "--strength should be a number or several"),
        Arguments.of("edit cat.png -o cat.png --from cat --to dog", "INPUT and --output are"),
        Arguments.of("edit cat.png --output-dir linked --from cat --to dog", "INPUT and a result"),
        Arguments.of(words + "--save-latents cat.png", "--save-latents should be a .safetensors"),
        Arguments.of(words + "--save-reconstruction linked/cat.png", "INPUT and --save-recon"),
        Arguments.of("edit cat.png -o small.png --direction a --mask small.png", "--mask and"),
        Arguments.of("edit --inversion out.png -o out.png --from cat --to dog", "--inversion and"),
        Arguments.of("invert cat.png -o dog.png", "--output should be a .safetensors file, it is"),
        Arguments.of(
            "invert cat.png -o narrow.safetensors --model narrow.safetensors",
            "--model and --output are"),
        Arguments.of("attention cat.png -o cat.png --caption a", "INPUT and --output are the same"),
        Arguments.of(
            "direction -o narrow.safetensors --sum linked/narrow.safetensors",
            "--sum and --output are the same file"),
        Arguments.of(
            "generate cat -o out.png --save-inversion a.png", "--save-inversion should be"));
  }

  static Stream<Arguments> files() {
    String edit = "edit cat.png -o out.png ";
    String words = " --from cat --to dog ";
    return Stream.of(
        Arguments.of("edit nope.png -o out.png" + words, "no such file: .*nope.png"),
        Arguments.of("edit empty -o out.png" + words, ".*empty is a folder, not a picture"),
        Arguments.of("edit text.png -o out.png" + words, ".*text.png is not a picture .*"),
        Arguments.of("edit cat.png -o nope/out.png" + words, "no such folder: .*nope"),
        Arguments.of("edit cat.png -o dangling.png" + words, "no such folder: .*nope"),
        Arguments.of("edit cat.png -o cat.png/out.png" + words, "no such folder: .*cat.png"),
        Arguments.of(
            "edit cat.png text.png --output-dir empty" + words, ".*text.png is not a picture .*"),
        Arguments.of(
            "edit cat.png --output-dir sentences.txt" + words,
            ".*sentences.txt is a file, not a folder"),
        Arguments.of(
            edit + words + "--preview-every 1 --preview-dir sentences.txt",
            ".*sentences.txt is a file, not a folder"),
        Arguments.of(
            "edit --inversion narrow.safetensors -o out.png" + words,
            ".*narrow.safetensors is not an inversion file"),
        Arguments.of("edit --inversion nope -o out.png" + words, "no such file: .*nope"),
        Arguments.of(edit + words + "--mask nope", "no such file: .*nope"),
        Arguments.of(edit + words + "--mask text.png", ".*text.png is not a picture .*"),
        Arguments.of(
            edit + words + "--mask small.png --steps 1",
            "the mask is 8 x 9 pixels, the picture 64 x 64"),
        Arguments.of(
            edit + words + "--chat-model m --chat-url http://a --chat-key-file blank.txt",
            ".*blank.txt holds no key: its first line is empty"),
        Arguments.of("invert cat.png -o empty.safetensors", ".*s is a folder, not a file to write"),
        Arguments.of("invert text.png -o nope.safetensors", ".*text.png is not a picture .*"),
        Arguments.of(
            "direction -o nope.safetensors --source-embedding narrow.safetensors --target-embedding cat.png",
            ".*cat.png: .*"),
        Arguments.of(
            "generate cat -o out.png --width 40",
            "the width of a picture should be a multiple of 16, it is 40"),
        Arguments.of(
            "generate cat -o out.png --width 2147483632 --height 16",
            "too many elements in a tensor of .*"),
        Arguments.of(
            edit + words + "--mask-word zebra", "the prompt has no word \"zebra\", it has a, .*"),
        Arguments.of(
            "edit cat.png -o " + "x".repeat(260) + ".png" + words, ".*xxx.png: File name too long"),
        Arguments.of(edit + words + "--save-latents nope/l.safetensors", "no such folder: .*nope"),
        Arguments.of(
            edit + words + "--save-latents empty.safetensors", ".*s is a folder, not a file .*"),
        Arguments.of(edit + words + "--model nope", "no such folder or file: .*nope"),
        Arguments.of(
            edit + words + "--model cat.png",
            ".*cat.png is no checkpoint: neither a folder nor a file called .safetensors, .*"),
        Arguments.of(
            edit + words + "--model empty",
            ".*empty is not a diffusers checkpoint: it has no unet/config.json"),
        Arguments.of(edit + words + "--model broken", ".*broken.*"),
        Arguments.of(
            edit + words + "--device abacus", "there is no backend for the device abacus .*"),
        Arguments.of(edit + "--direction nope", "no such file: .*nope"),
        Arguments.of(edit + "--direction empty", ".*empty: a folder, not a file"),
        Arguments.of(edit + "--direction cat.png", ".*cat.png: .*"),
        Arguments.of(
            edit + "--direction narrow.safetensors",
            "the edit direction is for text embeddings of 2 tokens by 3, this model's are 77 by"
                + " 192"),
        Arguments.of(
            edit + "--source-sentences sentences.txt --target-sentences nope",
            "no such file of sentences: .*nope"),
        Arguments.of(
            edit + "--source-sentences blank.txt --target-sentences sentences.txt",
            ".*blank.txt holds no sentence"),
        Arguments.of(
            edit + "--source-sentences sentences.txt --target-sentences cat.png",
            ".*cat.png is not a UTF-8 text file of sentences"),
        Arguments.of(
            edit + "--source-sentences empty --target-sentences sentences.txt",
            ".*empty holds no .txt file of sentences"));
  }

  @ParameterizedTest
  @MethodSource("usage")
  void usageErrorsExitWithTwo(String line, String expected) throws IOException {
    CommandLineRun run = run(line);
    assertFailed(run, 2);
    assertThat(run.err()).contains(expected).contains("; see pix2pix-zero");
  }

  @ParameterizedTest
  @MethodSource("files")
  void wrongFilesExitWithOne(String line, String expected) throws IOException {
    CommandLineRun run = run(line);
    assertFailed(run, 1);
    assertThat(run.err().strip()).matches("pix2pix-zero: " + expected);
  }

  @Test
  void anOutputFolderThatTakesNoFilesIsFoundOutBeforeTheWork() throws IOException {
    // Permissions do not stop root, who runs some builds; a pseudo file system does.
    Path pseudo = Path.of("/proc");
    Path unwritable = Files.isDirectory(pseudo) ? pseudo : readOnly(folder.resolve("empty"));
    CommandLineRun run =
        CommandLineRun.of(
            "edit",
            folder.resolve("cat.png"),
            "-o",
            unwritable.resolve("out.png"),
            "--from",
            "cat",
            "--to",
            "dog");
    assertFailed(run, 1);
    assertThat(run.err().strip())
        .startsWith("pix2pix-zero: cannot write to the folder " + unwritable + ": ")
        .doesNotContain(".tmp"); // but a reason
  }

  @Test
  void verboseShowsWhereAnErrorComesFrom() {
    CommandLineRun run = run("edit nope.png -o out.png --from cat --to dog --verbose");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("\tat io.github.pix2pixzero.").contains("pix2pix-zero: no such");
  }

  private static Path readOnly(Path directory) {
    assertThat(directory.toFile().setWritable(false)).isTrue();
    return directory;
  }

  /** Runs a line whose words are split at spaces; names of files stand for those in the folder. */
  private CommandLineRun run(String line) {
    Object[] words =
        Stream.of(line.split(" ")).filter(word -> !word.isEmpty()).map(this::word).toArray();
    return CommandLineRun.of(words);
  }

  private Object word(String word) {
    if (word.matches("=+")) {
      return " ".repeat(word.length() - 1); // a blank argument
    }
    boolean file = word.matches(".*\\.(png|txt|safetensors)|nope|empty|broken|linked|.*/.*");
    return file ? folder.resolve(word) : word;
  }

  private void assertFailed(CommandLineRun run, int code) throws IOException {
    assertThat(run.err()).startsWith("pix2pix-zero: ").hasLineCount(1);
    assertThat(run.code()).isEqualTo(code);
    assertThat(run.out()).isEmpty();
    assertThat(folder.resolve("out.png")).hasContent(OLD);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "cat.png",
              "out.png",
              "text.png",
              "small.png",
              "sentences.txt",
              "blank.txt",
              "narrow.safetensors",
              "empty",
              "empty.safetensors",
              "linked",
              "dangling.png",
              "broken");
    }
  }
}
