package io.github.pix2pixzero.stablediffusion;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.clip.ClipTextConfig;
import io.github.pix2pixzero.clip.ClipTextModel;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import io.github.pix2pixzero.tensor.io.StoredType;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import io.github.pix2pixzero.vae.AutoencoderKL;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The networks of {@code goldens} give diffusers' outputs however their weights are stored. */
class EveryLayoutTest {
  private static final double TOLERANCE = 1e-4;
  private static final int TOKENS = 77;
  private static final String UNET = "diffusion_pytorch_model";
  private static final Backend BACKEND = Backends.best(2);

  @TempDir private Path temp;

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "sd1, plain",
    "sd1, shards",
    "sd1, fp16-name",
    "sd1, pickles",
    "sd1, pickle-shards",
    "sd1, cache",
    "sd1, single",
    "sd1, single-old",
    "sd1, single-ema",
    "sd1, single-prefixes",
    "sd1, single-ckpt",
    "sd1, single-vae-file",
    "sd1, single-vae-folder",
    "sd2, plain",
    "sd2, shards",
    "sd2, single"
  })
  void givesWhatDiffusersGives(String flavour, String layout) throws IOException {
    Path path = write(flavour, layout, StoredType.F32);

    Outputs outputs = run(flavour, path);

    for (Map.Entry<String, float[]> golden : goldens(flavour).entrySet()) {
      assertClose(outputs.values.get(golden.getKey()), golden.getValue(), TOLERANCE);
    }
  }

  /**
   * Half precision is exact as float32, so it gives what the same weights give that were rounded
   * before. Rounding moves a weight by 2⁻¹² (F16) or 2⁻⁹ (BF16) of itself at most, and these
   * networks move their outputs by some twenty times as much: 0.6% was seen for F16.
   */
  @ParameterizedTest(name = "{0} {1} {2}")
  @CsvSource({
    "sd1, plain, F16, 1e-2",
    "sd1, plain, BF16, 8e-2",
    "sd1, single, F16, 1e-2",
    "sd2, single, F16, 1e-2",
    "sd2, shards, BF16, 8e-2"
  })
  void halfPrecisionIsTheSameWeightsRounded(
      String flavour, String layout, StoredType type, double nearness) throws IOException {
    Path path = write(flavour, layout, type);
    Path rounded = writeRounded(path, flavour, type);

    Outputs outputs = run(flavour, path);
    Outputs expected = run(flavour, rounded);

    Map<String, float[]> goldens = goldens(flavour);
    for (String name : goldens.keySet()) {
      assertClose(outputs.values.get(name), expected.values.get(name), TOLERANCE);
      assertClose(outputs.values.get(name), goldens.get(name), nearness);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sd1", "sd2"})
  void singleFilesLeaveNothingOver(String flavour) throws IOException {
    Path path = write(flavour, "single", StoredType.F32);
    try (Checkpoint checkpoint = Checkpoint.open(path, options(flavour, path))) {
      assertThat(checkpoint.leftovers()).isEmpty();
      for (Inspection.Part part : Inspection.of(checkpoint).parts()) {
        assertThat(part.faults()).isEmpty();
        assertThat(part.leftovers()).isEmpty();
      }
    }
  }

  /** As diffusers' {@code convert_from_ckpt} does it. */
  @ParameterizedTest
  @CsvSource({"875000, epsilon", "110000, v_prediction"})
  void theStepsOfStableDiffusion2SayWhatItPredicts(int steps, String prediction)
      throws IOException {
    Path single = write("sd2", "single", StoredType.F32);
    Path config = temp.resolve("sd2-config");
    Files.delete(config.resolve("scheduler/scheduler_config.json"));
    Path pickle = temp.resolve("sd2.ckpt");
    RearrangedFiles.writeCheckpoint(single, pickle, steps);
    try (Checkpoint checkpoint =
        Checkpoint.open(pickle, LoadOptions.builder().config(config).build())) {
      assertThat(checkpoint.scheduler().getString("prediction_type", "")).isEqualTo(prediction);
    }
  }

  /** Names are for machines: with the digits of Arabic, no layer would be found. */
  @ParameterizedTest
  @ValueSource(strings = {"ar-EG-u-nu-arab", "fa-IR", "tr-TR"})
  void configsAreInferredInEveryLocale(String locale) throws IOException {
    Path path = write("sd1", "single", StoredType.F32);
    Locale before = Locale.getDefault();
    try (Checkpoint checkpoint = Checkpoint.open(path, options("sd1", path))) {
      ClipTextConfig expected = InferredConfigs.text(checkpoint.textEncoder(), false);
      assertThat(expected.numHiddenLayers()).isEqualTo(checkpoint.textConfig().numHiddenLayers());
      Locale.setDefault(Locale.forLanguageTag(locale));
      assertThat(InferredConfigs.text(checkpoint.textEncoder(), false)).isEqualTo(expected);
    } finally {
      Locale.setDefault(before);
    }
  }

  // ------------------------------------------------------------------ running

  private record Outputs(Map<String, float[]> values) {}

  private Outputs run(String flavour, Path path) throws IOException {
    Map<String, float[]> values = new LinkedHashMap<>();
    try (Checkpoint checkpoint = Checkpoint.open(path, options(flavour, path));
        SafetensorsFile unetIo = io("unet", "unet-" + flavour);
        SafetensorsFile vaeIo = io("vae", "vae");
        SafetensorsFile textIo = io("clip-text", "clip-text-" + flavour);
        Scope scope = Scope.open()) {
      UNet2DConditionModel unet =
          new UNet2DConditionModel(Weights.of(BACKEND, checkpoint.unet()), checkpoint.unetConfig());
      values.put(
          "noise",
          unet.forward(
                  tensor(unetIo, "1.latent"),
                  (int) unetIo.readLongs("1.timestep")[0],
                  tensor(unetIo, "1.context"))
              .toFloats());
      AutoencoderKL vae =
          new AutoencoderKL(Weights.of(BACKEND, checkpoint.vae()), checkpoint.vaeConfig());
      values.put("mean", vae.encode(tensor(vaeIo, "1.image")).mean().toFloats());
      values.put("decoded", vae.decode(tensor(vaeIo, "1.mean")).toFloats());
      ClipTextModel text =
          new ClipTextModel(Weights.of(BACKEND, checkpoint.textEncoder()), checkpoint.textConfig());
      values.put("last_hidden_state", text.forward(ids(textIo)).toFloats());
    }
    return new Outputs(values);
  }

  private static Map<String, float[]> goldens(String flavour) throws IOException {
    Map<String, float[]> goldens = new LinkedHashMap<>();
    try (SafetensorsFile unet = io("unet", "unet-" + flavour);
        SafetensorsFile vae = io("vae", "vae");
        SafetensorsFile text = io("clip-text", "clip-text-" + flavour)) {
      goldens.put("noise", unet.readFloats("1.noise"));
      goldens.put("mean", vae.readFloats("1.mean"));
      goldens.put("decoded", vae.readFloats("1.decoded"));
      goldens.put("last_hidden_state", text.readFloats("last_hidden_state"));
    }
    return goldens;
  }

  private static LoadOptions options(String flavour, Path path) {
    return Files.isDirectory(path)
        ? LoadOptions.defaults()
        : single(path.resolveSibling(flavour + "-config"), path.resolveSibling("vae.safetensors"));
  }

  private static LoadOptions single(Path config, Path vae) {
    LoadOptions.Builder options = LoadOptions.builder().config(config);
    return Files.exists(vae) ? options.vae(vae).build() : options.build();
  }

  private static int[][] ids(SafetensorsFile io) throws IOException {
    int[] flat = Arrays.stream(io.readLongs("ids")).mapToInt(Math::toIntExact).toArray();
    return IntStream.range(0, flat.length / TOKENS)
        .mapToObj(row -> Arrays.copyOfRange(flat, row * TOKENS, (row + 1) * TOKENS))
        .toArray(int[][]::new);
  }

  private static Tensor tensor(SafetensorsFile io, String name) throws IOException {
    int[] dims = Arrays.stream(io.entry(name).shape()).mapToInt(Math::toIntExact).toArray();
    return Tensor.of(BACKEND, io.readFloats(name), dims);
  }

  // ------------------------------------------------------------------ writing

  private static Path golden(String module, String name) {
    return Path.of("..", module, "src", "test", "resources", "goldens", name);
  }

  private static SafetensorsFile io(String module, String name) throws IOException {
    return SafetensorsFile.open(golden(module, name).resolve("io.safetensors"));
  }

  private Path write(String flavour, String layout, StoredType type) throws IOException {
    Path unet = golden("unet", "unet-" + flavour);
    Path vae = golden("vae", "vae");
    Path text = golden("clip-text", "clip-text-" + flavour);
    if (layout.startsWith("single")) {
      writeConfigs(temp.resolve(flavour + "-config"), unet, vae, text);
      CompVisLayout compVis = new CompVisLayout(type);
      try (SafetensorsFile u = SafetensorsFile.open(unet.resolve(UNET + ".safetensors"));
          SafetensorsFile v = SafetensorsFile.open(vae.resolve(UNET + ".safetensors"));
          SafetensorsFile t = SafetensorsFile.open(text.resolve("model.safetensors"))) {
        compVis.addUNet(u);
        compVis.addVae(v, 4);
        if (flavour.equals("sd1")) {
          compVis.addClip(t, layout.equals("single-old") ? "" : "text_model.");
        } else {
          compVis.addOpenClip(t, 3);
        }
        Path file = temp.resolve(flavour + "-" + layout + ".safetensors");
        compVis.writer().write(file);
        return RearrangedFiles.of(file, layout, vae);
      }
    }
    boolean cache = layout.equals("cache");
    Path root = temp.resolve(cache ? "models--org--" + flavour : flavour + "-" + layout);
    Path folder = cache ? root.resolve("snapshots").resolve("0123abcd") : root;
    writeConfigs(folder, unet, vae, text);
    copy(unet, UNET, folder.resolve("unet"), layout, type);
    copy(vae, UNET, folder.resolve("vae"), layout, type);
    copy(text, "model", folder.resolve("text_encoder"), layout, type);
    if (cache) {
      Files.createDirectories(root.resolve("refs"));
      Files.writeString(root.resolve("refs").resolve("main"), "0123abcd");
      toLinks(folder, root.resolve("blobs"));
    }
    return root;
  }

  private static void writeConfigs(Path folder, Path unet, Path vae, Path text) throws IOException {
    copyFile(unet.resolve("config.json"), folder.resolve("unet/config.json"));
    copyFile(vae.resolve("config.json"), folder.resolve("vae/config.json"));
    copyFile(text.resolve("config.json"), folder.resolve("text_encoder/config.json"));
    Path toy = Path.of("..", "toy-world", "model");
    for (String name :
        List.of(
            "scheduler/scheduler_config.json",
            "tokenizer/vocab.json",
            "tokenizer/merges.txt",
            "tokenizer/tokenizer_config.json")) {
      copyFile(toy.resolve(name), folder.resolve(name));
    }
  }

  private static void copyFile(Path from, Path to) throws IOException {
    Files.createDirectories(to.getParent());
    Files.copy(from, to);
  }

  /** As huggingface_hub keeps a snapshot: links to files named by their content. */
  private static void toLinks(Path snapshot, Path blobs) throws IOException {
    Files.createDirectories(blobs);
    List<Path> files;
    try (Stream<Path> walk = Files.walk(snapshot)) {
      files = walk.filter(Files::isRegularFile).toList();
    }
    for (Path file : files) {
      Path blob = blobs.resolve("blob" + files.indexOf(file));
      Files.move(file, blob);
      Files.createSymbolicLink(file, file.getParent().relativize(blob));
    }
  }

  private static void copy(Path from, String name, Path to, String layout, StoredType type)
      throws IOException {
    Files.createDirectories(to);
    try (SafetensorsFile file = SafetensorsFile.open(from.resolve(name + ".safetensors"))) {
      boolean pickled = layout.startsWith("pickle");
      String pickle = name.equals(UNET) ? name : "pytorch_model";
      int shards = layout.endsWith("shards") ? 3 : 1;
      List<SafetensorsWriter> writers = new ArrayList<>();
      for (int i = 0; i < shards; i++) {
        writers.add(new SafetensorsWriter());
      }
      List<String> map = new ArrayList<>();
      int next = 0;
      for (String tensor : file.names()) {
        int shard = next++ % shards;
        writers.get(shard).add(tensor, type, file.entry(tensor).shape(), file.readFloats(tensor));
        map.add("\"%s\": \"%s\"".formatted(tensor, shard(name, shard, pickled)));
      }
      if (pickled && shards == 1) {
        Path whole = from.resolve(name + ".safetensors");
        RearrangedFiles.writeCheckpoint(whole, to.resolve(pickle + ".bin"), 0);
        return;
      }
      if (shards == 1) {
        String suffix = layout.equals("fp16-name") ? ".fp16" : "";
        writers.get(0).write(to.resolve(name + suffix + ".safetensors"));
        return;
      }
      for (int i = 0; i < shards; i++) {
        Path part = to.resolve(shard(name, i, false));
        writers.get(i).write(part);
        if (pickled) {
          RearrangedFiles.writeCheckpoint(part, to.resolve(shard(name, i, true)), 0);
          Files.delete(part);
        }
      }
      Files.writeString(
          to.resolve(pickled ? pickle + ".bin.index.json" : name + ".safetensors.index.json"),
          "{\"weight_map\": {" + String.join(", ", map) + "}}");
    }
  }

  private static String shard(String name, int number, boolean pickled) {
    return name + "-" + number + (pickled ? ".bin" : ".safetensors");
  }

  /** The same checkpoint as float32, each weight with the value that {@code type} stores. */
  private Path writeRounded(Path stored, String flavour, StoredType type) throws IOException {
    Path target = Files.createDirectories(temp.resolve("rounded-" + type));
    if (!Files.isDirectory(stored)) {
      Path file = target.resolve(stored.getFileName());
      rewrite(stored, file);
      Path config = stored.resolveSibling(flavour + "-config");
      Files.createSymbolicLink(target.resolve(flavour + "-config"), config);
      return file;
    }
    try (Stream<Path> walk = Files.walk(stored)) {
      for (Path file : walk.filter(Files::isRegularFile).toList()) {
        Path to = target.resolve(stored.relativize(file).toString());
        Files.createDirectories(to.getParent());
        if (file.toString().endsWith(".safetensors")) {
          rewrite(file, to);
        } else {
          Files.copy(file, to);
        }
      }
    }
    return target;
  }

  private static void rewrite(Path from, Path to) throws IOException {
    SafetensorsWriter writer = new SafetensorsWriter();
    try (SafetensorsFile file = SafetensorsFile.open(from)) {
      for (String name : file.names()) {
        writer.add(name, file.entry(name).shape(), file.readFloats(name));
      }
      writer.write(to);
    }
  }
}
