/** The Hugging Face hub: names of models to folders in its cache. */
module io.github.pix2pixzero.hub {
  requires com.fasterxml.jackson.core;
  requires com.fasterxml.jackson.databind;
  requires java.net.http;
  requires org.slf4j;

  exports io.github.pix2pixzero.hub;
}
