package io.github.pix2pixzero.server.internal.http;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class UploadBudgetTest {
  @Test
  void whatOneHoldsOthersHaveNot() {
    UploadBudget budget = new UploadBudget(100);
    try (UploadBudget.Share first = budget.open()) {
      first.take(60);
      try (UploadBudget.Share second = budget.open()) {
        assertThatThrownBy(() -> second.take(41)).hasMessageContaining("try again later");
      }
    }
    assertThatCode(() -> budget.open().take(100)).doesNotThrowAnyException();
  }
}
