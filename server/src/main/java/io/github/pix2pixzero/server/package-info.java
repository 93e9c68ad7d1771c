/** A page to edit pictures on, and the interfaces that clients of image models speak. */
package io.github.pix2pixzero.server;
