package io.github.pix2pixzero.tensor.backend;

/** Elementwise functions of two arguments. */
public enum Binary {
  ADD,
  SUB,
  MUL,
  DIV,
  /** The larger one; NaN if one of them is. */
  MAX,
  /** The smaller one; NaN if one of them is. */
  MIN,
  /** 1 where both are the same number, 0 elsewhere. */
  EQUAL
}
