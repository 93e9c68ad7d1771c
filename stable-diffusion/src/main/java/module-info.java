/** Stable Diffusion from its checkpoints. */
module io.github.pix2pixzero.stablediffusion {
  requires transitive io.github.pix2pixzero.clip;
  requires transitive io.github.pix2pixzero.inversion;
  requires transitive io.github.pix2pixzero.tensor;
  requires transitive io.github.pix2pixzero.unet;
  requires transitive io.github.pix2pixzero.vae;
  requires io.github.pix2pixzero.hub;
  requires org.slf4j;

  exports io.github.pix2pixzero.stablediffusion;
}
