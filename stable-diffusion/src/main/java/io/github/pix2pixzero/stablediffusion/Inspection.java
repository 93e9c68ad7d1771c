package io.github.pix2pixzero.stablediffusion;

import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.clip.ClipTextModel;
import io.github.pix2pixzero.tensor.io.StoredTensor;
import io.github.pix2pixzero.tensor.io.StoredType;
import io.github.pix2pixzero.tensor.io.TensorSource;
import io.github.pix2pixzero.tensor.nn.DeclaredWeights;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import io.github.pix2pixzero.vae.AutoencoderKL;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * What a checkpoint holds beside what its networks ask for, found without reading any weights.
 *
 * @param parts text encoder, autoencoder and noise predictor, in this order
 */
public record Inspection(ImmutableList<Part> parts) {
  private static final int SHOWN = 5;

  /**
   * One network.
   *
   * @param name as diffusers names its folder
   * @param files what its weights are called in messages
   * @param tensors number of tensors that are used
   * @param parameters elements of these
   * @param bytes their size in the files
   * @param types how many of them are stored in which type
   * @param faults a sentence for every tensor that is missing or has another shape, to be read
   *     after {@code files}
   * @param leftovers names of tensors that the network does not use
   */
  public record Part(
      String name,
      String files,
      int tensors,
      long parameters,
      long bytes,
      ImmutableMap<StoredType, Integer> types,
      ImmutableList<String> faults,
      ImmutableList<String> leftovers) {}

  /**
   * Compares what is there with what the networks ask for.
   *
   * @throws IOException if a file is malformed
   */
  public static Inspection of(Checkpoint checkpoint) throws IOException {
    return new Inspection(
        ImmutableList.of(
            part(
                "text_encoder",
                checkpoint.textEncoder(),
                weights -> new ClipTextModel(weights, checkpoint.textConfig()),
                name -> ClipTextModel.isOfNoUse(name, checkpoint.textConfig())),
            part(
                "vae",
                checkpoint.vae(),
                weights -> new AutoencoderKL(weights, checkpoint.vaeConfig()),
                name -> false),
            part(
                "unet",
                checkpoint.unet(),
                weights -> new UNet2DConditionModel(weights, checkpoint.unetConfig()),
                name -> false)));
  }

  private static Part part(
      String name, TensorSource source, Consumer<Weights> bind, Predicate<String> ofNoUse)
      throws IOException {
    DeclaredWeights weights = Weights.declared(source);
    bind.accept(weights);
    TreeSet<String> used = new TreeSet<>(source.names());
    used.removeAll(weights.leftovers());
    long parameters = 0;
    long bytes = 0;
    Map<StoredType, Integer> types = new EnumMap<>(StoredType.class);
    for (String tensorName : used) {
      StoredTensor tensor = source.tensor(tensorName);
      parameters += tensor.elementCount();
      bytes += tensor.byteSize();
      types.merge(tensor.storedType(), 1, Integer::sum);
    }
    return new Part(
        name,
        source.displayName(),
        used.size(),
        parameters,
        bytes,
        ImmutableMap.copyOf(types),
        weights.faults().stream()
            .map(Weights.Fault::toString)
            .collect(ImmutableList.toImmutableList()),
        weights.leftovers().stream()
            .filter(ofNoUse.negate())
            .collect(ImmutableList.toImmutableList()));
  }

  /** Tensors that are used, of all parts together. */
  public int tensors() {
    return parts.stream().mapToInt(Part::tensors).sum();
  }

  /**
   * @throws IllegalArgumentException naming the weights that are missing or have another shape
   */
  public void requireComplete() {
    List<String> faults =
        parts.stream().flatMap(part -> part.faults().stream().map(part.files()::concat)).toList();
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException(some(faults, "\n"));
    }
  }

  /** The first of many, with how many there are more. */
  static String some(List<String> all, String separator) {
    String shown = Joiner.on(separator).join(all.subList(0, Math.min(SHOWN, all.size())));
    return all.size() <= SHOWN
        ? shown
        : shown + separator + "and " + (all.size() - SHOWN) + " more";
  }
}
