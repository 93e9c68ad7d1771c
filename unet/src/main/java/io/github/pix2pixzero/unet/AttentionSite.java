package io.github.pix2pixzero.unet;

/**
 * A place in the network where tokens attend to one another or to the text.
 *
 * @param name as in diffusers, such as {@code
 *     down_blocks.0.attentions.1.transformer_blocks.0.attn2}
 * @param stage the arm of the U
 * @param downscale how many latent pixels one token covers along each axis: 1, 2, 4, …
 * @param heads number of attention heads
 * @param kind self- or cross-attention
 */
public record AttentionSite(String name, Stage stage, int downscale, int heads, Kind kind) {

  /** The arm of the U that a site lies on. */
  public enum Stage {
    DOWN,
    MID,
    UP
  }

  /** What the tokens of a picture attend to. */
  public enum Kind {
    /** The tokens of the picture. */
    SELF,
    /** The tokens of the prompt. */
    CROSS
  }

  public boolean isCross() {
    return kind == Kind.CROSS;
  }
}
