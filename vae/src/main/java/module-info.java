/** The autoencoder between pictures and latents. */
module io.github.pix2pixzero.vae {
  requires transitive io.github.pix2pixzero.tensor;
  requires org.slf4j;

  exports io.github.pix2pixzero.vae;
}
