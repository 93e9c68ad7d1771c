package io.github.pix2pixzero.tensor.testing;

import io.github.pix2pixzero.tensor.backend.AdamSpec;
import io.github.pix2pixzero.tensor.backend.AttentionSpec;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Binary;
import io.github.pix2pixzero.tensor.backend.BroadcastSpec;
import io.github.pix2pixzero.tensor.backend.Conv2dSpec;
import io.github.pix2pixzero.tensor.backend.GroupNormSpec;
import io.github.pix2pixzero.tensor.backend.MatmulSpec;
import io.github.pix2pixzero.tensor.backend.MemoryUse;
import io.github.pix2pixzero.tensor.backend.Storage;
import io.github.pix2pixzero.tensor.backend.StridedSpec;
import io.github.pix2pixzero.tensor.backend.Unary;
import io.github.pix2pixzero.tensor.backend.UpfirdnSpec;
import java.util.Arrays;

/**
 * Every kernel as its definition reads, in double precision and one element at a time. What other
 * backends compute is held against it, and finite differences are taken on it.
 */
public final class OracleBackend implements Backend {

  @Override
  public String name() {
    return "oracle";
  }

  @Override
  public Storage allocate(int size) {
    return new OracleStorage(this, size);
  }

  @Override
  public void upload(float[] source, int offset, Storage target) {
    for (int i = 0; i < target.size(); i++) {
      of(target)[i] = source[offset + i];
    }
  }

  /** Sets all elements. */
  public void upload(double[] source, Storage target) {
    System.arraycopy(source, 0, of(target), 0, target.size());
  }

  @Override
  public void download(Storage source, float[] target, int offset) {
    for (int i = 0; i < source.size(); i++) {
      target[offset + i] = (float) of(source)[i];
    }
  }

  /** A copy of all elements. */
  public double[] download(Storage source) {
    return of(source).clone();
  }

  /** Always nothing: arrays are left to the garbage collector. */
  @Override
  public MemoryUse memory() {
    return new MemoryUse(0, 0, 0, 0);
  }

  private static double[] of(Storage storage) {
    return storage == null ? null : ((OracleStorage) storage).elements();
  }

  // ------------------------------------------------------------------ matrix products

  @Override
  public void matmul(MatmulSpec spec, Storage a, Storage b, Storage bias, Storage out) {
    int m = spec.m();
    int n = spec.n();
    int k = spec.k();
    for (int p = 0; p < spec.batch(); p++) {
      int startA = spec.sharedA() ? 0 : p * m * k;
      int startB = spec.sharedB() ? 0 : p * k * n;
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          double sum = 0;
          for (int r = 0; r < k; r++) {
            sum +=
                of(a)[startA + (spec.transposeA() ? r * m + i : i * k + r)]
                    * of(b)[startB + (spec.transposeB() ? j * k + r : r * n + j)];
          }
          of(out)[(p * m + i) * n + j] = spec.alpha() * sum + (bias == null ? 0 : of(bias)[j]);
        }
      }
    }
  }

  @Override
  public void conv2d(Conv2dSpec spec, Storage x, Storage weight, Storage bias, Storage out) {
    for (int i = 0; i < out.size(); i++) {
      of(out)[i] = bias == null ? 0 : of(bias)[i % spec.outChannels()];
    }
    forEachProduct(spec, (in, w, result) -> of(out)[result] += of(x)[in] * of(weight)[w]);
  }

  @Override
  public void conv2dInputGradient(Conv2dSpec spec, Storage gradOut, Storage weight, Storage gradX) {
    Arrays.fill(of(gradX), 0);
    forEachProduct(spec, (in, w, result) -> of(gradX)[in] += of(gradOut)[result] * of(weight)[w]);
  }

  @Override
  public void conv2dWeightGradient(
      Conv2dSpec spec, Storage x, Storage gradOut, Storage gradWeight) {
    Arrays.fill(of(gradWeight), 0);
    forEachProduct(spec, (in, w, result) -> of(gradWeight)[w] += of(gradOut)[result] * of(x)[in]);
  }

  private interface Product {
    void at(int input, int weight, int output);
  }

  /** Visits every product of an input and a weight that a convolution sums into an output. */
  private static void forEachProduct(Conv2dSpec spec, Product product) {
    for (int b = 0; b < spec.batch(); b++) {
      for (int outY = 0; outY < spec.outHeight(); outY++) {
        for (int outX = 0; outX < spec.outWidth(); outX++) {
          for (int tapY = 0; tapY < spec.kernel(); tapY++) {
            for (int tapX = 0; tapX < spec.kernel(); tapX++) {
              int y = outY * spec.stride() + tapY - spec.padTop();
              int x = outX * spec.stride() + tapX - spec.padLeft();
              if (y < 0 || y >= spec.height() || x < 0 || x >= spec.width()) {
                continue;
              }
              int from = ((b * spec.height() + y) * spec.width() + x) * spec.inChannels();
              int to =
                  ((b * spec.outHeight() + outY) * spec.outWidth() + outX) * spec.outChannels();
              int tap = (tapY * spec.kernel() + tapX) * spec.inChannels();
              for (int ci = 0; ci < spec.inChannels(); ci++) {
                for (int co = 0; co < spec.outChannels(); co++) {
                  product.at(from + ci, (tap + ci) * spec.outChannels() + co, to + co);
                }
              }
            }
          }
        }
      }
    }
  }

  // ------------------------------------------------------------------ normalisation

  @Override
  public void groupNorm(
      GroupNormSpec spec, Storage x, Storage gamma, Storage beta, Storage out, Storage stats) {
    OracleGroups groups = OracleGroups.of(spec);
    groups.normalise(spec.epsilon(), of(x), of(gamma), of(beta), of(out), of(stats));
    if (spec.silu()) {
      unary(Unary.SILU, out.size(), out, out);
    }
  }

  @Override
  public void groupNormBackward(
      GroupNormSpec spec,
      Storage x,
      Storage gamma,
      Storage beta,
      Storage stats,
      Storage gradOut,
      Storage gradX,
      Storage gradGamma,
      Storage gradBeta) {
    OracleGroups groups = OracleGroups.of(spec);
    double[] g = of(gradOut).clone();
    if (spec.silu()) {
      for (int i = 0; i < g.length; i++) {
        int c = groups.channel(i);
        double y = groups.normal(of(x), of(stats), i) * of(gamma)[c] + of(beta)[c];
        g[i] *= OracleFunctions.derivative(Unary.SILU, y);
      }
    }
    groups.backward(of(x), of(gamma), of(stats), g, of(gradX), of(gradGamma), of(gradBeta));
  }

  @Override
  public void layerNorm(
      int rows,
      int width,
      float epsilon,
      Storage x,
      Storage gamma,
      Storage beta,
      Storage out,
      Storage stats) {
    new OracleGroups(rows, 1, width, 1)
        .normalise(epsilon, of(x), of(gamma), of(beta), of(out), of(stats));
  }

  @Override
  public void layerNormBackward(
      int rows,
      int width,
      Storage x,
      Storage gamma,
      Storage stats,
      Storage gradOut,
      Storage gradX,
      Storage gradGamma,
      Storage gradBeta) {
    new OracleGroups(rows, 1, width, 1)
        .backward(of(x), of(gamma), of(stats), of(gradOut), of(gradX), of(gradGamma), of(gradBeta));
  }

  @Override
  public void softmax(int rows, int width, Storage x, Storage out) {
    for (int row = 0; row < rows; row++) {
      double max = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < width; i++) {
        max = Math.max(max, of(x)[row * width + i]);
      }
      double sum = 0;
      for (int i = 0; i < width; i++) {
        sum += Math.exp(of(x)[row * width + i] - max);
      }
      for (int i = 0; i < width; i++) {
        of(out)[row * width + i] = Math.exp(of(x)[row * width + i] - max) / sum;
      }
    }
  }

  @Override
  public void softmaxBackward(int rows, int width, Storage y, Storage gradOut, Storage gradX) {
    for (int row = 0; row < rows; row++) {
      double dot = 0;
      for (int i = row * width; i < (row + 1) * width; i++) {
        dot += of(y)[i] * of(gradOut)[i];
      }
      for (int i = row * width; i < (row + 1) * width; i++) {
        of(gradX)[i] = of(y)[i] * (of(gradOut)[i] - dot);
      }
    }
  }

  // ------------------------------------------------------------------ attention

  @Override
  public void attention(
      AttentionSpec spec, Storage q, Storage k, Storage v, Storage out, Storage logSumExp) {
    OracleAttention attention = new OracleAttention(spec);
    double[] scores = attention.scores(of(q), of(k));
    attention.logSumExp(scores, of(logSumExp));
    attention.apply(attention.softmax(scores), of(v), of(out));
  }

  @Override
  public void attentionBackward(
      AttentionSpec spec,
      Storage q,
      Storage k,
      Storage v,
      Storage out,
      Storage logSumExp,
      Storage gradOut,
      Storage gradQ,
      Storage gradK,
      Storage gradV) {
    OracleAttention attention = new OracleAttention(spec);
    double[] probs = attention.softmax(attention.scores(of(q), of(k)));
    double[] gradProbs = new double[probs.length];
    attention.applyBackward(probs, of(v), of(gradOut), gradProbs, of(gradV));
    attention.probsBackward(of(q), of(k), probs, gradProbs, of(gradQ), of(gradK));
  }

  @Override
  public void attentionProbs(AttentionSpec spec, Storage q, Storage k, Storage probs) {
    OracleAttention attention = new OracleAttention(spec);
    upload(attention.softmax(attention.scores(of(q), of(k))), probs);
  }

  @Override
  public void attentionProbsBackward(
      AttentionSpec spec,
      Storage q,
      Storage k,
      Storage probs,
      Storage gradProbs,
      Storage moreGradProbs,
      Storage gradQ,
      Storage gradK) {
    double[] sum = of(gradProbs).clone();
    for (int i = 0; moreGradProbs != null && i < sum.length; i++) {
      sum[i] += of(moreGradProbs)[i];
    }
    new OracleAttention(spec).probsBackward(of(q), of(k), of(probs), sum, of(gradQ), of(gradK));
  }

  @Override
  public void attentionApply(AttentionSpec spec, Storage probs, Storage v, Storage out) {
    new OracleAttention(spec).apply(of(probs), of(v), of(out));
  }

  @Override
  public void attentionApplyBackward(
      AttentionSpec spec,
      Storage probs,
      Storage v,
      Storage gradOut,
      Storage gradProbs,
      Storage gradV) {
    new OracleAttention(spec)
        .applyBackward(of(probs), of(v), of(gradOut), of(gradProbs), of(gradV));
  }

  // ------------------------------------------------------------------ elementwise

  @Override
  public void unary(Unary f, int size, Storage x, Storage out) {
    for (int i = 0; i < size; i++) {
      of(out)[i] = OracleFunctions.value(f, of(x)[i]);
    }
  }

  @Override
  public void unaryBackward(Unary f, int size, Storage x, Storage gradOut, Storage gradX) {
    for (int i = 0; i < size; i++) {
      of(gradX)[i] = OracleFunctions.derivative(f, of(x)[i]) * of(gradOut)[i];
    }
  }

  @Override
  public void affine(int size, Storage x, float scale, float shift, Storage out) {
    for (int i = 0; i < size; i++) {
      of(out)[i] = scale * of(x)[i] + shift;
    }
  }

  @Override
  public void leakyRelu(int size, float slope, Storage x, Storage out) {
    for (int i = 0; i < size; i++) {
      of(out)[i] = of(x)[i] > 0 ? of(x)[i] : slope * of(x)[i];
    }
  }

  @Override
  public void leakyReluBackward(int size, float slope, Storage x, Storage gradOut, Storage gradX) {
    for (int i = 0; i < size; i++) {
      of(gradX)[i] = (of(x)[i] > 0 ? 1 : slope) * of(gradOut)[i];
    }
  }

  @Override
  public void clamp(int size, float low, float high, Storage x, Storage out) {
    for (int i = 0; i < size; i++) {
      of(out)[i] = of(x)[i] < low ? low : of(x)[i] > high ? high : of(x)[i];
    }
  }

  @Override
  public void clampBackward(
      int size, float low, float high, Storage x, Storage gradOut, Storage gradX) {
    for (int i = 0; i < size; i++) {
      of(gradX)[i] = of(x)[i] < low || of(x)[i] > high ? 0 : of(gradOut)[i];
    }
  }

  @Override
  public void binary(Binary f, BroadcastSpec spec, Storage a, Storage b, Storage out) {
    for (int i = 0; i < out.size(); i++) {
      int inA = offset(spec.shape(), spec.aStrides(), i);
      int inB = offset(spec.shape(), spec.bStrides(), i);
      of(out)[i] = OracleFunctions.value(f, of(a)[inA], of(b)[inB]);
    }
  }

  /** Where element {@code index} of a row-major walk lies. */
  private static int offset(int[] shape, int[] strides, int index) {
    int offset = 0;
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      offset += index % shape[axis] * strides[axis];
      index /= shape[axis];
    }
    return offset;
  }

  @Override
  public void geglu(int rows, int width, Storage x, Storage out) {
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < width; i++) {
        double value = of(x)[2 * row * width + i];
        double gate = of(x)[(2 * row + 1) * width + i];
        of(out)[row * width + i] = value * OracleFunctions.value(Unary.GELU, gate);
      }
    }
  }

  @Override
  public void gegluBackward(int rows, int width, Storage x, Storage gradOut, Storage gradX) {
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < width; i++) {
        double value = of(x)[2 * row * width + i];
        double gate = of(x)[(2 * row + 1) * width + i];
        double g = of(gradOut)[row * width + i];
        of(gradX)[2 * row * width + i] = g * OracleFunctions.value(Unary.GELU, gate);
        of(gradX)[(2 * row + 1) * width + i] =
            g * value * OracleFunctions.derivative(Unary.GELU, gate);
      }
    }
  }

  // ------------------------------------------------------------------ training

  @Override
  public void axpby(int size, float alpha, Storage x, float beta, Storage y) {
    for (int i = 0; i < size; i++) {
      of(y)[i] = alpha * of(x)[i] + beta * of(y)[i];
    }
  }

  @Override
  public void adam(
      AdamSpec spec, Storage gradient, Storage parameter, Storage mean, Storage square) {
    for (int i = 0; i < spec.size(); i++) {
      double p = spec.keep() * of(parameter)[i];
      double g = of(gradient)[i] + spec.decay() * of(parameter)[i];
      of(mean)[i] += spec.meanRate() * (g - of(mean)[i]);
      of(square)[i] += spec.squareRate() * (g * g - of(square)[i]);
      double root = Math.sqrt(of(square)[i]) * spec.rootScale() + spec.epsilon();
      of(parameter)[i] = p - spec.stepSize() * of(mean)[i] / root;
    }
  }

  // ------------------------------------------------------------------ movement and reduction

  @Override
  public void sum(int outer, int reduced, int inner, Storage x, Storage out) {
    Arrays.fill(of(out), 0);
    for (int i = 0; i < outer * reduced * inner; i++) {
      of(out)[i / (reduced * inner) * inner + i % inner] += of(x)[i];
    }
  }

  @Override
  public void max(int outer, int reduced, int inner, Storage x, Storage out) {
    Arrays.fill(of(out), Double.NEGATIVE_INFINITY);
    for (int i = 0; i < outer * reduced * inner; i++) {
      int at = i / (reduced * inner) * inner + i % inner;
      of(out)[at] = Math.max(of(out)[at], of(x)[i]);
    }
  }

  @Override
  public void squaredDistance(int size, float weight, Storage a, Storage b, Storage out) {
    double sum = 0;
    for (int i = 0; i < size; i++) {
      sum += Math.pow(of(a)[i] - of(b)[i], 2);
    }
    of(out)[0] = weight * sum;
  }

  @Override
  public void squaredDistanceBackward(
      int size, float weight, Storage a, Storage b, Storage gradOut, Storage gradA) {
    for (int i = 0; i < size; i++) {
      of(gradA)[i] = 2 * weight * of(gradOut)[0] * (of(a)[i] - of(b)[i]);
    }
  }

  @Override
  public void copy(StridedSpec spec, Storage source, Storage target) {
    int size = Arrays.stream(spec.shape()).reduce(1, (a, b) -> a * b);
    for (int i = 0; i < size; i++) {
      of(target)[spec.targetOffset() + offset(spec.shape(), spec.targetStrides(), i)] =
          of(source)[spec.sourceOffset() + offset(spec.shape(), spec.sourceStrides(), i)];
    }
  }

  @Override
  public void gather(int[] rows, int width, Storage table, Storage out) {
    for (int i = 0; i < rows.length * width; i++) {
      of(out)[i] = of(table)[rows[i / width] * width + i % width];
    }
  }

  @Override
  public void scatterAdd(int[] rows, int width, Storage source, Storage target) {
    for (int i = 0; i < rows.length * width; i++) {
      of(target)[rows[i / width] * width + i % width] += of(source)[i];
    }
  }

  @Override
  public void upfirdn(UpfirdnSpec spec, Storage x, Storage filter, Storage out) {
    double[] f = of(filter);
    int taps = spec.filterHeight() * spec.filterWidth();
    for (int i = 0; i < out.size(); i++) {
      int pixel = i / spec.channels();
      int picture = pixel / spec.outWidth() / spec.outHeight();
      of(out)[i] = 0;
      for (int tap = 0; tap < taps; tap++) {
        int row = pixel / spec.outWidth() % spec.outHeight() * spec.down() - spec.padTop();
        int column = pixel % spec.outWidth() * spec.down() - spec.padLeft();
        row += tap / spec.filterWidth();
        column += tap % spec.filterWidth();
        boolean inside =
            row >= 0
                && column >= 0
                && row < spec.height() * spec.up()
                && column < spec.width() * spec.up();
        if (inside && row % spec.up() == 0 && column % spec.up() == 0) {
          int line = picture * spec.height() + row / spec.up();
          int from = (line * spec.width() + column / spec.up()) * spec.channels();
          of(out)[i] +=
              f[spec.flipped() ? taps - 1 - tap : tap] * of(x)[from + i % spec.channels()];
        }
      }
    }
  }

  @Override
  public void upsampleNearest(
      int batch, int height, int width, int channels, int factor, Storage x, Storage out) {
    for (int i = 0; i < out.size(); i++) {
      of(out)[i] = of(x)[shrunk(width, channels, factor, i)];
    }
  }

  @Override
  public void upsampleNearestBackward(
      int batch, int height, int width, int channels, int factor, Storage gradOut, Storage gradX) {
    Arrays.fill(of(gradX), 0);
    for (int i = 0; i < gradOut.size(); i++) {
      of(gradX)[shrunk(width, channels, factor, i)] += of(gradOut)[i];
    }
  }

  /** The element of a picture that an element of the enlarged picture repeats. */
  private static int shrunk(int width, int channels, int factor, int element) {
    int pixel = element / channels;
    int x = pixel % (width * factor) / factor;
    int row = pixel / (width * factor) / factor;
    return (row * width + x) * channels + element % channels;
  }

  @Override
  public void fill(float value, Storage out) {
    Arrays.fill(of(out), value);
  }
}
