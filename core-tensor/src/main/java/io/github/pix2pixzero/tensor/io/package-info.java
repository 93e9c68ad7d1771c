/**
 * Reading and writing tensors as files: the <a
 * href="https://github.com/huggingface/safetensors#format">safetensors</a> format, and files that
 * are replaced whole or not at all.
 */
package io.github.pix2pixzero.tensor.io;
