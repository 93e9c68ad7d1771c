/**
 * The noise predictor: {@code UNet2DConditionModel}, with a hook at every attention layer through
 * which a control may watch, replace or penalise the attention probabilities.
 */
package io.github.pix2pixzero.unet;
