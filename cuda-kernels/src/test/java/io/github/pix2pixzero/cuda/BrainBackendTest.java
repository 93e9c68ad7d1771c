package io.github.pix2pixzero.cuda;

/** The contract with tensors stored in bfloat16. */
class BrainBackendTest extends ShortBackendContract {
  BrainBackendTest() {
    super(Precision.BFLOAT16);
  }
}
