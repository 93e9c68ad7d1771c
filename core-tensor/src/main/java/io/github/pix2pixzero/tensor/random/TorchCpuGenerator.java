package io.github.pix2pixzero.tensor.random;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Objects;

/**
 * Draws what PyTorch draws on a CPU: after {@code g = torch.Generator().manual_seed(seed)}, the
 * same calls in the same order give the same numbers, bit for bit, as PyTorch 2.13 on an x86
 * processor with AVX2. (On other processors PyTorch itself differs in the last bits of {@code
 * randn}.)
 *
 * <p>As there, the numbers depend on how they are asked for: {@code fillNormal} of 20 twice is not
 * {@code fillNormal} of 40, and lengths below 16 take a path of their own, which keeps the second
 * number of a pair for the next such call.
 */
public final class TorchCpuGenerator implements Generator {
  private static final float UNIFORM_STEP = 0x1p-24f;
  private static final int BLOCK = TorchBoxMuller.BLOCK;

  /** From here on 64 bits are drawn, to keep the bias of the remainder small. */
  private static final int WIDE_BOUND = 1 << 28;

  private final long seed;
  private final MersenneTwister bits;

  /** The second number of the last pair drawn on the path for few numbers, or NaN. */
  private double spareNormal = Double.NaN;

  /**
   * @param seed the argument of {@code manual_seed}; PyTorch uses its lower 32 bits
   */
  public TorchCpuGenerator(long seed) {
    this.seed = seed;
    bits = new MersenneTwister((int) seed);
  }

  @Override
  public long seed() {
    return seed;
  }

  /** {@code torch.randn(length, generator=g)}. */
  @Override
  public void fillNormal(float[] out, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, out.length);
    int end = offset + length;
    if (length < BLOCK) {
      for (int i = offset; i < end; i++) {
        out[i] = (float) nextNormal();
      }
      return;
    }
    fillUniform(out, offset, length);
    for (int i = offset; i <= end - BLOCK; i += BLOCK) {
      TorchBoxMuller.transform(out, i);
    }
    if (length % BLOCK != 0) { // the last 16 are drawn anew, over some already done
      fillUniform(out, end - BLOCK, BLOCK);
      TorchBoxMuller.transform(out, end - BLOCK);
    }
  }

  /** {@code torch.rand(length, generator=g)}. */
  @Override
  public void fillUniform(float[] out, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, out.length);
    for (int i = offset; i < offset + length; i++) {
      out[i] = (bits.nextBits() & 0xffffff) * UNIFORM_STEP;
    }
  }

  /** {@code torch.randint(bound, (1,), generator=g).item()}. */
  @Override
  public int nextInt(int bound) {
    checkArgument(bound > 0, "bound must be positive, but is %s", bound);
    return bound < WIDE_BOUND
        ? Integer.remainderUnsigned(bits.nextBits(), bound)
        : (int) Long.remainderUnsigned(nextLong(), bound);
  }

  private double nextNormal() {
    if (!Double.isNaN(spareNormal)) {
      double result = spareNormal;
      spareNormal = Double.NaN;
      return result;
    }
    double theta = 2 * Math.PI * nextDouble();
    double radius = Math.sqrt(-2 * StrictMath.log1p(-nextDouble()));
    spareNormal = radius * StrictMath.sin(theta);
    return radius * StrictMath.cos(theta);
  }

  /** Uniform in [0, 1), a multiple of 2<sup>-53</sup>. */
  private double nextDouble() {
    return (nextLong() & (1L << 53) - 1) * 0x1p-53;
  }

  private long nextLong() {
    long high = bits.nextBits();
    return high << 32 | Integer.toUnsignedLong(bits.nextBits());
  }
}
