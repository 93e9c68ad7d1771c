package io.github.pix2pixzero.server.internal.edits;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.awt.image.BufferedImage;
import java.util.UUID;

/**
 * A picture that was sent.
 *
 * @param id random
 * @param content a hash of its pixels, by which inversions of the same picture are found again
 */
public record KeptPicture(String id, BufferedImage image, String content) {
  static KeptPicture of(BufferedImage image) {
    int width = image.getWidth();
    int[] row = new int[width];
    Hasher hasher = Hashing.sha256().newHasher().putInt(width).putInt(image.getHeight());
    for (int y = 0; y < image.getHeight(); y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int pixel : row) {
        hasher.putInt(pixel);
      }
    }
    return new KeptPicture(UUID.randomUUID().toString(), image, hasher.hash().toString());
  }
}
