/** The noise predictor. */
module io.github.pix2pixzero.unet {
  requires transitive io.github.pix2pixzero.tensor;
  requires org.slf4j;

  exports io.github.pix2pixzero.unet;
}
