/**
 * Measurements: JMH benchmarks of kernels and models against their peers, and the evaluation of
 * edits on the toy world. This module is not published.
 */
package io.github.pix2pixzero.benchmarks;
