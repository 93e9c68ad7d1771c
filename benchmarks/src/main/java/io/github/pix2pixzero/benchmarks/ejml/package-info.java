/** EJML's side of the comparison. */
package io.github.pix2pixzero.benchmarks.ejml;
