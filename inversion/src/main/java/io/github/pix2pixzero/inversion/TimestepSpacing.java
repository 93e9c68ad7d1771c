package io.github.pix2pixzero.inversion;

import java.util.Locale;

/**
 * Which timesteps of training a run of fewer steps visits (Lin et al., 2023, table 2), with the
 * names of diffusers' scheduler configs.
 */
public enum TimestepSpacing {
  /** From the clean end on: every ⌊T/n⌋-th; the noisiest timestep is never visited. */
  LEADING {
    @Override
    int[] rising(int trained, int steps, int offset) {
      int[] timesteps = new int[steps];
      for (int i = 0; i < steps; i++) {
        timesteps[i] = i * (trained / steps) + offset;
      }
      return timesteps;
    }
  },
  /** From the noisy end on, as models with zero terminal SNR need it. */
  TRAILING {
    @Override
    int[] rising(int trained, int steps, int offset) {
      double start = trained;
      // NumPy's arange takes for its increment what the first sum has rounded it to.
      double increment = start - (double) trained / steps - start;
      int[] timesteps = new int[steps];
      for (int i = 0; i < steps; i++) {
        timesteps[steps - 1 - i] = (int) Math.rint(start + i * increment) - 1;
      }
      return timesteps;
    }
  },
  /** From one end to the other, both included. */
  LINSPACE {
    @Override
    int[] rising(int trained, int steps, int offset) {
      int[] timesteps = new int[steps];
      for (int i = 1; i < steps; i++) {
        timesteps[i] = (int) Math.rint(i * ((trained - 1.0) / (steps - 1)));
      }
      return timesteps;
    }
  };

  /**
   * The timesteps of a run in rising order.
   *
   * @param trained the number of timesteps in training
   * @param offset added to {@link #LEADING} ones
   */
  abstract int[] rising(int trained, int steps, int offset);

  /** The name in a config. */
  public String configName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
