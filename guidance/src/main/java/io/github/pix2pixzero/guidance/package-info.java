/**
 * Editing: attention controls and losses, the sampler guided by the cross-attention of the unedited
 * picture, and the controllers of Prompt-to-Prompt.
 */
package io.github.pix2pixzero.guidance;
