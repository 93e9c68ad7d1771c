package io.github.pix2pixzero.cuda;

/** The contract with tensors stored in float16. */
class HalfBackendTest extends ShortBackendContract {
  HalfBackendTest() {
    super(Precision.FLOAT16);
  }
}
