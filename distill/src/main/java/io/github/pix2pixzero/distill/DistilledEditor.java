package io.github.pix2pixzero.distill;

import static com.google.common.base.Preconditions.checkState;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import io.github.pix2pixzero.distill.StudentFiles.Loaded;
import io.github.pix2pixzero.picture.FittedPicture;
import io.github.pix2pixzero.picture.PictureFit;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import java.awt.Dimension;
import java.awt.image.BufferedImage;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Edits pictures with a student, in milliseconds.
 *
 * <pre>{@code
 * try (DistilledEditor catToDog = DistilledEditor.load(Path.of("cat-dog"))) {
 *   BufferedImage dog = catToDog.edit(PictureFiles.read(Path.of("cat.jpg")));
 * }
 * }</pre>
 *
 * <p>A picture may have any size: it is fitted to one that the student takes, and what the student
 * changes is brought back to the size of the picture, whose other pixels stay as they are. One
 * instance may be used by any number of threads at once.
 */
public final class DistilledEditor implements AutoCloseable {
  /** Pixels that go through the network at once, unless one picture has more: 16 of 64 × 64. */
  private static final int BATCH_PIXELS = 16 * 64 * 64;

  private static final String BUNDLED = "io/github/pix2pixzero/toyworld/students";

  private final Backend backend;
  private final StudentInfo info;
  private final PictureFit fit;
  private volatile Student student;

  private DistilledEditor(Loaded loaded, Backend backend, PictureFit fit) {
    this.backend = backend;
    this.info = loaded.info();
    this.student = loaded.student();
    this.fit = fit;
  }

  /** {@link #load(Path, Backend)} onto the best backend there is. */
  public static DistilledEditor load(Path student) throws IOException {
    return load(student, Backends.best());
  }

  /** {@link #load(Path, Backend, PictureFit.Policy)}, pictures that do not fit being cropped. */
  public static DistilledEditor load(Path student, Backend backend) throws IOException {
    return load(student, backend, PictureFit.Policy.CROP);
  }

  /**
   * Loads a student: a folder that {@link StudentFiles} or {@link TrainingRun} wrote, or the file
   * of weights in it alone.
   *
   * @param policy what happens to a picture whose proportions the student does not take
   * @throws IOException if a file is missing or malformed, or is no student
   * @throws IllegalArgumentException if its config is not supported, or its weights do not fit it
   */
  public static DistilledEditor load(Path student, Backend backend, PictureFit.Policy policy)
      throws IOException {
    return of(StudentFiles.read(student, backend), backend, policy);
  }

  /**
   * Loads a student of the artifact {@code toy-world}, such as {@code cat-dog}.
   *
   * @throws FileNotFoundException if there is none of that name, or the artifact is not on the
   *     class path
   */
  public static DistilledEditor bundled(String name, Backend backend, PictureFit.Policy policy)
      throws IOException {
    try (SafetensorsFile file = openBundled(name)) {
      return of(StudentFiles.read(file, backend), backend, policy);
    }
  }

  /**
   * What a bundled student's file says of it.
   *
   * @throws FileNotFoundException as {@link #bundled}
   */
  public static StudentInfo bundledInfo(String name) throws IOException {
    try (SafetensorsFile file = openBundled(name)) {
      return StudentFiles.info(file);
    }
  }

  private static SafetensorsFile openBundled(String name) throws IOException {
    if (!isBundled(name)) {
      throw new FileNotFoundException(
          "there is no bundled student %s; is the artifact toy-world on the class path?"
              .formatted(name));
    }
    return ModelFolder.ofResources(DistilledEditor.class, BUNDLED)
        .safetensors(name + ".safetensors");
  }

  /** Whether there is a bundled student of that name. */
  public static boolean isBundled(String name) {
    return name.matches("[\\w-]+")
        && ModelFolder.ofResources(DistilledEditor.class, BUNDLED).exists(name + ".safetensors");
  }

  private static DistilledEditor of(Loaded loaded, Backend backend, PictureFit.Policy policy) {
    StudentConfig config = loaded.info().config();
    return new DistilledEditor(
        loaded, backend, new PictureFit(config.resolution(), config.multiple(), policy));
  }

  /** What the student's file says of it. */
  public StudentInfo info() {
    return info;
  }

  public Backend backend() {
    return backend;
  }

  /**
   * Edits a picture.
   *
   * @param picture of any size
   * @return of the same size
   * @throws IllegalStateException if the editor is closed
   */
  public BufferedImage edit(BufferedImage picture) {
    return edit(List.of(picture)).get(0);
  }

  /**
   * Edits pictures, small ones that are fitted to one size several at a time. Beside others a
   * picture's colours may differ by one level of 255 from those it has alone, as sums are rounded
   * otherwise.
   *
   * @param pictures of any sizes
   * @return in their order, each of the size of its picture
   * @throws IllegalStateException if the editor is closed
   */
  public ImmutableList<BufferedImage> edit(List<BufferedImage> pictures) {
    Student network = student;
    checkState(network != null, "the editor is closed");
    List<FittedPicture> fitted = pictures.stream().map(fit::fit).toList();
    Map<Dimension, List<Integer>> bySize = new LinkedHashMap<>();
    for (int i = 0; i < fitted.size(); i++) {
      BufferedImage picture = fitted.get(i).picture();
      Dimension size = new Dimension(picture.getWidth(), picture.getHeight());
      bySize.computeIfAbsent(size, unused -> new ArrayList<>()).add(i);
    }
    BufferedImage[] edited = new BufferedImage[fitted.size()];
    bySize.forEach(
        (size, same) -> {
          int together = Math.max(1, BATCH_PIXELS / (size.width * size.height));
          for (List<Integer> batch : Lists.partition(same, together)) {
            edit(network, fitted, batch, edited);
          }
        });
    return ImmutableList.copyOf(edited);
  }

  /** Edits those of one size whose indices are given. */
  private void edit(
      Student network, List<FittedPicture> fitted, List<Integer> batch, BufferedImage[] edited) {
    BufferedImage first = fitted.get(batch.get(0)).picture();
    int height = first.getHeight();
    int width = first.getWidth();
    int length = height * width * Pair.COLOURS;
    float[] sources = new float[batch.size() * length];
    for (int i = 0; i < batch.size(); i++) {
      float[] source = Pair.colours(fitted.get(batch.get(i)).picture());
      System.arraycopy(source, 0, sources, i * length, length);
    }
    try (Scope scope = Scope.open()) {
      Student.Answer answer =
          network.answer(Tensor.of(backend, sources, batch.size(), height, width, Pair.COLOURS));
      float[] pictures = answer.picture().toFloats();
      float[] mask = answer.maskLogits() == null ? null : answer.maskLogits().sigmoid().toFloats();
      for (int i = 0; i < batch.size(); i++) {
        Blend blend = new Blend(fitted.get(batch.get(i)), sources, pictures, mask, i);
        edited[batch.get(i)] = blend.picture();
      }
    }
  }

  /** Lets go of the student; edits that have begun end as they would. */
  @Override
  public void close() {
    student = null;
  }
}
