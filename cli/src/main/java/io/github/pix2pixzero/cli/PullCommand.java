package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.hub.ModelName;
import io.github.pix2pixzero.stablediffusion.LoadOptions;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code pix2pix-zero pull}: from a name of the hub to a folder. */
@Command(
    name = "pull",
    description =
        "Downloads a checkpoint from huggingface.co, or what of it is missing or has changed, and"
            + " prints its folder.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    usageHelpAutoWidth = true,
    footer = {
      "",
      "Example:",
      "  pix2pix-zero pull stable-diffusion-v1-5/stable-diffusion-v1-5 --variant fp16",
      "",
      "Folder, token and mirror are those of Python's client: HF_HUB_CACHE, HF_TOKEN, HF_ENDPOINT."
    })
final class PullCommand implements Callable<Integer> {
  private final CommandProgress progress;

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "NAME",
      converter = ModelNames.class,
      description = "ORG/NAME, or ORG/NAME@REVISION with a branch, a tag, a commit or refs/pr/N.")
  private ModelName name;

  @Option(
      names = "--variant",
      paramLabel = "NAME",
      description = "Which copy of the weights to prefer, such as fp16. Default: the plain one.")
  private String variant;

  PullCommand(CommandProgress progress) {
    this.progress = progress;
  }

  @Override
  public Integer call() throws IOException {
    LoadOptions.Builder options = LoadOptions.builder();
    if (variant != null) {
      options.variant(variant);
    }
    try (progress) {
      String folder = Pix2PixZero.pull(name, options.build(), progress).toString();
      progress.close();
      spec.commandLine().getOut().println(folder);
    }
    return 0;
  }

  static final class ModelNames implements ITypeConverter<ModelName> {
    @Override
    public ModelName convert(String name) {
      try {
        return ModelName.parse(name);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
