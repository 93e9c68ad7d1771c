package io.github.pix2pixzero.inversion;

import java.util.Locale;

/**
 * How a latent is led along what the network predicts. All visit the timesteps of {@link
 * DdimScheduler}, so that any may go beside a {@link Trajectory}.
 */
public enum Solver {
  /** First order (Song et al., 2021): every prediction counts for one step. */
  DDIM("ddim", "DDIM"),
  /** DPM-Solver++ 2M (Lu et al., 2022): second order, with the prediction of the step before. */
  DPM_SOLVER_PLUS_PLUS("dpm++2m", "DPM++ 2M"),
  /**
   * UniPC of order 2 (Zhao et al., 2023): like that, and each prediction also corrects the step
   * that led to where it was made.
   */
  UNI_PC("unipc", "UniPC");

  private final String title;
  private final String sampler;

  Solver(String title, String sampler) {
    this.title = title;
    this.sampler = sampler;
  }

  /** A run of so many steps. */
  public SolverSteps steps(NoiseSchedule schedule, int steps) {
    return switch (this) {
      case DDIM -> new DdimSteps(schedule, steps);
      case DPM_SOLVER_PLUS_PLUS -> new DpmSolverSteps(schedule, steps);
      case UNI_PC -> new UniPcSteps(schedule, steps);
    };
  }

  /** What options call it. */
  public String title() {
    return title;
  }

  /** What the parameters of pictures call it, as other programs do. */
  public String sampler() {
    return sampler;
  }

  /**
   * The solver of a title.
   *
   * @throws IllegalArgumentException naming those that there are
   */
  public static Solver of(String title) {
    for (Solver solver : values()) {
      if (solver.title.equals(title.toLowerCase(Locale.ROOT))) {
        return solver;
      }
    }
    throw new IllegalArgumentException(
        "there is no solver %s; there are ddim, dpm++2m and unipc".formatted(title));
  }
}
