package io.github.pix2pixzero.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytedeco.cuda.global.cudart.cuModuleGetFunction;
import static org.bytedeco.cuda.global.cudart.cuModuleLoadData;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.javacpp.BytePointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What surrounds NVRTC: sources in, images out and kept. The emulator's stands in for it. */
@EnabledIfSystemProperty(named = "pix2pixzero.emulator", matches = ".+")
class RuntimeCompilerTest {
  @TempDir Path folder;

  private static List<Path> kept(Path cache) throws IOException {
    try (Stream<Path> files = Files.list(cache)) {
      return files.sorted().toList();
    }
  }

  /** NVRTC has the headers that it is given and no others. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "attention_bf16",
        "conv_tf32",
        "elementwise_f32",
        "groupnorm_f16",
        "layernorm_f16",
        "matmul_f16",
        "movement_f32",
        "reduction_bf16",
        "softmax_f32"
      })
  void sourcesAreWhole(String family) {
    byte[] image = new RuntimeCompiler(folder).compile(family, 90);
    String precision = family.substring(family.indexOf('_') + 1);
    assertThat(new String(image, StandardCharsets.UTF_8)).isEqualTo("emulated " + precision + "\n");
  }

  @Test
  void theDriverTakesWhatComesOut() {
    byte[] image = new RuntimeCompiler(folder).compile("softmax_f32", 90);
    Device.first().enter();
    CUmod_st module = new CUmod_st();
    CUfunc_st function = new CUfunc_st();
    try (BytePointer data = new BytePointer(image)) {
      Driver.check(cuModuleLoadData(module, data), "loading");
    }
    Driver.check(cuModuleGetFunction(function, module, "softmax"), "finding softmax");
    assertThat(function.isNull()).isFalse();
  }

  @Test
  void whatIsKeptIsNotCompiledAgain() throws IOException {
    Path cache = folder.resolve("a").resolve("b");
    RuntimeCompiler compiler = new RuntimeCompiler(cache);
    compiler.compile("softmax_f16", 90);
    assertThat(kept(cache)).hasSize(1);
    byte[] other = {1, 2, 3};
    Files.write(kept(cache).get(0), other);
    assertThat(compiler.compile("softmax_f16", 90)).isEqualTo(other);
    compiler.compile("softmax_f16", 80);
    compiler.compile("softmax_bf16", 90);
    assertThat(kept(cache)).as("one for each architecture and precision").hasSize(3);
  }

  @Test
  void aCacheThatCannotBeWrittenDoesNotMatter() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThat(new RuntimeCompiler(file).compile("softmax_f16", 90)).isNotEmpty();
  }

  @Test
  void theLogIsInTheException() {
    assertThatThrownBy(() -> new RuntimeCompiler(folder).compile("softmax_f8", 90))
        .isInstanceOf(CudaException.class)
        .hasMessage(
            "compiling softmax.cu failed: NVRTC_ERROR_COMPILATION\nthere is no such precision");
    assertThatThrownBy(() -> new RuntimeCompiler(folder).compile("sofa_f16", 90))
        .hasMessage("the source sofa.cu is missing from this artifact");
  }
}
