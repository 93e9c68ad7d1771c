package io.github.pix2pixzero.server.internal.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class FieldsTest {
  /** A few bytes may promise a large picture, so that not all are decoded at once. */
  @Test
  void picturesWaitForEachOther() throws Exception {
    Fields.DECODING.acquire(Limits.DECODED_AT_ONCE);
    CompletableFuture<Void> decoding;
    try {
      decoding = CompletableFuture.runAsync(() -> Fields.decode("image", new byte[4], Color.WHITE));
      assertThatThrownBy(() -> decoding.get(200, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
    } finally {
      Fields.DECODING.release(Limits.DECODED_AT_ONCE);
    }
    assertThatThrownBy(() -> decoding.get(20, TimeUnit.SECONDS)).hasMessageContaining("image");
    assertThat(Fields.DECODING.availablePermits()).isEqualTo(Limits.DECODED_AT_ONCE);
  }
}
