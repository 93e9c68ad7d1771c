package io.github.pix2pixzero.stablediffusion;

import com.google.common.hash.Hashing;
import io.github.pix2pixzero.tensor.io.StoredType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A few numbers that tell the weights of one network from those of another: sums of samples of
 * every matrix and kernel, each scaled to a mean square of 1, under signs that its name determines.
 * By chance they are normal with a deviation of about 1. Weights that were rounded to half
 * precision, or lie in another layout, have the same numbers but for the tolerance; those that were
 * trained further, or changed by a LoRA, have others.
 */
final class WeightSketch {
  private static final int NUMBERS = 8;

  /** Samples of a tensor, as many as a hash has bits. */
  private static final int SAMPLES = Long.SIZE;

  /** Rounding to bfloat16 moves a number by a thousandth. */
  private static final double TOLERANCE = 0.01;

  /** The autoencoder's attention, which goes by two sets of names. */
  private static final Pattern ALIASED =
      Pattern.compile(".*mid_block\\.attentions\\.0\\.\\w+(?:\\.0)?\\.weight");

  private static final String OPTIONAL_PREFIX = "text_model.";

  private final double[] sums = new double[NUMBERS];
  private int tensors;

  /**
   * Takes a tensor into account.
   *
   * @param name under which diffusers or transformers have it
   * @param bytes its elements, little-endian
   */
  void add(String name, StoredType type, long[] shape, ByteBuffer bytes) {
    int count = bytes.limit() / type.byteSize();
    if (shape.length < 2 || count < SAMPLES || ALIASED.matcher(name).matches()) {
      return;
    }
    float[] samples = new float[SAMPLES];
    double squares = 0;
    int stride = count / SAMPLES + 1; // not a divisor, so that columns vary
    for (int i = 0; i < SAMPLES; i++) {
      int at = (int) ((long) i * stride % count);
      type.decode(bytes.slice(at * type.byteSize(), type.byteSize()), samples, i);
      squares += (double) samples[i] * samples[i];
    }
    if (squares == 0) {
      return;
    }
    String plain =
        name.startsWith(OPTIONAL_PREFIX) ? name.substring(OPTIONAL_PREFIX.length()) : name;
    long signs = Hashing.murmur3_128().hashString(plain, StandardCharsets.UTF_8).asLong();
    double scale = 1 / Math.sqrt(squares / SAMPLES);
    for (int i = 0; i < SAMPLES; i++) {
      sums[i % NUMBERS] += (signs >> i & 1) == 0 ? samples[i] * scale : -samples[i] * scale;
    }
    tensors++;
  }

  /** The numbers as text. */
  @Override
  public String toString() {
    double norm = Math.sqrt((double) Math.max(1, tensors) * SAMPLES / NUMBERS);
    return Arrays.stream(sums)
        .mapToObj(sum -> String.format(Locale.ROOT, "%.4f", sum / norm))
        .collect(Collectors.joining(" "));
  }

  /** Whether two texts are of the same weights. */
  static boolean match(String one, String other) {
    List<String> a = List.of(one.split(" "));
    List<String> b = List.of(other.split(" "));
    if (a.size() != b.size()) {
      return false;
    }
    for (int i = 0; i < a.size(); i++) {
      try {
        double distance = Math.abs(Double.parseDouble(a.get(i)) - Double.parseDouble(b.get(i)));
        if (!(distance <= TOLERANCE)) {
          return false;
        }
      } catch (NumberFormatException e) {
        return false;
      }
    }
    return true;
  }
}
