package io.github.pix2pixzero.tensor.nn;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.random.Generator;
import java.util.Arrays;

/**
 * How a weight starts before it is trained. Elements are drawn in the order in which the tensor is
 * stored, so that with a {@link io.github.pix2pixzero.tensor.random.TorchCpuGenerator} they are
 * those of {@code torch.nn.init}.
 */
@FunctionalInterface
public interface Initializer {

  /**
   * How many inputs each output sees, and how many outputs each input.
   *
   * @param in of a weight stored [out, in, …], {@code in} times the kernel's area
   * @param out {@code out} times the kernel's area
   */
  record Fans(int in, int out) {
    /** Of a weight stored with this shape; below rank 2, of as many as it has elements. */
    public static Fans of(Shape stored) {
      if (stored.rank() < 2) {
        return new Fans(stored.size(), stored.size());
      }
      int area = stored.size(2, stored.rank());
      return new Fans(stored.dim(1) * area, stored.dim(0) * area);
    }
  }

  /** Sets all elements. */
  void fill(float[] elements, Fans fans, Generator generator);

  /** One value throughout. */
  static Initializer constant(float value) {
    return (elements, fans, generator) -> Arrays.fill(elements, value);
  }

  /** As shifts start. */
  static Initializer zeros() {
    return constant(0);
  }

  /** As scales start. */
  static Initializer ones() {
    return constant(1);
  }

  /** The normal distribution of mean 0. */
  static Initializer normal(double deviation) {
    checkArgument(deviation > 0, "the deviation is above 0, got %s", deviation);
    return (elements, fans, generator) -> drawNormal(elements, generator, deviation);
  }

  /** Uniform in [-{@code bound}, {@code bound}). */
  static Initializer uniform(double bound) {
    checkArgument(bound > 0, "the bound is above 0, got %s", bound);
    return (elements, fans, generator) -> drawUniform(elements, generator, bound);
  }

  /** Uniform within 1 / √fanIn, as PyTorch's linear layers and convolutions start. */
  static Initializer fanIn() {
    return (elements, fans, generator) ->
        drawUniform(elements, generator, 1 / Math.sqrt(fans.in()));
  }

  /**
   * Normal of deviation gain / √fanIn, which keeps the size of activations (He et al., 2015).
   *
   * @param gain √2 in front of a ReLU, √(2 / (1 + slope²)) in front of a leaky one
   */
  static Initializer kaimingNormal(double gain) {
    checkGain(gain);
    return (elements, fans, generator) ->
        drawNormal(elements, generator, gain / Math.sqrt(fans.in()));
  }

  /** Uniform, of the same deviation as {@link #kaimingNormal}. */
  static Initializer kaimingUniform(double gain) {
    checkGain(gain);
    return (elements, fans, generator) ->
        drawUniform(elements, generator, Math.sqrt(3) * gain / Math.sqrt(fans.in()));
  }

  /**
   * Normal of deviation gain · √(2 / (fanIn + fanOut)), which keeps the size of activations and of
   * gradients (Glorot and Bengio, 2010).
   */
  static Initializer xavierNormal(double gain) {
    checkGain(gain);
    return (elements, fans, generator) ->
        drawNormal(elements, generator, gain * Math.sqrt(2.0 / (fans.in() + fans.out())));
  }

  /** Uniform, of the same deviation as {@link #xavierNormal}. */
  static Initializer xavierUniform(double gain) {
    checkGain(gain);
    return (elements, fans, generator) ->
        drawUniform(elements, generator, gain * Math.sqrt(6.0 / (fans.in() + fans.out())));
  }

  /**
   * Normal of deviation 1 / rate, for layers of an equalised learning rate (Karras et al., 2018):
   * they multiply their weight with rate / √fanIn whenever they use it, so that an optimiser that
   * takes steps of the same size everywhere changes all layers alike.
   *
   * @param rate the layer's share of the learning rate, such as 1, or 0.01 in a mapping network
   */
  static Initializer equalized(double rate) {
    checkArgument(rate > 0, "the rate is above 0, got %s", rate);
    return normal(1 / rate);
  }

  private static void checkGain(double gain) {
    checkArgument(gain > 0, "the gain is above 0, got %s", gain);
  }

  private static void drawNormal(float[] elements, Generator generator, double deviation) {
    generator.fillNormal(elements, 0, elements.length);
    for (int i = 0; i < elements.length; i++) {
      elements[i] *= (float) deviation;
    }
  }

  private static void drawUniform(float[] elements, Generator generator, double bound) {
    generator.fillUniform(elements, 0, elements.length);
    for (int i = 0; i < elements.length; i++) {
      elements[i] = (float) (elements[i] * 2 * bound - bound);
    }
  }
}
