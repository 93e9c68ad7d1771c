package io.github.pix2pixzero.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import org.junit.jupiter.api.Test;

/** What is public for the packages of its own module alone stays in that module. */
@AnalyzeClasses(packages = ModuleArrowsTest.BASE, importOptions = DoNotIncludeTests.class)
class InternalPackagesTest {
  private static final String INTERNAL = "internal";

  @ArchTest
  static final ArchRule internal_packages_are_private_to_their_module =
      classes()
          .that(describe("are internal", type -> isInternal(type.getPackageName())))
          .should(beUsedInTheirModuleAlone())
          .because("they may change without notice");

  private static ArchCondition<JavaClass> beUsedInTheirModuleAlone() {
    return new ArchCondition<>("be used in their module alone") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        for (Dependency use : type.getDirectDependenciesToSelf()) {
          String user = use.getOriginClass().getPackageName();
          if (!moduleOf(user).equals(moduleOf(type.getPackageName()))) {
            events.add(SimpleConditionEvent.violated(use, use.getDescription()));
          }
        }
      }
    };
  }

  @Test
  void aModuleIsToldByItsPackages() {
    assertThat(moduleOf("io.github.pix2pixzero")).isEmpty();
    assertThat(moduleOf("io.github.pix2pixzero.internal")).isEmpty();
    assertThat(moduleOf("io.github.pix2pixzero.tensor")).isEqualTo("tensor");
    assertThat(moduleOf("io.github.pix2pixzero.tensor.internal.cpu")).isEqualTo("tensor");
    assertThat(isInternal("io.github.pix2pixzero.tensor.internal")).isTrue();
    assertThat(isInternal("io.github.pix2pixzero.tensor.internals")).isFalse();
  }

  private static boolean isInternal(String packageName) {
    return (packageName + ".").contains("." + INTERNAL + ".");
  }

  /** The part of a package's name that tells its module; empty for the façade. */
  private static String moduleOf(String packageName) {
    String[] parts = packageName.substring(ModuleArrowsTest.BASE.length()).split("\\.");
    return parts.length < 2 || parts[1].equals(INTERNAL) ? "" : parts[1];
  }
}
