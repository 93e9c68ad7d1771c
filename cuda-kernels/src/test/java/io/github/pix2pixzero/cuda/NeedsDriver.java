package io.github.pix2pixzero.cuda;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Tests that run on a GPU, or on the emulated driver where there is none. They are skipped only
 * where the build has made no emulated driver, for want of g++; one that does not work is a
 * failure.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsDriver.Condition.class)
@interface NeedsDriver {

  /** The condition. */
  final class Condition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      String emulator = System.getProperty("pix2pixzero.emulator");
      return emulator == null || Files.exists(Path.of(emulator))
          ? ConditionEvaluationResult.enabled("there is a driver")
          : ConditionEvaluationResult.disabled("there is no emulated driver; install g++");
    }
  }
}
