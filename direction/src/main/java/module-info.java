/** Edit directions, and sentences to make them of. */
module io.github.pix2pixzero.direction {
  requires transitive io.github.pix2pixzero.clip;
  requires transitive io.github.pix2pixzero.tensor;
  requires com.fasterxml.jackson.core;
  requires com.fasterxml.jackson.databind;
  requires java.net.http;
  requires org.slf4j;

  exports io.github.pix2pixzero.direction;
}
