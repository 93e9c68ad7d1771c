package io.github.pix2pixzero.stablediffusion;

import com.google.common.collect.ImmutableList;
import com.google.common.io.MoreFiles;
import io.github.pix2pixzero.tensor.io.RenamedTensors;
import io.github.pix2pixzero.tensor.io.StoredTensor;
import io.github.pix2pixzero.tensor.io.TensorSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Low-rank changes of weights (Hu et al., 2021), W + weight · alpha / rank · up · down, also of
 * convolutions (LoCon), under the names of kohya's scripts, of diffusers and of PEFT.
 *
 * <p>Names are compared without the dots that kohya's have lost.
 */
final class Lora {
  private static final Pattern ROLE =
      Pattern.compile(
          "(.+?)[._](?:lora[._])?(?:(lora_down|lora_A|down)|(lora_up|lora_B|up)|(lora_mid))"
              + "(?:\\.default)?\\.weight");
  private static final Pattern ALPHA = Pattern.compile("(.+)\\.alpha");
  private static final Pattern UNET =
      Pattern.compile("(?:base_model\\.model\\.)?(?:lora_unet_|unet\\.)");
  private static final Pattern TEXT =
      Pattern.compile("(?:base_model\\.model\\.)?(?:lora_te1?_|text_encoder\\.)");
  private static final String TEXT_MODEL = "text_model_";
  private static final String WEIGHT = ".weight";

  /** The factors of one weight's change. */
  private static final class Change {
    private StoredTensor down;
    private StoredTensor up;
    private StoredTensor mid;
    private StoredTensor alpha;
    private final List<String> names = new ArrayList<>();
  }

  private final TensorSource file;
  private final double weight;
  private final Map<String, Change> ofUnet = new TreeMap<>();
  private final Map<String, Change> ofText = new TreeMap<>();
  private final Set<String> strangers = new TreeSet<>();

  private Lora(TensorSource file, double weight) throws IOException {
    this.file = file;
    this.weight = weight;
    for (String name : file.names()) {
      if (!take(name)) {
        strangers.add(name);
      }
    }
  }

  /** The weights of both networks that a LoRA changes. */
  record Merged(TensorSource unet, TensorSource text) {}

  /**
   * Weights with a LoRA merged in. Its factors are read at once, the weights when they are asked
   * for.
   *
   * @throws IOException if the file is malformed, or holds a tensor that fits nothing, naming it
   */
  static Merged merge(TensorSource unet, TensorSource text, LoraChoice choice) throws IOException {
    try (TensorSource file = WeightsFile.open(choice.file()).tensors()) {
      Lora lora = new Lora(file, choice.weight());
      Merged merged = new Merged(lora.merged(unet, lora.ofUnet), lora.merged(text, lora.ofText));
      lora.requireNoneLeft();
      return merged;
    }
  }

  /** A checkpoint with LoRAs merged in one after the other; as that of one. */
  static Checkpoint merge(Checkpoint checkpoint, ImmutableList<LoraChoice> choices)
      throws IOException {
    Merged merged = new Merged(checkpoint.unet(), checkpoint.textEncoder());
    ImmutableList.Builder<MergedLora> notes = ImmutableList.builder();
    for (LoraChoice choice : choices) {
      merged = merge(merged.unet(), merged.text(), choice);
      notes.add(
          new MergedLora(
              MoreFiles.getNameWithoutExtension(choice.file()),
              FileHash.ofWeights(choice.file()),
              choice.weight()));
    }
    return checkpoint.with(merged.unet(), merged.text(), notes.build());
  }

  private boolean take(String name) throws IOException {
    Matcher unet = UNET.matcher(name);
    Matcher text = TEXT.matcher(name);
    boolean isUnet = unet.lookingAt();
    if (!isUnet && !text.lookingAt()) {
      return false;
    }
    String rest = name.substring(isUnet ? unet.end() : text.end());
    Map<String, Change> changes = isUnet ? ofUnet : ofText;
    Matcher alpha = ALPHA.matcher(rest);
    Matcher role = ROLE.matcher(rest);
    if (alpha.matches()) {
      change(changes, alpha.group(1), name).alpha = file.tensor(name);
    } else if (!role.matches()) {
      return false;
    } else if (role.group(2) != null) {
      change(changes, role.group(1), name).down = file.tensor(name);
    } else if (role.group(3) != null) {
      change(changes, role.group(1), name).up = file.tensor(name);
    } else {
      change(changes, role.group(1), name).mid = file.tensor(name);
    }
    return true;
  }

  private static Change change(Map<String, Change> changes, String layer, String name) {
    String plain =
        layer
            .replace(".processor", "")
            .replaceFirst("to_out_lora$", "to_out.0")
            .replaceFirst("_lora$", "");
    Change change = changes.computeIfAbsent(flat(plain), absent -> new Change());
    change.names.add(name);
    return change;
  }

  private static String flat(String name) {
    String flat = name.replace('.', '_');
    return flat.startsWith(TEXT_MODEL) ? flat.substring(TEXT_MODEL.length()) : flat;
  }

  private TensorSource merged(TensorSource base, Map<String, Change> changes) throws IOException {
    if (changes.isEmpty()) {
      return base;
    }
    Map<String, String> weights = new HashMap<>();
    for (String name : base.names()) {
      if (name.endsWith(WEIGHT)) {
        weights.put(flat(name.substring(0, name.length() - WEIGHT.length())), name);
      }
    }
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    for (String name : base.names()) {
      tensors.put(name, base.tensor(name));
    }
    for (Map.Entry<String, Change> entry : changes.entrySet()) {
      Change change = entry.getValue();
      String name = weights.get(entry.getKey());
      if (name == null || change.down == null || change.up == null) {
        strangers.addAll(change.names);
      } else {
        tensors.put(name, merged(base.tensor(name), change));
      }
    }
    return new RenamedTensors(base, tensors);
  }

  private StoredTensor merged(StoredTensor base, Change change) throws IOException {
    long[] shape = base.shape();
    int rank = (int) change.down.shape()[0];
    double scale = weight;
    if (change.alpha != null) {
      scale *= change.alpha.floats()[0] / rank;
    }
    LowRank product = new LowRank(change.up, change.mid, change.down, (float) scale);
    if (product.size() != base.elementCount() || product.outputs() != shape[0]) {
      throw new IOException(
          "%s does not fit %s, which it should change".formatted(change.up, base));
    }
    return base.changed(product::addTo);
  }

  private void requireNoneLeft() throws IOException {
    if (!strangers.isEmpty()) {
      throw new IOException(
          "%s: %s tensors fit nothing in the checkpoint: %s"
              .formatted(
                  file.displayName(),
                  strangers.size(),
                  Inspection.some(ImmutableList.copyOf(strangers), ", ")));
    }
  }
}
