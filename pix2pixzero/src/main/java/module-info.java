/** Edits pictures with a pre-trained diffusion model. */
module io.github.pix2pixzero {
  requires transitive io.github.pix2pixzero.direction;
  requires transitive io.github.pix2pixzero.guidance;
  requires transitive io.github.pix2pixzero.picture;
  requires transitive io.github.pix2pixzero.stablediffusion;
  requires org.slf4j;

  exports io.github.pix2pixzero;
}
