/** Attention controls, losses and guided samplers. */
module io.github.pix2pixzero.guidance {
  requires transitive io.github.pix2pixzero.clip;
  requires transitive io.github.pix2pixzero.inversion;
  requires transitive io.github.pix2pixzero.tensor;
  requires transitive io.github.pix2pixzero.unet;
  requires transitive java.desktop;

  exports io.github.pix2pixzero.guidance;
}
