package io.github.pix2pixzero.distill;

import io.github.pix2pixzero.tensor.Tensor;

/** What a student makes of the source and its last channels. */
public enum Head {
  /** Three channels are the picture. For edits of the whole picture, such as its style. */
  PLAIN(3),
  /**
   * Three channels are colours c, the fourth is the logit m of a mask: {@code x + σ(m) · (c - x)}.
   * Outside of the mask are the source's own pixels.
   */
  BLEND(4);

  private static final int COLOURS = 3;

  private final int channels;

  Head(int channels) {
    this.channels = channels;
  }

  /** Channels a network ends with. */
  int channels() {
    return channels;
  }

  /** The answer of {@code last} [batch, height, width, channels] to {@code source}. */
  Student.Answer answer(Tensor source, Tensor last) {
    if (this == PLAIN) {
      return new Student.Answer(last, null);
    }
    Tensor colours = last.slice(3, 0, COLOURS);
    Tensor logits = last.slice(3, COLOURS, COLOURS + 1);
    Tensor picture = source.add(logits.sigmoid().mul(colours.sub(source)));
    return new Student.Answer(picture, logits);
  }
}
