/** The networks that measures look at pictures with, from the files they are published in. */
package io.github.pix2pixzero.evaluation.network;
