package io.github.pix2pixzero.evaluation.measure;

import io.github.pix2pixzero.evaluation.measure.StructuralSimilarity.Border;
import io.github.pix2pixzero.evaluation.network.Lpips.Normalization;
import io.github.pix2pixzero.evaluation.network.SelfSimilarity.Preparation;

/** Whose numbers to agree with, where code or versions of libraries differ. */
public enum Convention {
  /**
   * The authors of pix2pix-zero for the structure distance, lpips itself, and current torchmetrics.
   */
  AUTHORS(Preparation.AUTHORS, Normalization.LPIPS, Border.COUNTED),

  /**
   * PIE-Bench with the libraries of its time, torchvision 0.13.1 and torchmetrics of October 2023:
   * the published figures, and those of the papers that took the baselines over.
   */
  PIE_BENCH(Preparation.PIE_BENCH, Normalization.LPIPS, Border.LEFT_OUT),

  /**
   * PIE-Bench's code with current libraries: torchvision 0.17 or later, torchmetrics 1.4.2 or
   * later.
   */
  PIE_BENCH_CURRENT(Preparation.PIE_BENCH_ANTIALIASED, Normalization.TORCHMETRICS, Border.COUNTED);

  private final Preparation preparation;
  private final Normalization normalization;
  private final Border border;

  Convention(Preparation preparation, Normalization normalization, Border border) {
    this.preparation = preparation;
    this.normalization = normalization;
    this.border = border;
  }

  /** How the structure distance looks at pictures. */
  public Preparation preparation() {
    return preparation;
  }

  /** How LPIPS normalises. */
  public Normalization normalization() {
    return normalization;
  }

  /** Whether SSIM counts the border. */
  public Border border() {
    return border;
  }
}
