/** The command line. Needs picocli and progressbar, which users of the library do not inherit. */
package io.github.pix2pixzero.cli;
