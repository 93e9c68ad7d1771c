package io.github.pix2pixzero.cli;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.evaluation.MeasureList;
import io.github.pix2pixzero.evaluation.measure.Convention;
import io.github.pix2pixzero.evaluation.measure.Measure;
import io.github.pix2pixzero.evaluation.set.EvaluationSet;
import io.github.pix2pixzero.evaluation.set.EvaluationSet.Layout;
import io.github.pix2pixzero.hub.Hub;
import io.github.pix2pixzero.hub.ModelFiles;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What is measured, and with which networks. */
final class MeasureOptions {
  private static final ModelFiles CLIP_FILES =
      ModelFiles.builder()
          .require("config.json", "vocab.json", "merges.txt", "tokenizer_config.json")
          .optional("special_tokens_map.json")
          .weights("model", Optional.empty())
          .build();

  private static final ModelFiles DINO_FILES =
      ModelFiles.builder().require("config.json").weights("model", Optional.empty()).build();

  @Option(
      names = "--clip",
      order = 30,
      paramLabel = "DIR|NAME",
      description =
          "A CLIP model: a folder, or a name of the hub such as openai/clip-vit-large-patch14. Adds"
              + " CLIP-Acc and the similarities of pictures and texts.")
  private String clip;

  @Option(
      names = "--dino",
      order = 31,
      paramLabel = "DIR|NAME",
      description =
          "DINO: a folder, or a name of the hub such as facebook/dino-vitb8. Adds the structure"
              + " distance.")
  private String dino;

  @Option(
      names = "--lpips",
      order = 32,
      paramLabel = "FILE",
      description =
          "torchvision's alexnet, vgg16 or squeezenet1_1, .safetensors or .pth: adds LPIPS, with"
              + " --lpips-heads.")
  private Path lpips;

  @Option(
      names = "--lpips-heads",
      order = 33,
      paramLabel = "FILE",
      description = "The weights of LPIPS for these features, .safetensors or .pth.")
  private Path heads;

  @Option(
      names = "--convention",
      order = 34,
      paramLabel = "authors|pie_bench|pie_bench_current",
      description =
          "Whose numbers to agree with where code or versions differ. Default: pie_bench for"
              + " PIE-Bench, so that numbers compare with published ones; else authors.")
  private Convention convention;

  @Option(
      names = "--limit",
      order = 35,
      paramLabel = "N",
      description = "Only the first N samples of every kind.")
  private Integer limit;

  void checkUsage(ComputingCommand command) {
    command.require((lpips == null) == (heads == null), "--lpips and --lpips-heads go together");
    command.require(limit == null || limit > 0, "--limit should be at least 1, it is " + limit);
  }

  EvaluationSet open(Path path) throws IOException {
    EvaluationSet set = EvaluationSet.open(path);
    return limit == null ? set : set.first(limit);
  }

  ImmutableList<Measure> measures(EvaluationSet set, Backend backend, CommandProgress progress)
      throws IOException {
    Convention chosen = convention;
    if (chosen == null) {
      chosen = set.layout() == Layout.PIE_BENCH ? Convention.PIE_BENCH : Convention.AUTHORS;
    }
    MeasureList list = new MeasureList(backend, chosen);
    if (set.layout() == Layout.TOY_WORLD) {
      list.withAnswers();
    }
    if (clip != null) {
      list.withClip(Hub.locate(clip, CLIP_FILES, progress.downloads()));
    }
    if (dino != null) {
      list.withDino(Hub.locate(dino, DINO_FILES, progress.downloads()));
    }
    if (lpips != null) {
      list.withLpips(lpips, heads);
    }
    return list.build();
  }
}
