package io.github.pix2pixzero;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.unet.AttentionSite;
import io.github.pix2pixzero.unet.PromptRow;
import org.junit.jupiter.api.Test;

class TokenMapsTest {
  private static final Backend BACKEND = Backends.named("plain", 1);

  @Test
  void averagesHeadsAndSitesOfThePromptsRow() {
    TokenMaps maps = new TokenMaps(4, 2);
    AttentionSite coarse = site(2);
    AttentionSite fine = site(1);
    assertThat(maps.wants(coarse)).isTrue();

    // [batch 2, heads 2, pixels 2, tokens 2]: the first half is that of the negative prompt.
    float[] half = {9, 9, 9, 9, 9, 9, 9, 9};
    float[] heads = {0.2f, 0.8f, 0.6f, 0.4f, 0.4f, 0.6f, 0.8f, 0.2f};
    float[] batch = new float[16];
    System.arraycopy(half, 0, batch, 0, 8);
    System.arraycopy(heads, 0, batch, 8, 8);
    Tensor probs = Tensor.of(BACKEND, batch, 2, 2, 2, 2);
    assertThat(maps.attend(coarse, probs, ImmutableList.of(PromptRow.NEGATIVE, PromptRow.PROMPT)))
        .isSameAs(probs);
    float[][] means = maps.means();
    // Token 0 has 0.3 left and 0.7 right, between which lie a quarter and three quarters.
    assertRow(means[0], 0, 0.3f, 0.4f, 0.6f, 0.7f);
    assertRow(means[0], 1, 0.3f, 0.4f, 0.6f, 0.7f);
    assertRow(means[1], 0, 0.7f, 0.6f, 0.4f, 0.3f);

    // One head, no guidance, token 0 looked at by the first pixel alone.
    float[] single = {1, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1};
    maps.attend(fine, Tensor.of(BACKEND, single, 1, 1, 8, 2), ImmutableList.of(PromptRow.CAPTION));
    assertRow(maps.means()[0], 0, 0.65f, 0.2f, 0.3f, 0.35f);
    assertRow(maps.means()[0], 1, 0.15f, 0.2f, 0.3f, 0.35f);
  }

  private static AttentionSite site(int downscale) {
    return new AttentionSite(
        "mid", AttentionSite.Stage.MID, downscale, 2, AttentionSite.Kind.CROSS);
  }

  private static void assertRow(float[] map, int row, float... expected) {
    for (int x = 0; x < expected.length; x++) {
      assertThat(map[4 * row + x]).as("pixel %s, %s", x, row).isCloseTo(expected[x], within(1e-6f));
    }
  }
}
