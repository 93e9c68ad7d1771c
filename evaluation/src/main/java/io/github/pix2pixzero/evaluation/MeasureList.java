package io.github.pix2pixzero.evaluation;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.clip.ClipModel;
import io.github.pix2pixzero.evaluation.measure.ClipAccuracy;
import io.github.pix2pixzero.evaluation.measure.ClipSimilarity;
import io.github.pix2pixzero.evaluation.measure.Convention;
import io.github.pix2pixzero.evaluation.measure.LpipsDistance;
import io.github.pix2pixzero.evaluation.measure.MeanSquaredError;
import io.github.pix2pixzero.evaluation.measure.Measure;
import io.github.pix2pixzero.evaluation.measure.Part;
import io.github.pix2pixzero.evaluation.measure.PeakSignalToNoise;
import io.github.pix2pixzero.evaluation.measure.StructuralSimilarity;
import io.github.pix2pixzero.evaluation.measure.StructureDistance;
import io.github.pix2pixzero.evaluation.measure.ToyMeasure;
import io.github.pix2pixzero.evaluation.network.ClipEmbeddings;
import io.github.pix2pixzero.evaluation.network.DinoModel;
import io.github.pix2pixzero.evaluation.network.Lpips;
import io.github.pix2pixzero.evaluation.network.SelfSimilarity;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.TensorSource;
import io.github.pix2pixzero.tensor.io.TorchStateDict;
import io.github.pix2pixzero.tensor.io.TorchTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Opens networks and lists the measures that they allow, in the order of PIE-Bench's tables. What
 * needs no network is always there: MSE, PSNR and SSIM.
 */
public final class MeasureList {
  private static final ImmutableList<Part> PARTS = ImmutableList.of(Part.WHOLE, Part.BACKGROUND);

  private final Backend backend;
  private final Convention convention;
  private final List<Measure> toy = new ArrayList<>();
  private final List<Measure> structure = new ArrayList<>();
  private final List<Measure> lpips = new ArrayList<>();
  private final List<Measure> clip = new ArrayList<>();

  public MeasureList(Backend backend, Convention convention) {
    this.backend = backend;
    this.convention = convention;
  }

  /** Adds those of sets whose right answers are known. */
  public MeasureList withAnswers() {
    toy.addAll(List.of(ToyMeasure.values()));
    return this;
  }

  /**
   * Adds the similarities and CLIP-Acc.
   *
   * @param folder of a CLIP model; PIE-Bench's is {@code openai/clip-vit-large-patch14}
   * @throws IOException if a file is missing or malformed
   */
  public MeasureList withClip(Path folder) throws IOException {
    ClipEmbeddings model =
        new ClipEmbeddings(ClipModel.load(ModelFolder.of(folder), backend), backend);
    String fingerprint = Fingerprint.of(folder);
    for (ClipSimilarity.Of what : ClipSimilarity.Of.values()) {
      clip.add(new ClipSimilarity(model, what, fingerprint));
    }
    clip.add(new ClipAccuracy(model, fingerprint));
    return this;
  }

  /**
   * Adds the structure distance.
   *
   * @param folder of DINO in transformers' layout; everybody's is {@code facebook/dino-vitb8}
   * @throws IOException if a file is missing or malformed
   */
  public MeasureList withDino(Path folder) throws IOException {
    DinoModel model = DinoModel.load(ModelFolder.of(folder), backend);
    structure.add(
        new StructureDistance(
            new SelfSimilarity(model, convention.preparation()), Fingerprint.of(folder)));
    return this;
  }

  /**
   * Adds LPIPS of the whole and of the background.
   *
   * @param features torchvision's network, a safetensors file or, as published, one of PyTorch's;
   *     PIE-Bench's is SqueezeNet 1.1
   * @param heads the weights of LPIPS for it, likewise
   * @throws IOException if a file is missing or malformed
   */
  public MeasureList withLpips(Path features, Path heads) throws IOException {
    String fingerprint = Fingerprint.of(features, heads);
    try (TensorSource one = open(features);
        TensorSource other = open(heads)) {
      Lpips network = Lpips.load(one, other, backend);
      for (Part part : PARTS) {
        lpips.add(new LpipsDistance(network, part, convention.normalization(), fingerprint));
      }
    }
    return this;
  }

  private static TensorSource open(Path file) throws IOException {
    return TorchTensor.isTorchFile(file) ? TorchStateDict.open(file) : SafetensorsFile.open(file);
  }

  public ImmutableList<Measure> build() {
    ImmutableList.Builder<Measure> all = ImmutableList.builder();
    all.addAll(toy).addAll(structure);
    for (Part part : PARTS) {
      all.add(new PeakSignalToNoise(part));
    }
    all.addAll(lpips);
    for (Part part : PARTS) {
      all.add(new MeanSquaredError(part));
    }
    for (Part part : PARTS) {
      all.add(new StructuralSimilarity(part, convention.border()));
    }
    return all.addAll(clip).build();
  }
}
