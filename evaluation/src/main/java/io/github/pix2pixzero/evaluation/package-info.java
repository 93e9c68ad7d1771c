/** Edits of whole sets of pictures by one method or several, measured, and reports of them. */
package io.github.pix2pixzero.evaluation;
