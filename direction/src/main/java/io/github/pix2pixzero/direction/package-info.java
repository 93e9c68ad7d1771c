/**
 * Edit directions: banks of sentences about a source and a target word, the mean difference of
 * their text embeddings, and the files such directions are kept in.
 */
package io.github.pix2pixzero.direction;
