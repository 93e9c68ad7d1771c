package io.github.pix2pixzero.cuda;

/** How device memory holds the elements of a tensor. */
enum ElementType {
  FLOAT32("f32", 4),
  FLOAT16("f16", 2),
  BFLOAT16("bf16", 2);

  private final String suffix;
  private final int bytes;

  ElementType(String suffix, int bytes) {
    this.suffix = suffix;
    this.bytes = bytes;
  }

  /** How the modules end whose kernels work on such elements. */
  String suffix() {
    return suffix;
  }

  int bytes() {
    return bytes;
  }

  /** Elements of 16 bytes. */
  int packed() {
    return 16 / bytes;
  }
}
