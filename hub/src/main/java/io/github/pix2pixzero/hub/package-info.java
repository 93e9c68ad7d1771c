/**
 * Models of the <a href="https://huggingface.co">Hugging Face hub</a> by name, kept in the cache
 * that its Python client uses, so that what one has downloaded the other finds.
 *
 * <p>{@link io.github.pix2pixzero.hub.Hub} is all a user needs. The facts of the protocol and of
 * the cache are those of {@code huggingface_hub} 1.x; no code is taken from there.
 *
 * <p>What is needed of HTTP is the JDK's. JSON is read by Jackson, which everyone who loads a model
 * of this project has anyway: a parser of one's own for what a server sends would be more to get
 * wrong, and save nobody a jar.
 */
package io.github.pix2pixzero.hub;
