package io.github.pix2pixzero.cuda;

/** The contract with tensors stored in float16. */
@NeedsDriver
class HalfBackendTest extends ShortBackendContract {
  HalfBackendTest() {
    super(Precision.FLOAT16);
  }
}
