/** Sets of pictures with what is to be changed in them, as they lie on disk. */
package io.github.pix2pixzero.evaluation.set;
