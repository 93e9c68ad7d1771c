package io.github.pix2pixzero.guidance;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static io.github.pix2pixzero.unet.PromptRow.CAPTION;
import static io.github.pix2pixzero.unet.PromptRow.EDITED;
import static io.github.pix2pixzero.unet.PromptRow.NEGATIVE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.primitives.Floats;
import io.github.pix2pixzero.clip.TextEmbedding;
import io.github.pix2pixzero.inversion.DdimInverter;
import io.github.pix2pixzero.inversion.DdimScheduler;
import io.github.pix2pixzero.inversion.NoiseRegularization;
import io.github.pix2pixzero.inversion.NoiseSchedule;
import io.github.pix2pixzero.inversion.StepListener;
import io.github.pix2pixzero.inversion.Trajectory;
import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.random.PhiloxGenerator;
import io.github.pix2pixzero.unet.AttentionControl;
import io.github.pix2pixzero.unet.AttentionSite;
import io.github.pix2pixzero.unet.PromptRow;
import io.github.pix2pixzero.unet.TextContext;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On latents that are wider than high. */
class TrajectorySamplerTest {
  private static final Backend BACKEND = Backends.best(2);
  private static final int STEPS = 4;
  private static final int HEIGHT = 8;
  private static final int WIDTH = 12;
  private static UNet2DConditionModel unet;
  private static NoiseSchedule schedule;

  private Scope scope;
  private Trajectory trajectory;
  private Prompts prompts;

  @BeforeAll
  static void load() throws IOException {
    ModelFolder toy =
        ModelFolder.ofResources(
            TrajectorySamplerTest.class, "io/github/pix2pixzero/toyworld/model");
    unet = UNet2DConditionModel.load(toy.at("unet"), BACKEND);
    schedule = NoiseSchedule.from(toy.json("scheduler/scheduler_config.json"));
  }

  @BeforeEach
  void invert() {
    scope = Scope.open();
    PhiloxGenerator generator = new PhiloxGenerator(11);
    Tensor latent = Tensor.of(BACKEND, generator.normal(4 * HEIGHT * WIDTH), 1, 4, HEIGHT, WIDTH);
    prompts = Prompts.ofEdit(embedding(generator), embedding(generator), embedding(generator));
    trajectory =
        new DdimInverter(unet, schedule, NoiseRegularization.NONE)
            .trajectory(
                latent, prompts.get(CAPTION).states(), STEPS, generator, StepListener.none());
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static TextEmbedding embedding(PhiloxGenerator generator) {
    return new TextEmbedding(Tensor.of(BACKEND, generator.normal(77 * 192), 1, 77, 192));
  }

  private LatentPair sample(Optional<Tensor> mask, BesideTrajectory settings) {
    return sample(mask, Optional.empty(), settings);
  }

  private LatentPair sample(
      Optional<Tensor> mask, Optional<Tensor> pull, BesideTrajectory settings) {
    Optional<Room> room = pull.map(weights -> new Room(weights, prompts));
    return new TrajectorySampler(unet, schedule)
        .sample(trajectory, mask, room, prompts, settings, StepListener.none());
  }

  /** The edited latent after each step. */
  private List<float[]> latents(BesideTrajectory settings) {
    return latents(settings, Optional.empty());
  }

  private List<float[]> latents(BesideTrajectory settings, Optional<Room> room) {
    List<float[]> edited = new ArrayList<>();
    new TrajectorySampler(unet, schedule)
        .sample(
            trajectory,
            Optional.empty(),
            room,
            prompts,
            settings,
            (step, steps, current) -> edited.add(current.edited().toFloats()));
    return edited;
  }

  @Test
  void stepsAlongBothDifferences() {
    List<float[]> edited = latents(settings(3, 0.5, 0));
    DdimScheduler scheduler = new DdimScheduler(schedule, STEPS);
    int[] timesteps = scheduler.timesteps();
    assertThat(edited).hasSize(STEPS);
    // One of four steps lies in the first quarter, where contrast counts three times.
    float[] first = step(prompts, 1.5f, scheduler, timesteps[0], trajectory.noise());
    assertClose(edited.get(0), first, 1e-5);
    Tensor latent = Tensor.of(BACKEND, first, 1, 4, HEIGHT, WIDTH);
    float[] second = step(prompts, 0.35f, scheduler, timesteps[1], latent);
    assertClose(edited.get(1), second, 1e-5);
  }

  /** Every second step predicts with the finest level, on what lay beneath the step before. */
  @Test
  void deepFeaturesServeTwoSteps() {
    List<float[]> edited = latents(settings(3, 0.5, 0).withDeepEvery(2));
    DdimScheduler scheduler = new DdimScheduler(schedule, STEPS);
    int[] timesteps = scheduler.timesteps();
    float[] first = step(prompts, 1.5f, scheduler, timesteps[0], trajectory.noise());
    assertClose(edited.get(0), first, 1e-5);
    Tensor latent = Tensor.of(BACKEND, first, 1, 4, HEIGHT, WIDTH);
    Tensor e = finest(EDITED, timesteps, latent);
    Tensor total =
        e.add(e.sub(finest(NEGATIVE, timesteps, latent)).mul(2f))
            .add(e.sub(finest(CAPTION, timesteps, latent)).mul(0.35f));
    float[] second = scheduler.step(total, timesteps[1], latent).toFloats();
    assertClose(edited.get(1), second, 1e-5);
    float[] whole = step(prompts, 0.35f, scheduler, timesteps[1], latent);
    assertThat(edited.get(1)).usingComparatorWithPrecision(1e-4f).isNotEqualTo(whole);
    float[] third =
        step(
            prompts,
            0.35f,
            scheduler,
            timesteps[2],
            Tensor.of(BACKEND, edited.get(1), 1, 4, HEIGHT, WIDTH));
    assertClose(edited.get(2), third, 1e-5);
  }

  /** The second step's prediction for a prompt. */
  private Tensor finest(PromptRow row, int[] timesteps, Tensor latent) {
    TextContext context = prompts.context(List.of(row));
    Tensor deep =
        unet.forwardAll(
                trajectory.noise(), unet.timestep(timesteps[0]), context, AttentionControl.NONE)
            .deep();
    return unet.forwardFinest(
        latent, deep, unet.timestep(timesteps[1]), context, AttentionControl.NONE);
  }

  /** A step of a scale of 3. */
  private static float[] step(
      Prompts asked, float contrast, DdimScheduler scheduler, int t, Tensor latent) {
    Tensor e = unet.forward(latent, t, asked.get(EDITED).states());
    Tensor total =
        e.add(e.sub(unet.forward(latent, t, asked.get(NEGATIVE).states())).mul(2f))
            .add(e.sub(unet.forward(latent, t, asked.get(CAPTION).states())).mul(contrast));
    return scheduler.step(total, t, latent).toFloats();
  }

  @Test
  void theCaptionsPredictionIsTheOneThatGuidanceMade() {
    List<float[]> edited = latents(settings(3, 0.5, 1e-9));
    List<float[]> unguided = latents(settings(3, 0.5, 0));
    for (int i = 0; i < STEPS; i++) {
      assertClose(edited.get(i), unguided.get(i), 1e-5);
    }
  }

  @Test
  void guidesInItsStepsOnly() {
    StepWindow late = new StepWindow(0.5, 1);
    List<float[]> edited = latents(settings(3, 0.5, 5).withGuidanceSteps(late));
    List<float[]> free = latents(settings(3, 0.5, 0));
    assertThat(edited.subList(0, 2)).usingRecursiveComparison().isEqualTo(free.subList(0, 2));
    assertThat(distance(edited.get(2), free.get(2))).isGreaterThan(0);
  }

  @Test
  void whatIsAddedIsEmphasisedInTheFirstSteps() {
    BesideTrajectory unguided = settings(3, 0.5, 0);
    Prompts farther = prompts.withStrength(1.5);
    List<float[]> edited = latents(unguided, Optional.of(new Room(left(0), farther)));
    DdimScheduler scheduler = new DdimScheduler(schedule, STEPS);
    int[] timesteps = scheduler.timesteps();
    float[] first = step(farther, 1.5f, scheduler, timesteps[0], trajectory.noise());
    assertClose(edited.get(0), first, 1e-5);
    Tensor latent = Tensor.of(BACKEND, edited.get(1), 1, 4, HEIGHT, WIDTH);
    float[] third =
        step(prompts, 0.35f, scheduler, timesteps[2], latent); // two of four are emphasised
    assertClose(edited.get(2), third, 1e-5);
  }

  @Test
  void anAmountIsCountedForFiftySteps() {
    BesideTrajectory second =
        BesideTrajectory.DEFAULTS
            .withGuidanceScale(1)
            .withContrast(0)
            .withGuidanceAmount(10)
            .withGuidanceSteps(new StepWindow(0.25, 0.5));
    List<float[]> edited = latents(second);
    DdimScheduler scheduler = new DdimScheduler(schedule, STEPS);
    int t = scheduler.timesteps()[1];
    Tensor caption = prompts.get(CAPTION).states();
    Tensor latent = Tensor.of(BACKEND, edited.get(0), 1, 4, HEIGHT, WIDTH);
    MapRecorder maps = new MapRecorder(AttentionSite::isCross);
    unet.forward(trajectory.after(STEPS - 1), t, new TextContext(caption), maps);
    Tensor x = latent.variable();
    LossControl control = new LossControl(new CrossAttentionLoss(), maps);
    unet.forward(x, t, new TextContext(caption), control);
    Tensor gradient = Autograd.grad(control.total(), x)[0];
    double farther = 50.0 / STEPS;
    Tensor move = gradient.mul((float) (10 * farther / maps.maps().size()));
    Tensor moved = latent.sub(Moves.limited(move, latent));
    Tensor prediction = unet.forward(moved, t, prompts.get(EDITED).states());
    assertClose(edited.get(1), scheduler.step(prediction, t, moved).toFloats(), 1e-5);
    assertThat(distance(moved.toFloats(), latent.toFloats())).isGreaterThan(0.1);
  }

  @Test
  void whereNothingPullsGuidanceMovesNothing() {
    BesideTrajectory guided = settings(2, 1, 20);
    float[] free = sample(Optional.empty(), settings(2, 1, 0)).edited().toFloats();
    float[] without = sample(Optional.empty(), Optional.of(left(0)), guided).edited().toFloats();
    assertClose(without, free, 1e-5);
    float[] somewhat = sample(Optional.empty(), Optional.of(left(5)), guided).edited().toFloats();
    float[] everywhere = sample(Optional.empty(), guided).edited().toFloats();
    assertThat(distance(everywhere)).isLessThan(distance(somewhat));
    assertThat(distance(somewhat)).isLessThan(distance(free));
  }

  @Test
  void rowsOneByOneGiveTheSame() {
    BesideTrajectory settings = settings(3, 0.5, 0.1);
    float[] together = sample(Optional.empty(), settings).edited().toFloats();
    LatentPair apart =
        new TrajectorySampler(unet, schedule, 1)
            .sample(
                trajectory,
                Optional.empty(),
                Optional.empty(),
                prompts,
                settings,
                StepListener.none());
    assertClose(apart.edited().toFloats(), together, 1e-5);
  }

  @Test
  void outsideTheMaskThePictureStaysBitForBit() {
    Tensor mask = left(5);
    LatentPair result = sample(Optional.of(mask), settings(2, 1, 3));
    float[] picture = trajectory.after(0).toFloats();
    float[] edited = result.edited().toFloats();
    assertThat(result.reference().toFloats()).isEqualTo(picture);
    int changed = 0;
    for (int i = 0; i < edited.length; i++) {
      if (i % WIDTH < 5) {
        changed += edited[i] == picture[i] ? 0 : 1;
      } else {
        assertThat(edited[i]).isEqualTo(picture[i]);
      }
    }
    assertThat(changed).isGreaterThan(4 * HEIGHT * 5 / 2);
  }

  /** 1 in the first columns, 0 in the others. */
  private static Tensor left(int columns) {
    float[] inside = new float[HEIGHT * WIDTH];
    for (int i = 0; i < inside.length; i++) {
      inside[i] = i % WIDTH < columns ? 1 : 0;
    }
    return Tensor.of(BACKEND, inside, 1, 1, HEIGHT, WIDTH);
  }

  /** From the picture of the trajectory. */
  private double distance(float[] edited) {
    return distance(edited, trajectory.after(0).toFloats());
  }

  private static double distance(float[] edited, float[] picture) {
    double sum = 0;
    for (int i = 0; i < edited.length; i++) {
      sum += (edited[i] - picture[i]) * (edited[i] - picture[i]);
    }
    return sum;
  }

  @Test
  void aLossOfTheUsersGuides() throws IOException {
    LatentPair plain = sample(Optional.empty(), settings(2, 1, 0));
    LatentPair guided =
        new TrajectorySampler(unet, schedule)
            .sample(
                trajectory,
                Optional.empty(),
                Optional.empty(),
                prompts,
                settings(2, 1, 5).withLoss(new CoarseHellingerLoss()),
                StepListener.none());
    assertThat(guided.edited().toFloats()).isNotEqualTo(plain.edited().toFloats());

    String docs = Files.readString(Path.of("..", "docs", "guidance-losses.md"));
    String source =
        Files.readString(
            Path.of("src/test/java/io/github/pix2pixzero/guidance/CoarseHellingerLoss.java"));
    assertThat(source).contains(docs.split("```java\n")[1].split("```")[0]);
  }

  @Test
  void cannotExplode() {
    float[] edited = sample(Optional.empty(), settings(2, 1, 1e12)).edited().toFloats();
    for (float value : edited) {
      assertThat(value).isFinite().isBetween(-100f, 100f);
    }
  }

  @Test
  void theMaskIsWhereThePromptsDisagree() {
    float[] mask =
        EditMask.of(unet, schedule, trajectory, prompts, false, StepListener.none())
            .inside()
            .toFloats();
    assertThat(mask).hasSize(HEIGHT * WIDTH).contains(1f);
    assertThat(Floats.asList(mask)).isSubsetOf(0f, 1f);
    Prompts nothing =
        Prompts.ofEdit(prompts.get(CAPTION), prompts.get(NEGATIVE), prompts.get(CAPTION));
    float[] none =
        EditMask.of(unet, schedule, trajectory, nothing, false, StepListener.none())
            .inside()
            .toFloats();
    assertThat(none).containsOnly(0f);
  }

  @Test
  void settingsAreChecked() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings(1, -1, 0))
        .withMessage("the contrast should be 0 or more, it is -1.0");
  }

  private static BesideTrajectory settings(double scale, double contrast, double amount) {
    return BesideTrajectory.DEFAULTS
        .withGuidanceScale(scale)
        .withContrast(contrast)
        .withGuidanceAmount(amount * STEPS / 50)
        .withGuidanceSteps(new StepWindow(0, 1))
        .withDeepEvery(1);
  }
}
