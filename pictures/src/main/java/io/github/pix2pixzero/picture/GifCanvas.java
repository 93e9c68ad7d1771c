package io.github.pix2pixzero.picture;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadataNode;
import org.w3c.dom.Element;

/**
 * What a viewer shows of an animation: its first frame where it lies on the canvas (GIF89a, 18 and
 * 20).
 */
final class GifCanvas {
  private GifCanvas() {}

  /** Width and height of the canvas, which frames need not fill. */
  static int[] size(ImageReader reader) throws IOException {
    Element screen =
        element(
            (IIOMetadataNode) reader.getStreamMetadata().getAsTree("javax_imageio_gif_stream_1.0"),
            "LogicalScreenDescriptor");
    return new int[] {number(screen, "logicalScreenWidth"), number(screen, "logicalScreenHeight")};
  }

  /**
   * The first frame on its canvas; the frame itself, if it fills the canvas or goes beyond.
   *
   * @param background what is not covered shows it
   */
  static BufferedImage with(BufferedImage frame, ImageReader reader, Color background)
      throws IOException {
    int[] size = size(reader);
    Element place =
        element(
            (IIOMetadataNode) reader.getImageMetadata(0).getAsTree("javax_imageio_gif_image_1.0"),
            "ImageDescriptor");
    return with(
        frame,
        new int[] {
          size[0], size[1], number(place, "imageLeftPosition"), number(place, "imageTopPosition")
        },
        background);
  }

  /**
   * As {@link #with(BufferedImage, ImageReader, Color)}.
   *
   * @param size canvas width and height, and where on it the frame's left and top are
   */
  static BufferedImage with(BufferedImage frame, int[] size, Color background) {
    int left = size[2];
    int top = size[3];
    boolean within = left + frame.getWidth() <= size[0] && top + frame.getHeight() <= size[1];
    if (!within || (frame.getWidth() == size[0] && frame.getHeight() == size[1])) {
      return frame;
    }
    BufferedImage canvas = new BufferedImage(size[0], size[1], BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = canvas.createGraphics();
    graphics.setColor(background);
    graphics.fillRect(0, 0, size[0], size[1]);
    graphics.drawImage(frame, left, top, null);
    graphics.dispose();
    return canvas;
  }

  private static Element element(IIOMetadataNode root, String name) {
    return (Element) root.getElementsByTagName(name).item(0);
  }

  private static int number(Element element, String attribute) {
    return Integer.parseInt(element.getAttribute(attribute));
  }
}
