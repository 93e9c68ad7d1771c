package io.github.pix2pixzero.evaluation.network;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.TensorSource;
import io.github.pix2pixzero.tensor.nn.Weights;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/**
 * How different two pictures look (Zhang et al., "The Unreasonable Effectiveness of Deep Features
 * as a Perceptual Metric", CVPR 2018; version 0.1 of the weights): the squared distance between
 * features made unit vectors over their channels, weighted by channel, its mean over the pixels,
 * summed over the places of a {@link Backbone}.
 */
public final class Lpips {
  private static final float[] SHIFT = {-.030f, -.088f, -.188f};
  private static final float[] SCALE = {.458f, .448f, .450f};

  /** Features of both pictures that are there at a time, 4 MiB. */
  private static final int BAND_ELEMENTS = 1 << 20;

  /** How features are kept from being divided by 0. */
  public enum Normalization {
    /** By the norm + 1e-10: lpips itself, and torchmetrics up to 1.2.0. */
    LPIPS {
      @Override
      Tensor norm(Tensor squares) {
        return squares.sqrt().add(1e-10f);
      }
    },

    /** By √(1e-8 + norm²): torchmetrics from 1.2.1 on. */
    TORCHMETRICS {
      @Override
      Tensor norm(Tensor squares) {
        return squares.add(1e-8f).sqrt();
      }
    };

    abstract Tensor norm(Tensor squares);
  }

  private final Backbone backbone;
  private final Backend backend;
  private final List<Tensor> heads = new ArrayList<>();

  private Lpips(Backbone backbone, Weights weights) {
    this.backbone = backbone;
    backend = weights.backend();
    ImmutableList<Integer> widths = backbone.widths();
    for (int i = 0; i < widths.size(); i++) {
      heads.add(weights.at("lin" + i).at("model").at(1).linear("weight", widths.get(i), 1));
    }
  }

  /**
   * Joins a network of torchvision and the weights of LPIPS for it.
   *
   * @param features {@code features.0.weight} and so on, as torchvision publishes them
   * @param heads {@code lin0.model.1.weight} and so on, as lpips and torchmetrics publish them
   * @throws IllegalArgumentException naming the file and what is missing or of another shape
   */
  public static Lpips load(TensorSource features, TensorSource heads, Backend backend) {
    return new Lpips(Backbone.load(features, backend), Weights.of(backend, heads));
  }

  public Backbone backbone() {
    return backbone;
  }

  /**
   * The distance; 0 for equal pictures.
   *
   * @param keep the pixels that count, those of others being made black in both pictures; null for
   *     all
   * @throws IllegalArgumentException if the pictures differ in size, or are too small for the
   *     network
   */
  public double distance(
      BufferedImage a, BufferedImage b, boolean[] keep, Normalization normalization) {
    checkArgument(
        a.getWidth() == b.getWidth() && a.getHeight() == b.getHeight(),
        "pictures of different sizes: %s x %s and %s x %s",
        a.getWidth(),
        a.getHeight(),
        b.getWidth(),
        b.getHeight());
    try (Scope scope = Scope.open()) {
      double[] sums = new double[heads.size()];
      long[] pixels = new long[heads.size()];
      backbone.features(
          pixels(a, b, keep),
          BAND_ELEMENTS,
          (place, features) -> {
            sums[place] += sum(features, heads.get(place), normalization);
            pixels[place] += (long) features.dim(1) * features.dim(2);
          });
      double distance = 0;
      for (int place = 0; place < sums.length; place++) {
        distance += sums[place] / pixels[place];
      }
      return distance;
    }
  }

  /** Of the distances at all pixels. */
  private static double sum(Tensor features, Tensor head, Normalization normalization) {
    try (Scope scope = Scope.open()) {
      Tensor unit = features.div(normalization.norm(features.square().sum(3)));
      Tensor difference = unit.slice(0, 0, 1).sub(unit.slice(0, 1, 2));
      return difference.square().matmul(head).sum().item();
    }
  }

  /** Both pictures as the network wants them, [2, height, width, 3]. */
  Tensor pixels(BufferedImage a, BufferedImage b, boolean[] keep) {
    return PixelValues.normalized(
        backend,
        List.of(signed(a, keep), signed(b, keep)),
        a.getHeight(),
        a.getWidth(),
        SHIFT,
        SCALE);
  }

  private static float[] signed(BufferedImage picture, boolean[] keep) {
    float[] values = PixelValues.shares(picture, keep);
    for (int i = 0; i < values.length; i++) {
      values[i] = values[i] * 2 - 1;
    }
    return values;
  }
}
