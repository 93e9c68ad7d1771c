package io.github.pix2pixzero.tensor.backend;

/**
 * How two operands are read while a contiguous result of {@code shape} is written: strides in
 * elements, 0 along stretched axes. Neighbouring axes that both operands walk alike are already
 * merged, so that the innermost loop is as long as it can be.
 */
public record BroadcastSpec(int[] shape, int[] aStrides, int[] bStrides) {}
