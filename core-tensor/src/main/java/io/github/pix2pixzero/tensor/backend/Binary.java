package io.github.pix2pixzero.tensor.backend;

/** Elementwise functions of two arguments. */
public enum Binary {
  ADD,
  SUB,
  MUL,
  DIV
}
