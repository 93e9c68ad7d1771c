/** All that a module needs to edit pictures, with the toy model. */
module scratch {
  requires io.github.pix2pixzero;
  requires io.github.pix2pixzero.toyworld;
}
