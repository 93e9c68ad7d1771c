package io.github.pix2pixzero.unet;

/** Whose prompt a row of a batch has. */
public enum PromptRow {
  /** What a picture is generated from. */
  PROMPT,
  /** What an edited picture should show. */
  EDITED,
  /** What classifier-free guidance leads away from. */
  NEGATIVE,
  /** What a picture shows before it is edited. */
  CAPTION
}
