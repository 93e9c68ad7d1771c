package io.github.pix2pixzero.cuda;

/** The contract with tensors stored in bfloat16. */
@NeedsDriver
class BrainBackendTest extends ShortBackendContract {
  BrainBackendTest() {
    super(Precision.BFLOAT16);
  }
}
