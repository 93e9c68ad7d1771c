/** Edits of pictures for which the right answer is known, and how near the results come to it. */
package io.github.pix2pixzero.benchmarks.evaluation;
