package io.github.pix2pixzero.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.security.SecureRandom;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;

/** What only one package may use, and what none may. */
@AnalyzeClasses(packages = ModuleArrowsTest.BASE, importOptions = DoNotIncludeTests.class)
class ConfinedLibrariesTest {
  private static final String BASE = ModuleArrowsTest.BASE;

  @ArchTest
  static final ArchRule incubator_types_stay_in_the_vector_backend =
      noClasses()
          .that()
          .resideOutsideOfPackage(BASE + ".tensor.internal.vector..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("jdk.incubator.vector..")
          .because("without the incubator module everything else must still load");

  @ArchTest
  static final ArchRule the_command_line_stays_in_its_package =
      noClasses()
          .that()
          .resideOutsideOfPackages(BASE + ".cli..", BASE + ".spark..") // spark-submit has one too
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("picocli..", "me.tongfei.progressbar..")
          .because("who embeds the library wants no command line");

  @ArchTest
  static final ArchRule http_stays_in_the_server =
      noClasses()
          .that()
          .resideOutsideOfPackage(BASE + ".server..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.eclipse.jetty..", "io.micrometer..")
          .because("who edits pictures in a program needs no server");

  @ArchTest
  static final ArchRule natives_stay_in_the_cuda_backend =
      noClasses()
          .that()
          .resideOutsideOfPackage(BASE + ".cuda..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.bytedeco..")
          .because("who runs on the CPU downloads no natives");

  @ArchTest
  static final ArchRule no_logging_backend =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "java.util.logging..", "org.slf4j.simple..", "ch.qos.logback..", "org.apache.log4j..")
          .because("the application chooses where its log goes");

  @ArchTest
  static final ArchRule only_the_command_line_prints =
      noClasses()
          .that()
          .resideOutsideOfPackage(BASE + ".cli..")
          .should(ACCESS_STANDARD_STREAMS)
          .because("a library says what it has to say in its log");

  @ArchTest
  static final ArchRule no_unseeded_randomness =
      noClasses()
          .should()
          .callMethod(Math.class, "random")
          .orShould()
          .callConstructor(Random.class)
          .orShould()
          .dependOnClassesThat()
          .belongToAnyOf(ThreadLocalRandom.class, SecureRandom.class)
          .because("one seed in gives the same bits out");
}
