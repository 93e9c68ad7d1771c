package io.github.pix2pixzero.evaluation.network;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import io.github.pix2pixzero.evaluation.network.DinoModel.Positions;
import io.github.pix2pixzero.picture.PillowResize;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.nn.Interpolation;
import java.awt.image.BufferedImage;
import java.util.List;

/**
 * How alike every two places of a picture are to DINO: the cosine between the keys of its last
 * layer, the class token among them (Tumanyan et al., "Splicing ViT Features for Semantic
 * Appearance Transfer", CVPR 2022). That of a source is remembered for a while: every method asks
 * for it.
 */
public final class SelfSimilarity {
  private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
  private static final float[] DEVIATION = {0.229f, 0.224f, 0.225f};
  private static final int SHORTER = 224;
  private static final int LONGEST = 480;
  private static final float SMALLEST_NORM = 1e-8f;

  /** How a picture is made ready for DINO. */
  public enum Preparation {
    /**
     * Pillow's bilinear to a shorter side of 224, then shares from 0 to 1: {@code dino_struct.py}
     * of img2img-turbo, by the authors of pix2pix-zero, whose own repository measures nothing.
     */
    AUTHORS {
      @Override
      float[] values(BufferedImage picture, int width, int height) {
        return PixelValues.shares(PillowResize.BILINEAR.resize(picture, width, height), null);
      }
    },

    /**
     * PIE-Bench's {@code matrics_calculator.py} with torchvision 0.13.1, which it asks for: levels
     * from 0 to 255 that are <em>not</em> divided by 255 before they are normalised, shrunk without
     * antialiasing. Published figures are these.
     */
    PIE_BENCH {
      @Override
      float[] values(BufferedImage picture, int width, int height) {
        return Interpolation.apply(
            PixelValues.levels(picture),
            3,
            Interpolation.bilinear(picture.getHeight(), height),
            Interpolation.bilinear(picture.getWidth(), width));
      }
    },

    /** The same code with torchvision 0.17 or later, which antialiases. */
    PIE_BENCH_ANTIALIASED {
      @Override
      float[] values(BufferedImage picture, int width, int height) {
        return Interpolation.apply(
            PixelValues.levels(picture),
            3,
            Interpolation.antialiased(picture.getHeight(), height),
            Interpolation.antialiased(picture.getWidth(), width));
      }
    };

    abstract float[] values(BufferedImage picture, int width, int height);
  }

  private final DinoModel model;
  private final Preparation preparation;
  private final Cache<BufferedImage, Tensor> known =
      CacheBuilder.newBuilder().weakKeys().maximumSize(4).build(); // by identity

  public SelfSimilarity(DinoModel model, Preparation preparation) {
    this.model = model;
    this.preparation = preparation;
  }

  public Preparation preparation() {
    return preparation;
  }

  /**
   * The structure distance: the mean squared difference of the two self-similarities.
   *
   * @throws IllegalArgumentException if the pictures are not of one shape
   */
  public double distance(BufferedImage a, BufferedImage b) {
    Tensor one = of(a);
    Tensor other = of(b);
    try (Scope scope = Scope.open()) {
      return one.sub(other).square().mean().item();
    }
  }

  /** [1 + patches, 1 + patches], -1 to 1. */
  Tensor of(BufferedImage picture) {
    Tensor similarity = known.getIfPresent(picture);
    if (similarity == null) {
      try (Scope scope = Scope.open()) {
        similarity = Scope.outlive(cosines(model.keys(prepared(picture), Positions.DINO)));
      }
      known.put(picture, similarity);
    }
    return similarity;
  }

  /** Of [1, tokens, width], the cosine of every two tokens, [tokens, tokens]. */
  static Tensor cosines(Tensor keys) {
    Tensor rows = keys.reshape(keys.dim(1), keys.dim(2));
    Tensor norm = rows.square().sum(1).sqrt();
    Tensor norms = norm.matmul(norm.permute(1, 0)).clamp(SMALLEST_NORM, Float.MAX_VALUE);
    return rows.matmul(rows.permute(1, 0)).div(norms);
  }

  /** [1, height, width, 3]. */
  Tensor prepared(BufferedImage picture) {
    int width = picture.getWidth();
    int height = picture.getHeight();
    int shorter = Math.min(width, height);
    int newWidth = scaled(SHORTER, width, shorter);
    int newHeight = scaled(SHORTER, height, shorter);
    int longer = Math.max(newWidth, newHeight);
    if (longer > LONGEST && preparation != Preparation.AUTHORS) {
      newWidth = newWidth == longer ? LONGEST : scaled(LONGEST, newWidth, longer);
      newHeight = newHeight == longer ? LONGEST : scaled(LONGEST, newHeight, longer);
    }
    float[] values = preparation.values(picture, newWidth, newHeight);
    return PixelValues.normalized(
        model.backend(), List.of(values), newHeight, newWidth, MEAN, DEVIATION);
  }

  /**
   * A side in proportion to another that becomes {@code size}, rounded down as torchvision does.
   */
  private static int scaled(int size, int side, int other) {
    return (int) ((long) size * side / other);
  }
}
