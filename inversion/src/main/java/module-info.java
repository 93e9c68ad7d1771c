/** DDIM, its inverse, and the noise between. */
module io.github.pix2pixzero.inversion {
  requires transitive io.github.pix2pixzero.tensor;
  requires transitive io.github.pix2pixzero.unet;
  requires org.slf4j;

  exports io.github.pix2pixzero.inversion;
}
