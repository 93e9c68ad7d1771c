/** Numbers about an edited picture, each with the code it agrees with. */
package io.github.pix2pixzero.evaluation.measure;
