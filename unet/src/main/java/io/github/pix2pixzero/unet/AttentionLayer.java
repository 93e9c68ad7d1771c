package io.github.pix2pixzero.unet;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.nn.Linear;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.ops.Attention;
import io.github.pix2pixzero.tensor.ops.AttentionApply;
import io.github.pix2pixzero.tensor.ops.AttentionProbs;

/** Multi-head attention at one site: {@code to_q}, {@code to_k}, {@code to_v}, {@code to_out.0}. */
final class AttentionLayer {
  private final AttentionSite site;
  private final Linear toQ;
  private final Linear toK;
  private final Linear toV;
  private final Linear toOut;

  /**
   * @param width channels of the picture's tokens
   * @param contextWidth channels of what they attend to
   */
  AttentionLayer(Weights weights, AttentionSite site, int width, int contextWidth) {
    this.site = site;
    toQ = Linear.withoutBias(weights.at("to_q"), width, width);
    toK = Linear.withoutBias(weights.at("to_k"), contextWidth, width);
    toV = Linear.withoutBias(weights.at("to_v"), contextWidth, width);
    toOut = Linear.load(weights.at("to_out").at(0), width, width);
  }

  AttentionSite site() {
    return site;
  }

  /**
   * @param context [batch, tokens, contextWidth]
   */
  KeysAndValues project(Tensor context) {
    return new KeysAndValues(toK.forward(context), toV.forward(context));
  }

  /**
   * The residual plus what the layer makes of x.
   *
   * @param residual [batch, pixels, width]
   * @param x [batch, pixels, width]
   * @param context what is attended to, projected
   * @param rows whose prompt each row of the batch has
   */
  Tensor addTo(
      Tensor residual,
      Tensor x,
      KeysAndValues context,
      AttentionControl control,
      ImmutableList<PromptRow> rows) {
    Tensor q = toQ.forward(x);
    KeysAndValues used =
        control.wantsKeysAndValues(site) ? control.attendTo(site, context, rows) : context;
    if (!control.wants(site)) {
      return toOut.addTo(
          residual, Attention.of(q, used.keys(), used.values(), site.heads(), false));
    }
    Tensor probs = control.attend(site, AttentionProbs.of(q, used.keys(), site.heads()), rows);
    return toOut.addTo(residual, AttentionApply.of(probs, used.values()));
  }
}
