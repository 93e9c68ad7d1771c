package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.unet.AttentionSite;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A weighted sum of losses.
 *
 * @param weights of each loss, finite
 */
public record WeightedLoss(ImmutableMap<GuidanceLoss, Double> weights) implements GuidanceLoss {
  public WeightedLoss {
    checkArgument(!weights.isEmpty(), "a sum needs at least one loss");
    weights
        .values()
        .forEach(weight -> checkArgument(Double.isFinite(weight), "a weight is %s", weight));
  }

  @Override
  public boolean wants(AttentionSite site) {
    return weights.keySet().stream().anyMatch(loss -> loss.wants(site));
  }

  @Override
  public Tensor term(AttentionSite site, Tensor edited, Tensor reference) {
    Tensor sum = null;
    for (Map.Entry<GuidanceLoss, Double> entry : weights.entrySet()) {
      if (entry.getKey().wants(site)) {
        Tensor term =
            entry.getKey().term(site, edited, reference).mul(entry.getValue().floatValue());
        sum = sum == null ? term : sum.add(term);
      }
    }
    return sum;
  }

  @Override
  public String name() {
    return weights.entrySet().stream()
        .map(entry -> entry.getValue() + " " + entry.getKey().name())
        .collect(Collectors.joining(" + "));
  }

  @Override
  public boolean isRepeatable() {
    return weights.keySet().stream().allMatch(GuidanceLoss::isRepeatable);
  }
}
