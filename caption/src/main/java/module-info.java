/** Captions of pictures. */
module io.github.pix2pixzero.caption {
  requires transitive io.github.pix2pixzero.direction;
  requires transitive io.github.pix2pixzero.hub;
  requires transitive io.github.pix2pixzero.picture;
  requires transitive io.github.pix2pixzero.tensor;
  requires transitive java.desktop;
  requires org.slf4j;

  exports io.github.pix2pixzero.caption;
  exports io.github.pix2pixzero.caption.blip;
}
