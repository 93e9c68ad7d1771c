/**
 * Tensors, autograd, operations, CPU backends, training and safetensors.
 *
 * <p>The Vector API is not required here: then every module above would be warned of an incubator
 * module. Its kernels read it where it is.
 */
module io.github.pix2pixzero.tensor {
  requires transitive com.google.common;
  requires com.fasterxml.jackson.core;
  requires com.fasterxml.jackson.databind;
  requires java.management;
  requires jdk.management;
  requires org.slf4j;

  exports io.github.pix2pixzero.tensor;
  exports io.github.pix2pixzero.tensor.backend;
  exports io.github.pix2pixzero.tensor.io;
  exports io.github.pix2pixzero.tensor.nn;
  exports io.github.pix2pixzero.tensor.ops;
  exports io.github.pix2pixzero.tensor.optim;
  exports io.github.pix2pixzero.tensor.random;

  uses io.github.pix2pixzero.tensor.backend.BackendProvider;

  provides io.github.pix2pixzero.tensor.backend.BackendProvider with
      io.github.pix2pixzero.tensor.internal.cpu.PlainBackendProvider,
      io.github.pix2pixzero.tensor.internal.vector.VectorBackendProvider;
}
