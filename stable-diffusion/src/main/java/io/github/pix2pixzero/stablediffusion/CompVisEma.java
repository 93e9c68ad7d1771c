package io.github.pix2pixzero.stablediffusion;

import io.github.pix2pixzero.tensor.io.RenamedTensors;
import io.github.pix2pixzero.tensor.io.StoredTensor;
import io.github.pix2pixzero.tensor.io.TensorSource;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The moving averages of the noise predictor's weights in CompVis' files, whose names have lost
 * their dots ({@code LitEma}): {@code model_ema.diffusion_modelinput_blocks10in_layers0weight} is
 * {@code model.diffusion_model.input_blocks.1.0.in_layers.0.weight}.
 */
final class CompVisEma {
  private static final String PREFIX = "model_ema.diffusion_model";
  private static final String END = "(weight|bias)";

  private static final Pattern IN_BLOCK =
      Pattern.compile("(input_blocks|output_blocks)(\\d+)(\\d)(\\D.*)");
  private static final Pattern IN_MIDDLE = Pattern.compile("(middle_block)(\\d)(\\D.*)");
  private static final Pattern AROUND = Pattern.compile("(time_embed|out)(\\d)" + END);
  private static final Pattern NUMBERED =
      Pattern.compile("(in_layers|emb_layers|out_layers)(\\d)" + END);
  private static final Pattern NAMED =
      Pattern.compile("(skip_connection|norm|proj_in|proj_out|op|conv)" + END);
  private static final Pattern IN_TRANSFORMER = Pattern.compile("transformer_blocks(\\d)(.+)");
  private static final Pattern ATTENTION = Pattern.compile("(attn\\d)(to_[qkv]|to_out0)" + END);
  private static final Pattern FEED_FORWARD = Pattern.compile("ffnet(0proj|2)" + END);
  private static final Pattern NORM = Pattern.compile("(norm\\d)" + END);

  private CompVisEma() {}

  /** Tensors with the averages in place of weights where there are only those. */
  static TensorSource inPlaceOfWeights(TensorSource source) throws IOException {
    if (source.names().stream().noneMatch(name -> name.startsWith(PREFIX))
        || source.names().stream().anyMatch(name -> name.startsWith(CompVisUNetNames.PREFIX))) {
      return source;
    }
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    for (String name : source.names()) {
      String dotted = name.startsWith(PREFIX) ? dotted(name.substring(PREFIX.length())) : null;
      tensors.put(dotted == null ? name : CompVisUNetNames.PREFIX + dotted, source.tensor(name));
    }
    return new RenamedTensors(source, tensors);
  }

  /** A name of the network with its dots; null if it is none. */
  static String dotted(String name) {
    Matcher found = AROUND.matcher(name);
    if (found.matches()) {
      return found.group(1) + "." + found.group(2) + "." + found.group(3);
    }
    found = IN_BLOCK.matcher(name);
    if (found.matches()) {
      String inner = inner(found.group(4));
      return inner == null
          ? null
          : found.group(1) + "." + found.group(2) + "." + found.group(3) + "." + inner;
    }
    found = IN_MIDDLE.matcher(name);
    if (found.matches()) {
      String inner = inner(found.group(3));
      return inner == null ? null : found.group(1) + "." + found.group(2) + "." + inner;
    }
    return null;
  }

  private static String inner(String name) {
    if (name.matches(END)) {
      return name;
    }
    Matcher found = NUMBERED.matcher(name);
    if (found.matches()) {
      return found.group(1) + "." + found.group(2) + "." + found.group(3);
    }
    found = NAMED.matcher(name);
    if (found.matches()) {
      return found.group(1) + "." + found.group(2);
    }
    found = IN_TRANSFORMER.matcher(name);
    if (found.matches()) {
      String rest = inTransformer(found.group(2));
      return rest == null ? null : "transformer_blocks." + found.group(1) + "." + rest;
    }
    return null;
  }

  private static String inTransformer(String name) {
    Matcher found = ATTENTION.matcher(name);
    if (found.matches()) {
      String projection = found.group(2).replace("to_out0", "to_out.0");
      return found.group(1) + "." + projection + "." + found.group(3);
    }
    found = FEED_FORWARD.matcher(name);
    if (found.matches()) {
      return "ff.net." + found.group(1).replace("0proj", "0.proj") + "." + found.group(2);
    }
    found = NORM.matcher(name);
    return found.matches() ? found.group(1) + "." + found.group(2) : null;
  }
}
