package io.github.pix2pixzero.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.github.pix2pixzero.guidance.Quality;
import io.github.pix2pixzero.picture.PictureFiles;
import io.github.pix2pixzero.picture.PngTexts;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import io.github.pix2pixzero.tensor.random.PhiloxGenerator;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the commands write, with the bundled model and few steps. */
class CommandsTest {
  private static final String SENTENCES = "SENTENCES";

  /** The embeddings that EditDirectionTest reads, written by PyTorch. */
  private static final Path EMBEDDINGS =
      Path.of("../direction/src/test/resources/io/github/pix2pixzero/direction");

  @TempDir Path folder;
  private Path cat;

  @BeforeEach
  void prepare() throws IOException {
    cat = CommandLineRun.example("cat.png", folder);
    Files.writeString(folder.resolve("cats.txt"), "a cat\na photo of a cat\n");
    Files.writeString(folder.resolve("dogs.txt"), "a dog\na photo of a dog\n");
  }

  @Test
  void severalPicturesGoIntoAFolder() throws IOException {
    Path wide = folder.resolve("wide.bmp");
    PictureFiles.write(new BufferedImage(90, 61, BufferedImage.TYPE_INT_RGB), wide);
    CommandLineRun run =
        run("edit", cat, wide, "--output-dir", at("new/out"), SENTENCES, "--steps 2 --source-size");
    assertThat(run.code()).isZero();
    assertThat(run.out().lines()).hasSize(2);
    assertThat(run.out())
        .contains("wrote " + at("new/out/cat.png") + ", 64x64, 2 steps")
        .contains("wrote " + at("new/out/wide.png") + ", 90x61 (worked at 80x48), 2 steps");
    assertThat(names(at("new/out"))).containsExactlyInAnyOrder("cat.png", "wide.png");
    assertThat(PictureFiles.read(at("new/out/wide.png")).getWidth()).isEqualTo(90);

    run("edit", cat, "-o", at("alone.png"), SENTENCES, "--steps 2");
    assertThat(Files.readAllBytes(at("alone.png")))
        .isEqualTo(Files.readAllBytes(at("new/out/cat.png")));
  }

  @Test
  void aPictureThatFailsDoesNotKeepTheOthersFromTheirs() throws IOException {
    Path other = CommandLineRun.example("dog.png", folder);
    CommandLineRun run =
        run(
            "edit",
            cat,
            other,
            "--output-dir",
            at("out"),
            SENTENCES,
            "--steps 2 --guidance-scale 1e38");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err().lines().filter(line -> line.startsWith("pix2pix-zero: ")))
        .satisfiesExactly(
            first -> assertThat(first).contains("cat.png: the edit ran off to infinity"),
            second -> assertThat(second).contains("dog.png: the edit ran off to infinity"));
    assertThat(names(at("out"))).isEmpty();
  }

  @Test
  void aPngSaysHowItWasMade() throws IOException {
    run(
        "edit",
        cat,
        "-o",
        at("out.png"),
        "--from cat --to dog --steps 1 --seed 3 --caption",
        "a cat, gray");
    assertThat(PngTexts.read(at("out.png")).get(PngTexts.PARAMETERS))
        .startsWith(
            "a cat, gray\n"
                + "Steps: 1, Sampler: DDIM, CFG scale: 3.0, Seed: 3, Size: 64x64, Target caption:"
                + " \"a dog, gray\", Method: beside-trajectory, Contrast: 1.0, Guidance amount:"
                + " 10.0, Guidance steps: 0.25..1.0, Hold background: true, Make room: true,"
                + " Deep every: 2, Model: toy-world, Edit from: cat,"
                + " Edit to: dog, Version: pix2pix-zero ");
    run("edit", cat, "-o", at("old.png"), SENTENCES, "--steps 1 --published --caption", "a cat");
    assertThat(PngTexts.read(at("old.png")).get(PngTexts.PARAMETERS))
        .startsWith("a cat\nNegative prompt: a cat\nSteps: 1, Sampler: DDIM, CFG scale: 5.0,")
        .contains("Method: published, Guidance amount: 0.1, Gradient: reference, Model: toy-world");
    run("edit", cat, "-o", at("out.jpg"), SENTENCES, "--steps 1");
    assertThat(PictureFiles.read(at("out.jpg")).getWidth()).isEqualTo(64);
  }

  @Test
  void anInversionServesManyEdits() throws IOException {
    CommandLineRun invert =
        run("invert", cat, "-o", at("cat.safetensors"), "--steps 2 --caption", "a photo of a cat");
    assertThat(invert.err()).isEqualToNormalizingNewlines("encoding\ninverting, 2 steps\n");
    assertThat(invert.out()).startsWith("wrote " + at("cat.safetensors") + ", 2 steps, inversion ");
    CommandLineRun edit =
        run("edit --inversion", at("cat.safetensors"), "-o", at("a.png"), SENTENCES);
    assertThat(edit.err())
        .isEqualToNormalizingNewlines("sentences\nmasking, 1 step\nediting, 2 steps\ndecoding\n");
    run("edit", cat, "-o", at("b.png"), SENTENCES, "--steps 2 --caption", "a photo of a cat");
    assertThat(Files.readAllBytes(at("a.png"))).isEqualTo(Files.readAllBytes(at("b.png")));
  }

  @Test
  void anInversionHasAsManyStepsAsAnEdit() {
    CommandLineRun invert = run("invert", cat, "-o", at("cat.safetensors"), "--caption", "a cat");
    assertThat(invert.err())
        .isEqualToNormalizingNewlines(
            "encoding\ninverting, " + Quality.STANDARD.steps() + " steps\n");
  }

  @Test
  void writesPreviewsAndTheReconstruction() throws IOException {
    CommandLineRun run =
        run(
            "edit",
            cat,
            "-o",
            at("out.png"),
            SENTENCES,
            "--steps 3 --preview-every 2 --preview-dir",
            at("previews"),
            "--save-reconstruction",
            at("same.png"));
    assertThat(run.code()).isZero();
    assertThat(run.out()).startsWith("wrote " + at("out.png") + " and " + at("same.png"));
    assertThat(names(at("previews"))).containsExactly("out-step-002.png");
    assertThat(PictureFiles.read(at("previews/out-step-002.png")).getWidth()).isEqualTo(64);
    assertThat(PictureFiles.read(at("same.png")).getWidth()).isEqualTo(64);
  }

  @Test
  void generatesAndEditsWhatItGenerated() throws IOException {
    CommandLineRun made =
        run(
            "generate",
            "a photo of a cat",
            "-o",
            at("cat7.png"),
            "--seed 7 --steps 2 --save-inversion",
            at("cat7.safetensors"),
            "--preview-every 1 --preview-dir",
            at("previews"));
    assertThat(made.err()).isEqualToNormalizingNewlines("generating, 2 steps\ndecoding\n");
    assertThat(made.code()).isZero();
    assertThat(PngTexts.read(at("cat7.png")).get(PngTexts.PARAMETERS))
        .startsWith(
            "a photo of a cat\nSteps: 2, Sampler: DDIM, CFG scale: 7.5, Seed: 7, Size: 64x64,");
    assertThat(names(at("previews")))
        .containsExactlyInAnyOrder("cat7-step-001.png", "cat7-step-002.png");
    CommandLineRun edit =
        run(
            "edit --published --inversion",
            at("cat7.safetensors"),
            "-o",
            at("dog7.png"),
            SENTENCES);
    assertThat(edit.code()).isZero();
    assertThat(PngTexts.read(at("dog7.png")).get(PngTexts.PARAMETERS))
        .startsWith("a photo of a cat\nSteps: 2,")
        .contains("Guidance amount: 0.15");
  }

  @Test
  void directionsComeFromWordsSentencesAndEmbeddings() throws IOException {
    assertThat(run("direction -o", at("words.safetensors"), "--from cat --to dog").out())
        .isEqualToNormalizingNewlines(
            "wrote " + at("words.safetensors") + ", for text embeddings of 77 tokens by 192\n");
    assertThat(run("direction -o", at("sentences.safetensors"), SENTENCES).code()).isZero();
    run("edit", cat, "-o", at("a.png"), "--steps 1 --direction", at("sentences.safetensors"));
    run("edit", cat, "-o", at("b.png"), SENTENCES, "--steps 1");
    assertThat(pixels(at("a.png"))).isEqualTo(pixels(at("b.png")));

    CommandLineRun run =
        run(
            "direction -o",
            at("torch.safetensors"),
            "--source-embedding",
            EMBEDDINGS.resolve("cat.pt"),
            "--target-embedding",
            EMBEDDINGS.resolve("dog.pt"));
    assertThat(run.err()).isEmpty();
    try (SafetensorsFile file = SafetensorsFile.open(at("torch.safetensors"))) {
      assertThat(file.entry("direction").shape()).containsExactly(1, 2, 3);
      assertThat(file.readFloats("direction")).containsExactly(3, 1, -1, -3, -5, -7);
    }
  }

  @Test
  void directionsAndStrengthsOfAPictureShareItsInversion() throws IOException {
    run("direction -o", at("a.safetensors"), SENTENCES);
    run("direction -o", at("b.safetensors"), "--strength -1 --sum", at("a.safetensors"));
    CommandLineRun run =
        run(
            "edit",
            cat,
            "--steps 2 --guidance-amount 0 --strength 0.5,1 --output-dir",
            at("out"),
            "--direction",
            at("a.safetensors"),
            "--direction",
            at("b.safetensors"));
    assertThat(run.err())
        .isEqualToNormalizingNewlines(
            "encoding\ninverting, 2 steps\n"
                + "masking, 1 step\nediting, 2 steps\ndecoding\n".repeat(4));
    assertThat(names(at("out")))
        .containsExactlyInAnyOrder(
            "cat-a-strength-0.5.png",
            "cat-a-strength-1.0.png",
            "cat-b-strength-0.5.png",
            "cat-b-strength-1.0.png");
    assertThat(pixels(at("out/cat-a-strength-0.5.png")))
        .isNotEqualTo(pixels(at("out/cat-a-strength-1.0.png")));
    run("edit", cat, "-o", at("alone.png"), SENTENCES, "--steps 2 --guidance-amount 0");
    assertThat(pixels(at("out/cat-a-strength-1.0.png"))).isEqualTo(pixels(at("alone.png")));
    // Turned around and half as strong is the same as minus a half.
    run(
        "edit",
        cat,
        "-o",
        at("minus.png"),
        SENTENCES,
        "--steps 2 --guidance-amount 0 --strength",
        "-0.5");
    assertThat(pixels(at("out/cat-b-strength-0.5.png"))).isEqualTo(pixels(at("minus.png")));
    assertThat(PngTexts.read(at("out/cat-b-strength-0.5.png")).get(PngTexts.PARAMETERS))
        .contains("Strength: 0.5,", "Direction: b.safetensors,");
  }

  @Test
  void meanEmbeddingsServeAsTheyAre() throws IOException {
    float[] zero = new float[77 * 192];
    float[] some = new PhiloxGenerator(1).normal(77 * 192);
    new SafetensorsWriter().add("mean", new long[] {77, 192}, zero).write(at("z.safetensors"));
    new SafetensorsWriter().add("mean", new long[] {77, 192}, some).write(at("s.safetensors"));
    CommandLineRun run =
        run(
            "edit",
            cat,
            "-o",
            at("out.png"),
            "--steps 1 --source-embedding",
            at("z.safetensors"),
            "--target-embedding",
            at("s.safetensors"));
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(PngTexts.read(at("out.png")).get(PngTexts.PARAMETERS))
        .contains("Source embedding: z.safetensors, Target embedding: s.safetensors,");
    assertThat(
            run(
                    "edit",
                    cat,
                    "-o",
                    at("no.png"),
                    "--source-embedding",
                    EMBEDDINGS.resolve("cat.pt"),
                    "--target-embedding",
                    EMBEDDINGS.resolve("dog.pt"))
                .err())
        .contains("the edit direction is for text embeddings of 2 tokens by 3, this model's are");
  }

  @Test
  void aMaskKeepsTheRestAsItIs() throws IOException {
    BufferedImage mask = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 64 * 20; i++) {
      mask.setRGB(i % 20, i / 20, 0xffffff);
    }
    PictureFiles.write(mask, at("mask.png"));
    run(
        "edit",
        cat,
        "-o",
        at("out.png"),
        SENTENCES,
        "--steps 2 --mask",
        at("mask.png"),
        "--save-reconstruction",
        at("same.png"));
    run(
        "edit",
        cat,
        "-o",
        at("free.png"),
        SENTENCES,
        "--steps 2 --no-hold-background --no-make-room --deep-every 1");
    // Far from the mask nothing differs but what the autoencoder normalises over all pixels.
    int[] same = pixels(at("same.png"));
    assertThat(farDifference(pixels(at("out.png")), same))
        .isLessThan(farDifference(pixels(at("free.png")), same) / 4);
    CommandLineRun word =
        run(
            "edit",
            cat,
            "-o",
            at("word.png"),
            SENTENCES,
            "--steps 2 --mask-word cat --mask-threshold 0.4 --caption",
            "a cat");
    assertThat(word.err())
        .isEqualToNormalizingNewlines(
            "sentences\nencoding\ninverting, 2 steps\nlooking, 2 steps\nediting, 2 steps\n"
                + "decoding\n");
  }

  /** Mean difference of green over the right half. */
  private static double farDifference(int[] one, int[] other) {
    double sum = 0;
    for (int i = 0; i < one.length; i++) {
      if (i % 64 >= 32) {
        sum += Math.abs((one[i] >> 8 & 0xff) - (other[i] >> 8 & 0xff));
      }
    }
    return sum / (one.length / 2.0);
  }

  @Test
  void aLanguageModelWritesSentences() throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress("localhost", 0), 0);
    List<String> keys = new ArrayList<>();
    server.createContext(
        "/v1/chat/completions",
        exchange -> {
          String asked = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
          keys.add(exchange.getRequestHeaders().getFirst("Authorization"));
          String word = asked.contains("that show: cat.") ? "cat" : "dog";
          byte[] answer =
              "{\"choices\": [{\"message\": {\"content\": \"a %s\\nmy %s\"}}]}"
                  .formatted(word, word)
                  .getBytes(UTF_8);
          exchange.sendResponseHeaders(keys.size() > 2 ? 401 : 200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    try {
      Files.writeString(at("key.txt"), "secret\n");
      String url = "http://localhost:" + server.getAddress().getPort() + "/v1";
      Object[] chat = {
        "direction -o",
        at("d.safetensors"),
        "--from cat --to dog --chat-sentences 2 --chat-model m --chat-url",
        url,
        "--chat-key-file",
        at("key.txt"),
        "--cache-dir",
        at("cache")
      };
      CommandLineRun run = run(chat);
      assertThat(run.code()).as(run.err()).isZero();
      assertThat(keys).containsExactly("Bearer secret", "Bearer secret");
      assertThat(run(chat).code()).isZero(); // from the cache
      assertThat(keys).hasSize(2);
      try (SafetensorsFile file = SafetensorsFile.open(at("d.safetensors"))) {
        assertThat(file.metadata())
            .containsEntry("target_example", "a dog")
            .containsEntry("source_sentences", "2")
            .containsEntry("from", "cat");
      }
      chat[chat.length - 1] = at("other");
      CommandLineRun refused = run(chat);
      assertThat(refused.code()).isEqualTo(1);
      assertThat(refused.err())
          .contains("m at " + url + " answered with status 401; is OPENAI_API_KEY right?")
          .doesNotContain("secret");
    } finally {
      server.stop(0);
    }
  }

  @Test
  void attentionIsShownOnASheetAndWordByWord() throws IOException {
    CommandLineRun run =
        run(
            "attention",
            cat,
            "-o",
            at("sheet.png"),
            "--steps 2 --output-dir",
            at("words"),
            "--caption",
            "a photo of a cat");
    assertThat(run.err())
        .isEqualToNormalizingNewlines("encoding\ninverting, 2 steps\nlooking, 2 steps\n");
    assertThat(run.out())
        .isEqualToNormalizingNewlines("wrote " + at("sheet.png") + ", words: a, photo, of, cat\n");
    assertThat(names(at("words")))
        .containsExactlyInAnyOrder("1-a.png", "2-photo.png", "3-of.png", "4-cat.png");
    BufferedImage overlay = PictureFiles.read(at("words/4-cat.png"));
    assertThat(overlay.getWidth()).isEqualTo(64);
    BufferedImage sheet = PictureFiles.read(at("sheet.png"));
    // Three columns of 128 pixels and two rows of 128 and a label, with gaps of 8.
    assertThat(sheet.getWidth()).isEqualTo(3 * 136 + 8);
    assertThat(sheet.getHeight()).isEqualTo(2 * (128 + 16 + 8 + 8) + 8);
    int pixel = sheet.getRGB(8 + 136 + 5, 8 + 160 + 9);
    assertThat(pixel).isEqualTo(overlay.getRGB(2, 4)); // the fifth tile, twice the size
    assertThat(labelInk(sheet, 8 + 136, 8 + 160 + 128)).isTrue();

    Path inversion = at("i.safetensors");
    run("generate", "a cat", "-o", at("made.png"), "--steps 1 --save-inversion", inversion);
    assertThat(run("attention --inversion", inversion, "-o", at("made-words.png")).out())
        .contains("words: a, cat");
  }

  @Test
  void twoRunsAtOnceDoNotDisturbEachOther()
      throws InterruptedException, ExecutionException, IOException {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<CommandLineRun>> runs = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        runs.add(
            threads.submit(() -> run("edit", cat, "-o", at("out.png"), SENTENCES, "--steps 2")));
      }
      for (Future<CommandLineRun> run : runs) {
        assertThat(run.get().code()).isZero();
      }
    } finally {
      threads.shutdownNow();
    }
    run("edit", cat, "-o", at("alone.png"), SENTENCES, "--steps 2");
    assertThat(Files.readAllBytes(at("out.png"))).isEqualTo(Files.readAllBytes(at("alone.png")));
    assertThat(names(folder)).noneMatch(name -> name.endsWith(".tmp"));
  }

  @Test
  void completesInTheShell() {
    CommandLineRun run = run("generate-completion");
    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains("complete -F _complete_pix2pix-zero")
        .contains("--preview-every", "attention", "--source-embedding");
  }

  // ------------------------------------------------------------------ helpers

  /** Runs a command; arguments that begin with an option or command are split at spaces. */
  private CommandLineRun run(Object... arguments) {
    List<Object> words = new ArrayList<>();
    for (Object argument : arguments) {
      if (argument == SENTENCES) {
        words.addAll(
            List.of("--source-sentences", at("cats.txt"), "--target-sentences", at("dogs.txt")));
      } else if (argument instanceof String text && (text.contains("-"))) {
        words.addAll(List.of(text.split(" ")));
      } else {
        words.add(argument);
      }
    }
    return CommandLineRun.of(words.toArray());
  }

  private Path at(String name) {
    return folder.resolve(name);
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private static int[] pixels(Path file) throws IOException {
    BufferedImage picture = PictureFiles.read(file);
    int width = picture.getWidth();
    return picture.getRGB(0, 0, width, picture.getHeight(), null, 0, width);
  }

  private static boolean labelInk(BufferedImage sheet, int left, int top) {
    for (int y = top; y < top + 20; y++) {
      for (int x = left; x < left + 128; x++) {
        if ((sheet.getRGB(x, y) & 0xff) < 0x80) {
          return true;
        }
      }
    }
    return false;
  }

  /** The folder of previews is gone while the first picture is edited, and there for the second. */
  @Test
  void aPictureThatCannotBeWrittenDoesNotKeepTheOthersFromTheirs() throws IOException {
    Path previews = at("previews");
    CommandLineRun run =
        CommandLineRun.watched(
            line -> {
              if (line.startsWith("inverting")) {
                boolean gone = previews.toFile().delete() || previews.toFile().mkdir();
                assertThat(gone).isTrue();
              }
            },
            "edit",
            cat,
            CommandLineRun.example("dog.png", folder),
            "--output-dir",
            at("out"),
            "--source-sentences",
            at("cats.txt"),
            "--target-sentences",
            at("dogs.txt"),
            "--steps=1",
            "--preview-every=1",
            "--preview-dir",
            previews);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err().lines().filter(line -> line.startsWith("pix2pix-zero: ")))
        .singleElement()
        .asString()
        .contains("cat.png: no such file: " + previews);
    assertThat(names(at("out"))).containsExactly("dog.png");
    assertThat(names(previews)).containsExactly("dog-step-001.png");
  }

  /** As {@code edit <(cat cat.png)} names its input. */
  @Test
  void aPipeIsReadOnce() throws Exception {
    Path pipe = at("pipe.png");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    byte[] bytes = Files.readAllBytes(cat);
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try {
      Future<Path> fed = executor.submit(() -> Files.write(pipe, bytes));
      CommandLineRun run = run("edit", pipe, "-o", at("a.png"), SENTENCES, "--steps 1");
      assertThat(run.code()).as(run.err()).isZero();
      fed.get();
    } finally {
      executor.shutdownNow();
    }
    run("edit", cat, "-o", at("b.png"), SENTENCES, "--steps 1");
    assertThat(Files.readAllBytes(at("a.png"))).isEqualTo(Files.readAllBytes(at("b.png")));
    assertThat(run("info", pipe).err()).contains("pipe.png is a pipe or device");
  }

  @Test
  void namesHaveLatinDigitsInEveryLocale() throws IOException {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
    try {
      CommandLineRun run =
          run(
              "generate cat -o",
              at("out.png"),
              "--steps 1 --preview-every 1 --preview-dir",
              at("previews"));
      assertThat(run.out()).matches("\\p{ASCII}+").contains("64x64, 1 step, ");
      assertThat(names(at("previews"))).containsExactly("out-step-001.png");
    } finally {
      Locale.setDefault(before);
    }
  }
}
