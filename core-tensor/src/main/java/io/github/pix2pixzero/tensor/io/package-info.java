/**
 * Reading and writing tensors as files: the <a
 * href="https://github.com/huggingface/safetensors#format">safetensors</a> format, the single
 * tensors of PyTorch's own files, and files that are replaced whole or not at all.
 */
package io.github.pix2pixzero.tensor.io;
