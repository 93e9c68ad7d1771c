package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.Edit;
import io.github.pix2pixzero.PictureParameters;
import io.github.pix2pixzero.picture.PictureFiles;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * An edit that is to be written.
 *
 * @param sourceSize whether at the size of the picture that was given
 * @param latents where its latents go, or null
 * @param reconstruction where the picture goes that comes out without the edit, or null
 */
record EditResult(Edit edit, boolean sourceSize, Path latents, Path reconstruction) {

  PictureParameters parameters() {
    return edit.parameters().with("Size", Texts.size(image()));
  }

  private BufferedImage image() {
    return sourceSize ? edit.imageAtSourceSize() : edit.image();
  }

  /** Writes all there is to write, or nothing. */
  void write(Path target, PictureParameters parameters) throws IOException {
    BufferedImage image = image();
    BufferedImage rebuilt = reconstruction == null ? null : edit.reconstruction();
    Results.write(
        target,
        () -> {
          if (latents != null) {
            SafetensorsWriter writer = new SafetensorsWriter();
            add(writer, "inverted", edit.inversion().inverted());
            add(writer, "edited", edit.edited());
            writer.write(latents);
          }
          if (rebuilt != null) {
            PictureFiles.write(rebuilt, reconstruction);
          }
          PictureFiles.write(image, target, parameters.texts());
        });
  }

  private static void add(SafetensorsWriter writer, String name, Tensor latent) {
    long[] shape = Arrays.stream(latent.shape().toArray()).asLongStream().toArray();
    writer.add(name, shape, latent.toFloats());
  }

  /** For who waited: a line, and another with the captions that were used. */
  String summary(Path target, Backend backend) {
    String worked = Texts.size(edit.image());
    String given = edit.source().map(fitted -> Texts.size(fitted.source())).orElse(worked);
    String sizes =
        worked.equals(given)
            ? worked
            : sourceSize ? given + " (worked at " + worked + ")" : worked + " (from " + given + ")";
    return "wrote %s%s%s, %s, %s, %s %s, edit %s, backend %s, peak %s MiB of tensors%s"
        .formatted(
            target,
            latents == null ? "" : " and " + latents,
            reconstruction == null ? "" : " and " + reconstruction,
            sizes,
            Texts.steps(edit.plan().steps()),
            edit.inversion().isInverted() ? "inversion" : "encoding",
            Texts.seconds(edit.inversion().time()),
            Texts.seconds(edit.time()),
            backend,
            edit.peakMemory() >> 20,
            captions());
  }

  private String captions() {
    String caption = edit.plan().caption();
    String target = edit.plan().targetCaption().map(text -> ", target caption: " + text).orElse("");
    return caption.isEmpty() && target.isEmpty()
        ? ""
        : System.lineSeparator() + "  caption: " + caption + target;
  }
}
