package io.github.pix2pixzero.cuda;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.distill.ComodConfig;
import io.github.pix2pixzero.distill.FastConfig;
import io.github.pix2pixzero.distill.Head;
import io.github.pix2pixzero.distill.Student;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.random.Generator;
import io.github.pix2pixzero.tensor.testing.SameOnEveryJdk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Students of an edit answer on CUDA as PyTorch does. */
@SameOnEveryJdk
class StudentsTest {
  private static final double TOLERANCE = 1e-4;
  private static final Path GOLDENS = Path.of("../distill/src/test/resources/goldens");

  private final Backend backend = new CudaBackend(Precision.FLOAT32);

  /** Gives what the reference drew for a picture, in the order in which a student asks. */
  private static final class Drawn implements Generator {
    private final float[] kept;
    private final List<float[]> normals = new ArrayList<>();

    Drawn(SafetensorsFile io, int picture) throws IOException {
      kept = of(io, "keep", picture);
      for (String name :
          List.of(
              "z", "noise.4.conv", "noise.8.conv", "noise.8.up", "noise.16.conv", "noise.16.up")) {
        normals.add(of(io, name, picture));
      }
    }

    private static float[] of(SafetensorsFile io, String name, int picture) throws IOException {
      float[] all = io.readFloats(name);
      int length = all.length / Math.toIntExact(io.entry(name).shape()[0]);
      return Arrays.copyOfRange(all, picture * length, (picture + 1) * length);
    }

    @Override
    public void fillNormal(float[] out, int offset, int length) {
      float[] next = normals.remove(0);
      assertThat(next).hasSize(length);
      System.arraycopy(next, 0, out, offset, length);
    }

    @Override
    public void fillUniform(float[] out, int offset, int length) {
      for (int i = 0; i < length; i++) {
        out[offset + i] = kept[i] == 0 ? 0 : 0.999f;
      }
    }

    @Override
    public int nextInt(int bound) {
      throw new AssertionError("students draw no integers");
    }

    @Override
    public long seed() {
      return 0;
    }
  }

  private Tensor picture(SafetensorsFile io, String name) throws IOException {
    int[] dims = Arrays.stream(io.entry(name).shape()).mapToInt(Math::toIntExact).toArray();
    return Tensor.of(backend, io.readFloats(name), dims).toChannelsLast();
  }

  private static void assertAnswer(
      Student.Answer answer, SafetensorsFile io, String picture, String mask) throws IOException {
    assertClose(answer.picture().toChannelsFirst(), io.readFloats(picture), TOLERANCE);
    assertClose(answer.maskLogits().sigmoid().toChannelsFirst(), io.readFloats(mask), TOLERANCE);
  }

  @Test
  void theModulatedGenerator() throws IOException {
    ComodConfig config =
        new ComodConfig(
            16, List.of(10, 8, 6), 20, 0.5, new ComodConfig.Mapping(5, 7, 3, 0.01), Head.BLEND);
    try (SafetensorsFile file =
            SafetensorsFile.open(GOLDENS.resolve("generator-blend.safetensors"));
        SafetensorsFile io = SafetensorsFile.open(GOLDENS.resolve("io.safetensors"));
        Scope scope = Scope.open()) {
      Student student = Student.of(Weights.of(backend, file), config);
      Tensor source = picture(io, "source");
      List<Generator> drawn = new ArrayList<>();
      for (int i = 0; i < source.dim(0); i++) {
        drawn.add(new Drawn(io, i));
      }
      assertAnswer(student.answer(source, drawn), io, "blend.out", "blend.mask");
    }
  }

  @Test
  void theNetworkWithoutModulation() throws IOException {
    try (SafetensorsFile file = SafetensorsFile.open(GOLDENS.resolve("fast.safetensors"));
        Scope scope = Scope.open()) {
      Student student = Student.of(Weights.of(backend, file), FastConfig.small(16, 3));
      assertAnswer(student.answer(picture(file, "io.source")), file, "io.out", "io.mask");
    }
  }
}
