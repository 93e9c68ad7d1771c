/** CLIP's tokenizer and text transformer. */
module io.github.pix2pixzero.clip {
  requires transitive io.github.pix2pixzero.tensor;
  requires com.fasterxml.jackson.core;
  requires com.fasterxml.jackson.databind;
  requires org.slf4j;

  exports io.github.pix2pixzero.clip;
}
