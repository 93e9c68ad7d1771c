/** Pictures: files, sizes a model can work at, tensors. */
module io.github.pix2pixzero.picture {
  requires transitive io.github.pix2pixzero.tensor;
  requires transitive java.desktop;
  requires com.twelvemonkeys.common.image;
  requires com.twelvemonkeys.imageio.core;
  requires com.twelvemonkeys.imageio.jpeg;
  requires com.twelvemonkeys.imageio.metadata;
  requires com.twelvemonkeys.imageio.tiff;
  requires com.twelvemonkeys.imageio.webp;

  exports io.github.pix2pixzero.picture;
}
