package io.github.pix2pixzero;

import io.github.pix2pixzero.direction.EditDirection;
import io.github.pix2pixzero.guidance.EditMethod;
import io.github.pix2pixzero.guidance.EditRequest;
import java.awt.image.BufferedImage;
import java.util.Optional;

/**
 * An edit of one picture in which nothing is open any more: {@link EditOptions} after {@link
 * Pix2PixZero#plan} has held them against the picture's inversion.
 *
 * @param request captions and steps
 * @param direction where the edit leads; empty if the target caption says it
 * @param negativePrompt what classifier-free guidance leads away from
 * @param strength how far the edit goes, 1 as steered
 * @param method how the picture is edited
 * @param mask of the size of the picture: white where it may change
 * @param wordMask words where whose attention is strong the picture may change
 * @param seed of the random numbers
 * @param attentionMaps whether the edit shows where the words of the caption look
 */
public record EditPlan(
    EditRequest request,
    Optional<EditDirection> direction,
    String negativePrompt,
    double strength,
    EditMethod method,
    Optional<BufferedImage> mask,
    Optional<EditOptions.WordMask> wordMask,
    long seed,
    boolean attentionMaps) {

  /** What the picture shows. */
  public String caption() {
    return request.caption();
  }

  /** The caption that the edit follows; empty if it follows a direction. */
  public Optional<String> targetCaption() {
    return request.targetCaption();
  }

  /** Steps of the edit. */
  public int steps() {
    return request.steps();
  }
}
