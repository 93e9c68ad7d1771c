/** Names of the Hugging Face hub, and folders in its cache. */
module io.github.pix2pixzero.hub {
  requires com.fasterxml.jackson.core;
  requires com.fasterxml.jackson.databind;
  requires java.net.http;
  requires org.slf4j;

  exports io.github.pix2pixzero.hub;
}
