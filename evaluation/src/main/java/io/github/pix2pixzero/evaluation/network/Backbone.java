package io.github.pix2pixzero.evaluation.network;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.Ints;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.SafetensorsException;
import io.github.pix2pixzero.tensor.io.TensorSource;
import io.github.pix2pixzero.tensor.nn.Weights;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The convolutions of a network for classifying pictures, cut where LPIPS compares: {@code
 * pretrained_networks.py} of lpips on torchvision's {@code features}. The names of the tensors say
 * which network it is, and their shapes how wide.
 */
public final class Backbone {
  /** The networks that LPIPS was trained for. */
  public enum Kind {
    /** AlexNet (Krizhevsky, 2014): lpips' default, the fastest. */
    ALEX("alex"),
    /** VGG with 16 layers (Simonyan and Zisserman, 2015), nearest to a perceptual loss. */
    VGG("vgg"),
    /** SqueezeNet 1.1 (Iandola et al., 2016), which PIE-Bench measures with. */
    SQUEEZE("squeeze");

    private final String title;

    Kind(String title) {
      this.title = title;
    }

    /** What lpips and torchmetrics call it. */
    public String title() {
      return title;
    }

    private static Kind of(TensorSource source) {
      if (source.contains("features.3.squeeze.weight")) {
        return SQUEEZE;
      }
      if (source.contains("features.28.weight")) {
        return VGG;
      }
      checkArgument(
          source.contains("features.10.weight"),
          "%s is none of torchvision's alexnet, vgg16 and squeezenet1_1: it has no tensor"
              + " features.10.weight",
          source.displayName());
      return ALEX;
    }
  }

  private final Kind kind;
  private final ImmutableList<BackboneStage> stages;

  private Backbone(Kind kind, List<BackboneStage> stages) {
    this.kind = kind;
    this.stages = ImmutableList.copyOf(stages);
  }

  /**
   * Binds the weights by torchvision's names; a classifier is passed over.
   *
   * @throws IllegalArgumentException naming the file and what is missing or of another shape
   */
  public static Backbone load(TensorSource source, Backend backend) {
    Kind kind = Kind.of(source);
    Builder builder = new Builder(source, backend);
    switch (kind) {
      case ALEX -> alex(builder);
      case VGG -> vgg(builder);
      case SQUEEZE -> squeeze(builder);
    }
    return new Backbone(kind, builder.stages);
  }

  private static void alex(Builder net) {
    net.conv(0, 11, 4, 2).cut();
    net.pool(3, false).conv(3, 5, 1, 2).cut();
    net.pool(3, false).conv(6, 3, 1, 1).cut();
    net.conv(8, 3, 1, 1).cut();
    net.conv(10, 3, 1, 1).cut();
  }

  private static void vgg(Builder net) {
    net.conv(0, 3, 1, 1).conv(2, 3, 1, 1).cut();
    net.pool(2, false).conv(5, 3, 1, 1).conv(7, 3, 1, 1).cut();
    net.pool(2, false).conv(10, 3, 1, 1).conv(12, 3, 1, 1).conv(14, 3, 1, 1).cut();
    net.pool(2, false).conv(17, 3, 1, 1).conv(19, 3, 1, 1).conv(21, 3, 1, 1).cut();
    net.pool(2, false).conv(24, 3, 1, 1).conv(26, 3, 1, 1).conv(28, 3, 1, 1).cut();
  }

  private static void squeeze(Builder net) {
    net.conv(0, 3, 2, 0).cut();
    net.pool(3, true).fire(3).fire(4).cut();
    net.pool(3, true).fire(6).fire(7).cut();
    net.pool(3, true).fire(9).cut();
    net.fire(10).cut();
    net.fire(11).cut();
    net.fire(12).cut();
  }

  public Kind kind() {
    return kind;
  }

  /** How many channels there are at each place where LPIPS compares. */
  ImmutableList<Integer> widths() {
    return stages.stream().map(BackboneStage::width).collect(ImmutableList.toImmutableList());
  }

  /** Told what the network sees. */
  @FunctionalInterface
  interface Viewer {
    /**
     * @param place the number of the place, from 0 on
     * @param features after the ReLU, [batch, rows, width, channels]; gone when this returns
     */
    void see(int place, Tensor features);
  }

  /**
   * Shows what the network sees at the places where LPIPS compares, some rows after the others from
   * the top down: all that VGG computes of two pictures of 512 × 512 takes 2.6 GiB.
   *
   * @param pixels normalised pictures, [batch, height, width, 3]
   * @param elements that features should have at most at a time, where the network allows it
   */
  void features(Tensor pixels, int elements, Viewer viewer) {
    try (Scope scope = Scope.open()) {
      Tensor x = pixels;
      for (int i = 0; i < stages.size(); i++) {
        int place = i;
        Tensor next = stages.get(i).run(x, elements, features -> viewer.see(place, features));
        if (i > 0) {
          Scope.release(x);
        }
        x = next;
      }
    }
  }

  /** Adds layer after layer, each as wide as its weights say. */
  private static final class Builder {
    private final TensorSource source;
    private final Weights features;
    private final List<BackboneStage> stages = new ArrayList<>();
    private ImmutableList.Builder<BackboneLayer> layers = ImmutableList.builder();
    private int width = 3;

    Builder(TensorSource source, Backend backend) {
      this.source = source;
      features = Weights.of(backend, source).at("features");
    }

    Builder conv(int index, int kernel, int stride, int padding) {
      int out = outputs(Integer.toString(index));
      layers.add(BackboneLayer.conv(features.at(index), width, out, kernel, stride, padding));
      layers.add(BackboneLayer.relu());
      width = out;
      return this;
    }

    Builder pool(int kernel, boolean ceil) {
      BackboneStage before = stages.remove(stages.size() - 1);
      stages.add(before.followedBy(BackboneLayer.pool(kernel, ceil)));
      return this;
    }

    Builder fire(int index) {
      int narrow = outputs(index + ".squeeze");
      int points = outputs(index + ".expand1x1");
      int squares = outputs(index + ".expand3x3");
      layers.add(BackboneLayer.fire(features.at(index), width, narrow, points, squares));
      width = points + squares;
      return this;
    }

    void cut() {
      stages.add(new BackboneStage(layers.build(), width, null));
      layers = ImmutableList.builder();
    }

    private int outputs(String layer) {
      String name = "features." + layer + ".weight";
      checkArgument(source.contains(name), "%s has no tensor %s", source.displayName(), name);
      try {
        return Ints.checkedCast(source.tensor(name).shape()[0]);
      } catch (SafetensorsException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
