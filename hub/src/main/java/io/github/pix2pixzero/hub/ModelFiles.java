package io.github.pix2pixzero.hub;

import java.io.FileNotFoundException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A selection of files by name: what must be there, what is taken where it is there, and weights in
 * one of their variants. Weights are taken as safetensors only: pickles run code in other programs
 * that share the cache, and are never downloaded. Immutable.
 */
public final class ModelFiles implements FileSelection {
  private static final String SAFETENSORS = ".safetensors";

  /** Half-precision copies, in the order in which they stand in for the plain files. */
  private static final List<String> VARIANTS = List.of("fp16", "bf16");

  private final List<String> required;
  private final List<String> optional;
  private final List<Weights> weights;

  private ModelFiles(Builder builder) {
    required = List.copyOf(builder.required);
    optional = List.copyOf(builder.optional);
    weights = List.copyOf(builder.weights);
  }

  public static Builder builder() {
    return new Builder();
  }

  /**
   * What Stable Diffusion needs of a repository in the layout of diffusers: the configs, the
   * tokenizer, and the weights of the three networks.
   *
   * @param variant the copy of the weights to prefer, such as {@code fp16}; without it, the plain
   *     one
   */
  public static ModelFiles diffusers(Optional<String> variant) {
    Builder files =
        builder()
            .optional("model_index.json")
            .require("scheduler/scheduler_config.json")
            .require("tokenizer/vocab.json", "tokenizer/merges.txt")
            .optional("tokenizer/tokenizer_config.json", "tokenizer/special_tokens_map.json")
            .require("unet/config.json", "vae/config.json", "text_encoder/config.json");
    for (String name :
        List.of(
            "unet/diffusion_pytorch_model", "vae/diffusion_pytorch_model", "text_encoder/model")) {
      files.weights(name, variant);
    }
    return files.build();
  }

  @Override
  public List<String> select(Set<String> files) throws FileNotFoundException {
    Set<String> selected = new LinkedHashSet<>();
    for (String file : required) {
      if (!files.contains(file)) {
        throw new FileNotFoundException("no " + file);
      }
      selected.add(file);
    }
    optional.stream().filter(files::contains).forEach(selected::add);
    for (Weights part : weights) {
      selected.addAll(part.select(files));
    }
    return List.copyOf(selected);
  }

  /** Collects names. */
  public static final class Builder {
    private final List<String> required = new ArrayList<>();
    private final List<String> optional = new ArrayList<>();
    private final List<Weights> weights = new ArrayList<>();

    private Builder() {}

    /** Files without which the model cannot be read. */
    public Builder require(String... names) {
      required.addAll(List.of(names));
      return this;
    }

    /** Files that are taken where they are there. */
    public Builder optional(String... names) {
      optional.addAll(List.of(names));
      return this;
    }

    /**
     * The weights of a model: {@code NAME.safetensors}, or its shards with their index. Where the
     * variant is missing the plain copy is taken, and where that is missing fp16 or bf16.
     *
     * @param name path without an ending, such as {@code unet/diffusion_pytorch_model}
     * @param variant the copy to prefer, such as {@code fp16}
     */
    public Builder weights(String name, Optional<String> variant) {
      List<String> suffixes = new ArrayList<>();
      variant.ifPresent(preferred -> suffixes.add("." + preferred));
      suffixes.add("");
      VARIANTS.forEach(half -> suffixes.add("." + half));
      weights.add(new Weights(name, List.copyOf(suffixes)));
      return this;
    }

    public ModelFiles build() {
      return new ModelFiles(this);
    }
  }

  private record Weights(String name, List<String> suffixes) {
    List<String> select(Set<String> files) throws FileNotFoundException {
      for (String suffix : suffixes) {
        String file = name + suffix + SAFETENSORS;
        if (files.contains(file)) {
          return List.of(file);
        }
        String index = name + SAFETENSORS + ".index" + suffix + ".json";
        if (files.contains(index)) {
          List<String> selected = new ArrayList<>(shards(suffix, files));
          selected.add(index);
          return selected;
        }
      }
      String folder = name.substring(0, name.lastIndexOf('/') + 1);
      boolean pickled =
          files.contains(name + ".bin") || files.contains(folder + "pytorch_model.bin");
      throw new FileNotFoundException(
          "no %s%s%s"
              .formatted(
                  name,
                  SAFETENSORS,
                  pickled
                      ? ", only a pickle, which runs code in other programs and is not downloaded"
                      : ""));
    }

    /**
     * The shards {@code 00001-of-N} to {@code N-of-N}. A variant stands before the number, in older
     * repositories behind it.
     */
    private List<String> shards(String suffix, Set<String> files) throws FileNotFoundException {
      String number = "-(\\d{5})-of-(\\d{5})";
      String variant = Pattern.quote(suffix);
      Pattern shard =
          Pattern.compile(
              "%s(?:%s%s|%s%s)%s"
                  .formatted(
                      Pattern.quote(name),
                      variant,
                      number,
                      number,
                      variant,
                      Pattern.quote(SAFETENSORS)));
      TreeMap<Integer, String> found = new TreeMap<>();
      int count = 1;
      for (String file : files) {
        Matcher match = shard.matcher(file);
        if (match.matches()) {
          int group = match.group(1) == null ? 3 : 1;
          found.put(Integer.parseInt(match.group(group)), file);
          count = Integer.parseInt(match.group(group + 1));
        }
      }
      for (int i = 1; i <= count; i++) {
        if (!found.containsKey(i)) {
          throw new FileNotFoundException(
              "no shard %s of %s of %s%s%s".formatted(i, count, name, suffix, SAFETENSORS));
        }
      }
      return List.copyOf(found.values());
    }
  }
}
