package io.github.pix2pixzero.evaluation.measure;

import io.github.pix2pixzero.evaluation.network.ClipEmbeddings;
import java.awt.image.BufferedImage;
import java.util.OptionalDouble;

/**
 * How well a picture fits its text: 100 × the cosine of CLIP's embeddings, not below 0, as
 * torchmetrics' {@code CLIPScore} (Hessel et al., 2021, without their factor of 2.5). PIE-Bench has
 * all three, and takes them with ViT-L/14.
 *
 * @param fingerprint of the network's files, for reports
 */
public record ClipSimilarity(ClipEmbeddings clip, Of what, String fingerprint) implements Measure {

  /** Which picture is compared with which text. */
  public enum Of {
    /** The source with its caption. */
    SOURCE("clip_similarity_source_image"),
    /** The result with the target caption. */
    RESULT("clip_similarity_target_image"),
    /** The result's edited part, the rest being black, with the target caption. */
    EDITED_PART("clip_similarity_target_image_edit_part");

    private final String title;

    Of(String title) {
      this.title = title;
    }
  }

  @Override
  public String title() {
    return what.title;
  }

  @Override
  public Better better() {
    return what == Of.SOURCE ? Better.NEITHER : Better.HIGHER;
  }

  @Override
  public String settings() {
    return fingerprint;
  }

  @Override
  public OptionalDouble of(Comparison comparison) {
    return comparison
        .texts()
        .map(
            texts ->
                switch (what) {
                  case SOURCE -> score(comparison.source(), texts.source());
                  case RESULT -> score(comparison.edited(), texts.target());
                  case EDITED_PART ->
                      Part.EDITED
                          .of(comparison)
                          .map(
                              part ->
                                  score(
                                      blackened(comparison.edited(), part.keep()), texts.target()))
                          .orElseGet(OptionalDouble::empty);
                })
        .orElseGet(OptionalDouble::empty);
  }

  private OptionalDouble score(BufferedImage picture, String text) {
    return OptionalDouble.of(Math.max(0, 100 * clip.cosine(picture, text)));
  }

  private static BufferedImage blackened(BufferedImage picture, boolean[] keep) {
    int width = picture.getWidth();
    int height = picture.getHeight();
    int[] rgb = picture.getRGB(0, 0, width, height, null, 0, width);
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = keep[i] ? rgb[i] : 0;
    }
    BufferedImage part = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    part.setRGB(0, 0, width, height, rgb, 0, width);
    return part;
  }
}
