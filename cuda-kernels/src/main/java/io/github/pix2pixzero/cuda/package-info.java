/**
 * The CUDA backend: this project's kernels on NVIDIA GPUs.
 *
 * <p>{@link io.github.pix2pixzero.cuda.CudaBackend} is found by a {@link java.util.ServiceLoader}
 * when this artifact is on the class path. The kernels are the {@code .cu} files under {@code
 * src/main/cuda}; they reach the device by the driver API alone, through the JavaCPP presets.
 * Nothing else knows this package, and it knows only the tensor core.
 */
package io.github.pix2pixzero.cuda;
