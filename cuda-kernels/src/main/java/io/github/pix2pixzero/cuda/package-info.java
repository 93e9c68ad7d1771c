/**
 * The CUDA backend: this project's kernels on NVIDIA GPUs.
 *
 * <p>Here will live the backend that a {@link java.util.ServiceLoader} finds when this artifact is
 * on the class path, its bindings to the driver API through the JavaCPP presets, and the loader of
 * the compiled kernels. The kernels themselves will be the {@code .cu} files under {@code
 * src/main/cuda}. Nothing else knows this package, and it knows only the tensor core.
 */
package io.github.pix2pixzero.cuda;
