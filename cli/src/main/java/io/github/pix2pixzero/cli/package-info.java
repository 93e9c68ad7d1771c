/** The command line: each command, what they share, and how progress is shown. */
package io.github.pix2pixzero.cli;
