package io.github.pix2pixzero.architecture;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/**
 * Who may know whom. A layer is a module, and each class of the project belongs to one; what a
 * layer is not said to access, it must not.
 *
 * <p>The POMs draw the same arrows, but an arrow added to a POM in passing would not be noticed.
 */
@AnalyzeClasses(packages = ModuleArrowsTest.BASE, importOptions = DoNotIncludeTests.class)
class ModuleArrowsTest {
  static final String BASE = "io.github.pix2pixzero";

  @ArchTest
  static final ArchRule arrows_point_down =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("core-tensor")
          .definedBy(BASE + ".tensor..")
          .layer("clip-text")
          .definedBy(BASE + ".clip..")
          .layer("vae")
          .definedBy(BASE + ".vae..")
          .layer("unet")
          .definedBy(BASE + ".unet..")
          .layer("inversion")
          .definedBy(BASE + ".inversion..")
          .layer("direction")
          .definedBy(BASE + ".direction..")
          .layer("caption")
          .definedBy(BASE + ".caption..")
          .layer("guidance")
          .definedBy(BASE + ".guidance..")
          .layer("hub")
          .definedBy(BASE + ".hub..")
          .layer("pictures")
          .definedBy(BASE + ".picture..")
          .layer("stable-diffusion")
          .definedBy(BASE + ".stablediffusion..")
          .layer("pix2pix-zero")
          .definedBy(BASE)
          .layer("evaluation")
          .definedBy(BASE + ".evaluation..")
          .optionalLayer("distill")
          .definedBy(BASE + ".distill..")
          .layer("server")
          .definedBy(BASE + ".server..")
          .layer("langchain4j")
          .definedBy(BASE + ".langchain4j..")
          .layer("cli")
          .definedBy(BASE + ".cli..")
          .layer("spark")
          .definedBy(BASE + ".spark..")
          .optionalLayer("toy-world")
          .definedBy(BASE + ".toyworld..")
          .optionalLayer("cuda-kernels")
          .definedBy(BASE + ".cuda..")
          .ensureAllClassesAreContainedInArchitecture()
          .whereLayer("core-tensor")
          .mayNotAccessAnyLayer()
          .whereLayer("clip-text")
          .mayOnlyAccessLayers("core-tensor")
          .whereLayer("vae")
          .mayOnlyAccessLayers("core-tensor")
          .whereLayer("unet")
          .mayOnlyAccessLayers("core-tensor")
          .whereLayer("inversion")
          .mayOnlyAccessLayers("core-tensor", "unet")
          .whereLayer("direction")
          .mayOnlyAccessLayers("core-tensor", "clip-text")
          .whereLayer("caption")
          .mayOnlyAccessLayers("core-tensor", "direction", "hub", "pictures")
          .whereLayer("guidance")
          .mayOnlyAccessLayers("core-tensor", "clip-text", "unet", "inversion")
          .whereLayer("hub")
          .mayNotAccessAnyLayer()
          .whereLayer("pictures")
          .mayOnlyAccessLayers("core-tensor")
          .whereLayer("stable-diffusion")
          .mayOnlyAccessLayers("core-tensor", "clip-text", "vae", "unet", "inversion", "hub")
          .whereLayer("pix2pix-zero")
          .mayOnlyAccessLayers(
              "core-tensor",
              "clip-text",
              "vae",
              "unet",
              "inversion",
              "direction",
              "guidance",
              "hub",
              "pictures",
              "stable-diffusion")
          .whereLayer("distill")
          .mayOnlyAccessLayers(
              "core-tensor",
              "clip-text",
              "vae",
              "unet",
              "inversion",
              "direction",
              "guidance",
              "pictures",
              "stable-diffusion",
              "pix2pix-zero")
          .whereLayer("cuda-kernels")
          .mayOnlyAccessLayers("core-tensor")
          .whereLayer("toy-world")
          .mayNotAccessAnyLayer()
          .whereLayer("cuda-kernels")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("toy-world")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("evaluation")
          .mayOnlyAccessLayers(
              "core-tensor",
              "clip-text",
              "direction",
              "guidance",
              "pictures",
              "stable-diffusion",
              "pix2pix-zero")
          .whereLayer("server")
          .mayOnlyAccessLayers(
              "core-tensor", "caption", "guidance", "pictures", "stable-diffusion", "pix2pix-zero")
          .whereLayer("server")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("langchain4j")
          .mayOnlyAccessLayers("pictures", "pix2pix-zero")
          .whereLayer("langchain4j")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("cli")
          .mayOnlyBeAccessedByLayers("spark") // a job spells an edit's options as the command does
          .whereLayer("spark")
          .mayOnlyAccessLayers(
              "core-tensor", "cli", "distill", "pictures", "pix2pix-zero", "stable-diffusion")
          .whereLayer("spark")
          .mayNotBeAccessedByAnyLayer();
}
