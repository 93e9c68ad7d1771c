package io.github.pix2pixzero.tensor.random;

/**
 * MT19937 of Matsumoto and Nishimura, "Mersenne Twister: A 623-dimensionally equidistributed
 * uniform pseudo-random number generator" (1998), with the seeding of their 2002 version.
 */
final class MersenneTwister {
  private static final int N = 624;
  private static final int M = 397;
  private static final int UPPER_BIT = 0x80000000;
  private static final int MATRIX_A = 0x9908b0df;

  private final int[] state = new int[N];
  private int next = N;

  MersenneTwister(int seed) {
    state[0] = seed;
    for (int i = 1; i < N; i++) {
      state[i] = 1812433253 * (state[i - 1] ^ state[i - 1] >>> 30) + i;
    }
  }

  /** The next 32 random bits. */
  int nextBits() {
    if (next == N) {
      regenerate();
    }
    int y = state[next++];
    y ^= y >>> 11;
    y ^= y << 7 & 0x9d2c5680;
    y ^= y << 15 & 0xefc60000;
    return y ^ y >>> 18;
  }

  private void regenerate() {
    for (int i = 0; i < N; i++) {
      int successor = state[(i + 1) % N];
      int y = state[i] & UPPER_BIT | successor & ~UPPER_BIT;
      state[i] = state[(i + M) % N] ^ y >>> 1 ^ (successor & 1) * MATRIX_A;
    }
    next = 0;
  }
}
