package io.github.pix2pixzero.benchmarks;

/** What is computed of a convolution. */
public enum ConvPass {
  FORWARD("forward"),
  INPUT_GRADIENT("input gradient"),
  WEIGHT_GRADIENT("weight gradient");

  final String label;

  ConvPass(String label) {
    this.label = label;
  }
}
