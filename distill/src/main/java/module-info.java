/** An edit as a feed-forward network. */
module io.github.pix2pixzero.distill {
  requires transitive io.github.pix2pixzero;
  requires com.fasterxml.jackson.annotation;
  requires com.fasterxml.jackson.core;
  requires com.fasterxml.jackson.databind;

  exports io.github.pix2pixzero.distill;
  exports io.github.pix2pixzero.distill.collect;

  opens io.github.pix2pixzero.distill to
      com.fasterxml.jackson.databind;
}
