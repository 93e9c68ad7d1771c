package io.github.pix2pixzero.tensor.ops;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Binary;
import java.util.List;

/** {@code a + b} with broadcasting. Both gradients are the incoming one. */
public final class Add extends Op {
  private Add() {}

  public static Tensor of(Tensor a, Tensor b) {
    return Autograd.record(Broadcasting.compute(Binary.ADD, a, b), new Add(), List.of(a, b));
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    return new Tensor[] {gradOut, gradOut};
  }
}
