package io.github.pix2pixzero;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.Progress.Stage;
import io.github.pix2pixzero.direction.EditDirection;
import io.github.pix2pixzero.guidance.BesideTrajectory;
import io.github.pix2pixzero.guidance.EditMethod;
import io.github.pix2pixzero.guidance.EditTask;
import io.github.pix2pixzero.guidance.GuidanceLoss;
import io.github.pix2pixzero.guidance.LatentPair;
import io.github.pix2pixzero.guidance.PromptToPrompt;
import io.github.pix2pixzero.guidance.Published;
import io.github.pix2pixzero.picture.PictureFit;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.unet.AttentionSite;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.imageio.ImageIO;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Short edits with the bundled model, loaded once. */
class Pix2PixZeroTest {
  private static final Backend BACKEND = Backends.named("vector", 2);
  private static final List<String> CATS = List.of("a cat", "a photo of a cat");
  private static final List<String> DOGS = List.of("a dog", "a photo of a dog");
  private static final List<String> BEARS = List.of("a bear", "a photo of a bear");
  private static final EditOptions CAT_TO_DOG =
      EditOptions.builder().sentences(CATS, DOGS).caption("a photo of a gray cat").steps(3).build();

  private static Pix2PixZero model;
  private static BufferedImage cat;

  @TempDir Path folder;

  @BeforeAll
  static void load() throws IOException {
    model = Pix2PixZero.loadBundled(BACKEND);
    try (InputStream in =
        Pix2PixZeroTest.class.getResourceAsStream(
            "/io/github/pix2pixzero/toyworld/examples/cat.png")) {
      cat = ImageIO.read(in);
    }
  }

  @AfterEach
  void forgetInterruptions() {
    Thread.interrupted();
  }

  // ------------------------------------------------------------------ many edits

  @Test
  void directionsShareOneInversion() {
    EditDirection toDog = model.direction(CATS, DOGS);
    EditDirection toBear = model.direction(CATS, BEARS);
    List<Stage> begun = new ArrayList<>();
    ImmutableList<Edit> edits =
        model.edit(
            cat,
            List.of(toDog, toBear),
            EditOptions.builder().caption("a photo of a gray cat").steps(3).build(),
            progress -> {
              if (progress.done() == 0) {
                begun.add(progress.stage());
              }
            });
    assertThat(begun)
        .containsExactly(
            Stage.ENCODE,
            Stage.INVERT,
            Stage.MASK,
            Stage.EDIT,
            Stage.DECODE,
            Stage.MASK,
            Stage.EDIT,
            Stage.DECODE);
    assertThat(edits.get(0).inversion()).isSameAs(edits.get(1).inversion());
    assertThat(pixels(edits.get(0).image())).isEqualTo(pixels(model.edit(cat, CAT_TO_DOG).image()));
    assertThat(pixels(edits.get(1).image())).isNotEqualTo(pixels(edits.get(0).image()));
  }

  @Test
  void aBatchIsItsEditsOneByOne() {
    BufferedImage other = new BufferedImage(90, 61, BufferedImage.TYPE_INT_RGB);
    ImmutableList<Edit> edits = model.edit(List.of(cat, other), CAT_TO_DOG, ProgressListener.NONE);
    assertThat(edits).hasSize(2);
    assertThat(edits.get(0).edited().toFloats())
        .isEqualTo(model.edit(cat, CAT_TO_DOG).edited().toFloats());
    assertThat(edits.get(1).edited().toFloats())
        .isEqualTo(model.edit(other, CAT_TO_DOG).edited().toFloats());
    assertThat(edits.get(1).image().getWidth()).isEqualTo(80);
    assertThat(edits.get(1).imageAtSourceSize().getWidth()).isEqualTo(90);
    assertThat(edits.get(1).imageAtSourceSize().getHeight()).isEqualTo(61);
  }

  @Test
  void editsOfSeveralThreadsEqualThoseOfOne() throws ExecutionException, InterruptedException {
    Edit alone = model.edit(cat, CAT_TO_DOG);
    Inversion shared = alone.inversion();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Edit>> edits = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        boolean invert = i % 2 == 0;
        edits.add(
            threads.submit(
                () ->
                    invert
                        ? model.edit(cat, CAT_TO_DOG)
                        : model.edit(shared, CAT_TO_DOG, ProgressListener.NONE)));
      }
      for (Future<Edit> edit : edits) {
        assertThat(edit.get().edited().toFloats()).isEqualTo(alone.edited().toFloats());
        assertThat(edit.get().reference().toFloats()).isEqualTo(alone.reference().toFloats());
        assertThat(pixels(edit.get().image())).isEqualTo(pixels(alone.image()));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void anInversionKeptInAFileGivesTheSameEdit() throws IOException {
    BufferedImage wide = new BufferedImage(90, 61, BufferedImage.TYPE_INT_RGB);
    wide.createGraphics().drawImage(cat, 10, 0, null);
    EditOptions padded =
        EditOptions.builder()
            .sentences(CATS, DOGS)
            .caption("a photo of a gray cat")
            .steps(3)
            .fit(PictureFit.Policy.PAD)
            .build();
    Edit direct = model.edit(wide, padded);
    Path file = folder.resolve("cat.safetensors");
    InversionFile.write(direct.inversion(), file);
    Inversion read = InversionFile.read(file, BACKEND);
    assertThat(read.encoded().toFloats()).isEqualTo(direct.inversion().encoded().toFloats());
    assertThat(read.isGenerated()).isFalse();
    // Neither caption nor steps are said again.
    Edit edit =
        model.edit(
            read, EditOptions.builder().sentences(CATS, DOGS).build(), ProgressListener.NONE);
    assertThat(edit.plan().caption()).isEqualTo("a photo of a gray cat");
    assertThat(edit.plan().steps()).isEqualTo(3);
    assertThat(edit.edited().toFloats()).isEqualTo(direct.edited().toFloats());
    assertThat(pixels(edit.imageAtSourceSize())).isEqualTo(pixels(direct.imageAtSourceSize()));
    // A plan is made once and serves as well, if it is for such an inversion.
    Edit planned = model.edit(read, edit.plan(), ProgressListener.NONE);
    assertThat(planned.edited().toFloats()).isEqualTo(direct.edited().toFloats());
    EditPlan other = model.plan(padded.toBuilder().steps(4).build());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.edit(read, other, ProgressListener.NONE))
        .withMessage("the plan is for an inversion of 4 steps, this one has 3");
  }

  @Test
  void theResultTellsAllThereIs() {
    EditOptions options =
        EditOptions.builder()
            .sentences(CATS, DOGS)
            .caption("a photo of a gray cat")
            .steps(3)
            .seed(5)
            .attentionMaps(true)
            .build();
    Edit edit = model.edit(cat, options);
    assertThat(edit.plan().seed()).isEqualTo(5);
    assertThat(edit.plan().negativePrompt()).isEmpty();
    assertThat(edit.plan().method()).isEqualTo(BesideTrajectory.DEFAULTS);
    assertThat(edit.time()).isPositive();
    assertThat(edit.inversion().time()).isPositive();
    assertThat(edit.peakMemory()).isBetween(10L << 20, 4L << 30);
    assertThat(pixels(edit.reconstruction())).isEqualTo(pixels(model.decode(edit.reference())));
    assertThat(edit.reconstruction()).isSameAs(edit.reconstruction());
    assertThat(edit.inversion().noiseStatistics().deviation()).isBetween(0.3, 2.0);
    AttentionMaps attention = edit.attention().orElseThrow();
    assertThat(attention.words().keySet()).containsExactly("a", "photo", "of", "gray", "cat");
    assertThat(attention).isEqualTo(model.attention(edit.inversion(), ProgressListener.NONE));
    assertThat(model.edit(cat, CAT_TO_DOG).attention()).isEmpty();
  }

  @Test
  void withoutAChangeThereIsNoEdit() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.edit(cat, EditOptions.builder().caption("a cat").build()))
        .withMessage(
            "an edit needs a source and a target (words or sentences), or a direction, or a target"
                + " caption");
  }

  // ------------------------------------------------------------------ masks and losses

  @Test
  void anEditShowsWhereItChangesThePicture() {
    Edit edit = model.edit(cat, CAT_TO_DOG);
    float[] mask = edit.mask().orElseThrow().toFloats();
    float[] edited = edit.edited().toFloats();
    float[] picture = edit.inversion().encoded().toFloats();
    assertThat(mask).hasSize(16 * 16).contains(0, 1);
    for (int i = 0; i < edited.length; i++) {
      if (mask[i % mask.length] == 0) {
        assertThat(edited[i]).isEqualTo(picture[i]);
      }
    }
    EditMethod nothingHeld = BesideTrajectory.DEFAULTS.withHoldBackground(false);
    assertThat(model.edit(cat, withSentences().method(nothingHeld).build()).mask()).isEmpty();
  }

  @Test
  void aMaskHoldsWhatIsBlack() {
    BufferedImage mask = new BufferedImage(64, 64, BufferedImage.TYPE_BYTE_GRAY);
    for (int y = 0; y < 64; y++) {
      for (int x = 0; x < 32; x++) {
        mask.setRGB(x, y, 0xffffff);
      }
    }
    Edit edit = model.edit(cat, withSentences().mask(mask).build());
    float[] edited = edit.edited().toFloats();
    float[] picture = edit.inversion().encoded().toFloats();
    int changed = 0;
    for (int i = 0; i < edited.length; i++) {
      if (i % 16 < 8) {
        changed += edited[i] == picture[i] ? 0 : 1;
      } else {
        assertThat(edited[i]).isEqualTo(picture[i]);
      }
    }
    assertThat(changed).isGreaterThan(4 * 16 * 8 * 9 / 10);
    float[] held = edit.mask().orElseThrow().toFloats();
    for (int i = 0; i < held.length; i++) {
      assertThat(held[i]).isEqualTo(i % 16 < 8 ? 1 : 0);
    }
    // No autoencoder has seen what is held, but for the half of a latent pixel at the edge.
    for (int y = 0; y < 64; y++) {
      for (int x = 34; x < 64; x++) {
        assertThat(edit.image().getRGB(x, y)).isEqualTo(cat.getRGB(x, y));
      }
    }
    assertThat(pixels(edit.image())).isNotEqualTo(pixels(edit.reconstruction()));

    BufferedImage small = new BufferedImage(32, 64, BufferedImage.TYPE_BYTE_GRAY);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.edit(cat, withSentences().mask(small).build()))
        .withMessage("the mask is 32 x 64 pixels, the picture 64 x 64");
  }

  @Test
  void aWordsMapIsAMask() {
    Edit edit = model.edit(cat, withSentences().maskWords(0.5, "cat").build());
    float[] heat = model.attention(edit.inversion(), ProgressListener.NONE).heat("cat");
    float[] edited = edit.edited().toFloats();
    float[] picture = edit.inversion().encoded().toFloats();
    int held = 0;
    for (int i = 0; i < edited.length; i++) {
      if (heat[i % 256] <= 0.5) {
        assertThat(edited[i]).isEqualTo(picture[i]);
        held++;
      }
    }
    assertThat(held).isBetween(4 * 256 / 10, 4 * 256 * 9 / 10);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.edit(cat, withSentences().maskWords(0.5, "owl").build()))
        .withMessageStartingWith("the prompt has no word \"owl\", it has a, photo, of,");
  }

  @Test
  void aLossOfTheUsersGuides() {
    Set<String> seen = ConcurrentHashMap.newKeySet();
    GuidanceLoss loss =
        new GuidanceLoss() {
          @Override
          public boolean wants(AttentionSite site) {
            return site.isCross();
          }

          @Override
          public Tensor term(AttentionSite site, Tensor edited, Tensor reference) {
            seen.add(site.name());
            return edited.sub(reference).abs().sum();
          }

          @Override
          public String name() {
            return "L1";
          }
        };
    Edit plain = model.edit(cat, CAT_TO_DOG);
    for (EditMethod method :
        List.of(BesideTrajectory.DEFAULTS.withLoss(loss), Published.DEFAULTS.withLoss(loss))) {
      seen.clear();
      Edit edit =
          model.edit(
              plain.inversion(), withSentences().method(method).build(), ProgressListener.NONE);
      assertThat(seen).hasSize(7);
      assertThat(edit.edited().toFloats()).isNotEqualTo(plain.edited().toFloats());
      assertThat(edit.parameters().values()).containsEntry("Loss", "L1");
    }
    assertThat(plain.parameters().values()).doesNotContainKey("Loss");
  }

  @Test
  void directionsAreKeptOnDisk() throws IOException {
    Pix2PixZero keeping = model.keepingDirections(folder.resolve("kept"));
    EditDirection made = keeping.direction(CATS, DOGS);
    assertThat(folder.resolve("kept").toFile().list()).hasSize(1);
    assertThat(keeping.direction(CATS, DOGS).embedding().toFloats())
        .isEqualTo(made.embedding().toFloats());
    // A damaged one is made anew, and that none can be kept is no reason to fail.
    Path file = folder.resolve("kept").resolve(folder.resolve("kept").toFile().list()[0]);
    Files.writeString(file, "damaged");
    assertThat(keeping.direction(CATS, DOGS).embedding().toFloats())
        .isEqualTo(made.embedding().toFloats());
    assertThat(file).isRegularFile().satisfies(kept -> assertThat(kept).isNotEmptyFile());
    assertThat(model.keepingDirections(file).direction(CATS, DOGS).embedding().toFloats())
        .isEqualTo(made.embedding().toFloats());
  }

  @Test
  void whatIsWrongWithAnEditIsFoundOutBeforehand() {
    EditDirection narrow =
        new EditDirection(Tensor.of(BACKEND, new float[6], 1, 2, 3), ImmutableMap.of());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.plan(EditOptions.builder().direction(narrow).build()))
        .withMessageStartingWith("the edit direction is for text embeddings of 2 tokens by 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.plan(withSentences().maskWords(0.3, "elephant").build()))
        .withMessage("the prompt has no word \"elephant\", it has a, photo, of, gray, cat");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.plan(withSentences().method(PromptToPrompt.DEFAULTS).build()))
        .withMessageStartingWith("Prompt-to-Prompt needs a target caption");
  }

  @Test
  void somethingIsToBeEdited() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.edit(cat, List.of()))
        .withMessage("there are no directions to edit along");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.edit(List.of(), CAT_TO_DOG, ProgressListener.NONE))
        .withMessage("there are no pictures to edit");
  }

  @Test
  void nullsAreFoundOutBeforehandAndNamed() {
    ProgressListener unmoved =
        progress -> {
          throw new AssertionError(progress.toString());
        };
    nulls("image", () -> model.edit((BufferedImage) null, CAT_TO_DOG, unmoved));
    nulls("image 1", () -> model.edit(Arrays.asList(cat, null), CAT_TO_DOG, unmoved));
    nulls("image", () -> model.edit(null, List.of(model.direction(CATS, DOGS))));
    nulls("word", () -> EditOptions.builder().maskWords(0.3, (String) null));
    nulls("listener", () -> model.edit(cat, CAT_TO_DOG, null));
    nulls("prompt", () -> model.generate(null, 1));
    nulls("model", () -> Pix2PixZero.load((String) null));
    nulls("model", () -> Pix2PixZero.of(null));
    nulls("folder", () -> model.keepingDirections(null));
    nulls("token", () -> unmoved.cancelledBy(null));
    nulls("previews", () -> unmoved.withPreviews(1, null));
  }

  private static void nulls(String name, ThrowingCallable call) {
    assertThatNullPointerException().isThrownBy(call).withMessage(name);
  }

  @Test
  void editsThatAreDoneAreNotLostWhenALaterOneFails() {
    List<Edit> done = new ArrayList<>();
    List<Integer> items = new ArrayList<>();
    List<Double> fractions = new ArrayList<>();
    ProgressListener listener =
        new ProgressListener() {
          @Override
          public void progressed(Progress progress) {
            items.add(progress.item());
            fractions.add(progress.fraction());
            assertThat(progress.items()).isEqualTo(2);
          }

          @Override
          public void edited(int item, Edit edit) {
            assertThat(item).isEqualTo(done.size());
            done.add(edit);
          }

          @Override
          public boolean isCancelled() {
            return items.contains(1);
          }
        };
    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(() -> model.edit(List.of(cat, cat), CAT_TO_DOG, listener));
    assertThat(done).hasSize(1);
    assertThat(items).contains(0, 1);
    assertThat(fractions).isSorted().last().satisfies(last -> assertThat(last).isEqualTo(0.5));
  }

  /** What the whole takes is known beforehand: it ends at 1 and is never at rest for long. */
  @Test
  void theFractionIsThatOfTheWhole() {
    List<Progress> told = new ArrayList<>();
    model.edit(cat, CAT_TO_DOG.toBuilder().steps(10).build(), told::add);
    List<Double> fractions = told.stream().map(Progress::fraction).toList();
    assertThat(fractions).isSorted();
    assertThat(fractions.get(0)).isZero();
    assertThat(fractions.get(fractions.size() - 1)).isCloseTo(1, within(1e-9));
    for (int i = 1; i < fractions.size(); i++) {
      assertThat(fractions.get(i) - fractions.get(i - 1)).isLessThan(0.1);
    }
  }

  @Test
  void aMethodOfTheUsersOwnEdits() throws IOException {
    Edit edit = model.edit(cat, withSentences().targetCaption("a dog").method(new Swap()).build());
    assertThat(edit.plan().method().name()).isEqualTo("swap");
    assertThat(pixels(edit.image())).isNotEqualTo(pixels(edit.reconstruction()));
    assertThat(edit.parameters().texts().get("parameters"))
        .contains("Target caption: a dog", "Method: swap");

    Path source = Path.of("src/test/java/io/github/pix2pixzero/Swap.java");
    String docs = Files.readString(Path.of("..", "docs", "edit-methods.md"));
    assertThat(Files.readString(source))
        .contains(docs.split("## A method of your own")[1].split("```java\n")[1].split("```")[0]);
  }

  @Test
  void aMethodThatReturnsNothingIsNamed() {
    EditMethod nothing =
        new EditMethod() {
          @Override
          public String name() {
            return "nothing";
          }

          @Override
          public LatentPair edit(EditTask task) {
            return null;
          }
        };
    Inversion start =
        model.prepare(cat, EditOptions.builder().steps(1).build(), ProgressListener.NONE);
    assertThatIllegalStateException()
        .isThrownBy(
            () -> model.edit(start, withSentences().method(nothing).build(), ProgressListener.NONE))
        .withMessage("the method nothing has returned no latents");
  }

  @Test
  void promptToPromptEditsAPicture() {
    EditOptions swap =
        EditOptions.builder()
            .from("cat")
            .to("dog")
            .steps(3)
            .method(PromptToPrompt.DEFAULTS)
            .build();
    Edit edit = model.edit(cat, swap);
    assertThat(edit.plan().targetCaption()).contains("a photo of a dog");
    Edit free =
        model.edit(
            edit.inversion(),
            swap.toBuilder()
                .method(PromptToPrompt.DEFAULTS.withCrossSteps(0).withSelfSteps(0))
                .build(),
            ProgressListener.NONE);
    // The picture as it is does not know of the edit; the edit does of the picture.
    assertClose(edit.reference().toFloats(), free.reference().toFloats(), 1e-4);
    assertThat(distance(edit)).isLessThan(distance(free));
  }

  private static double distance(Edit edit) {
    return edit.edited().sub(edit.reference()).square().sum().item();
  }

  private static EditOptions.Builder withSentences() {
    return EditOptions.builder().sentences(CATS, DOGS).caption("a photo of a gray cat").steps(3);
  }

  // ------------------------------------------------------------------ look

  /** What a token looks at adds up to one over all tokens, whatever the sites and steps. */
  @Test
  void attentionMapsAreMeanProbabilities() {
    Inversion inversion = model.invert(cat, CAT_TO_DOG);
    AttentionMaps maps = model.attention(inversion, ProgressListener.NONE);
    for (int pixel = 0; pixel < 16 * 16; pixel++) {
      float sum = 0;
      for (ImmutableList<Float> map : maps.words().values()) {
        assertThat(map.get(pixel)).isBetween(0f, 1f);
        sum += map.get(pixel);
      }
      assertThat(sum).isBetween(0.001f, 1.0001f); // begin, end and padding have the rest
    }
    float[] heat = maps.heat("cat");
    assertThat(heat).hasSize(256).contains(0f, 1f);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> maps.heat("dog"))
        .withMessage("the prompt has no word \"dog\", it has a, photo, of, gray, cat");
  }

  // ------------------------------------------------------------------ while it runs

  @Test
  void previewsAreShownOfWhatDenoises() {
    List<String> shown = new ArrayList<>();
    List<BufferedImage> previews = new ArrayList<>();
    EditMethod nothingHeld = BesideTrajectory.DEFAULTS.withHoldBackground(false);
    Edit edit =
        model.edit(
            cat,
            CAT_TO_DOG.toBuilder().method(nothingHeld).build(),
            ProgressListener.NONE.withPreviews(
                1,
                (progress, preview) -> {
                  shown.add(progress.stage() + " " + progress.done() + "/" + progress.steps());
                  previews.add(preview);
                }));
    assertThat(shown).containsExactly("EDIT 1/3", "EDIT 2/3", "EDIT 3/3");
    assertThat(pixels(previews.get(2))).isEqualTo(pixels(edit.image()));
    assertThat(pixels(previews.get(0))).isNotEqualTo(pixels(edit.image()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ProgressListener.NONE.withPreviews(0, (progress, preview) -> {}));
  }

  @Test
  void aTokenEndsAnEditAndItsMemoryComesBack() {
    model.edit(cat, CAT_TO_DOG); // remembers the direction
    for (Stage end : new Stage[] {Stage.INVERT, Stage.MASK, Stage.EDIT}) {
      long before = BACKEND.memory().live();
      CancellationToken token = new CancellationToken();
      List<Integer> steps = new ArrayList<>();
      ProgressListener listener =
          progress -> {
            if (progress.stage() == end) {
              steps.add(progress.done());
              if (progress.done() == 1) {
                token.cancel();
              }
            }
          };
      assertThatExceptionOfType(CancellationException.class)
          .isThrownBy(() -> model.edit(cat, CAT_TO_DOG, listener.cancelledBy(token)))
          .withMessage("cancelled");
      assertThat(steps).containsExactly(0, 1);
      long inversion = end != Stage.INVERT ? 4L * 4 * 16 * 16 * Float.BYTES : 0;
      // Less where results of earlier edits are collected meanwhile.
      assertThat(BACKEND.memory().live() - before).isLessThanOrEqualTo(inversion);
    }
  }

  @Test
  void anInterruptionEndsAGenerationAndStaysSet() {
    ProgressListener interrupting =
        progress -> {
          if (progress.done() == 1) {
            Thread.currentThread().interrupt();
          }
        };
    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(() -> model.generate("a cat", GenerateOptions.builder().build(), interrupting))
        .withMessage("interrupted");
    assertThat(Thread.currentThread().isInterrupted()).isTrue();
  }

  private static int[] pixels(BufferedImage picture) {
    return picture.getRGB(
        0, 0, picture.getWidth(), picture.getHeight(), null, 0, picture.getWidth());
  }
}
