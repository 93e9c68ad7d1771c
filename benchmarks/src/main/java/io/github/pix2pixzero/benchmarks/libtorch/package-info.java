/** libtorch's side of the comparison, through the JavaCPP presets. */
package io.github.pix2pixzero.benchmarks.libtorch;
