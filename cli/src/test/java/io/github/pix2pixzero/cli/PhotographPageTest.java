package io.github.pix2pixzero.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.hub.testing.LocalHub;
import io.github.pix2pixzero.picture.PictureFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code docs/edit-a-photograph.md} has a newcomer do with the hub, one command after another,
 * each in a process of its own: the toy model goes by the name of Stable Diffusion, a tiny BLIP by
 * that of BLIP. {@link DocumentedCommandsTest} runs the rest of the page.
 */
class PhotographPageTest {
  private static final Path TOY = Path.of("../toy-world/model");
  private static final Path BLIP = Path.of("../caption/src/test/resources/model");

  @TempDir Path folder;

  @Test
  void fromNothingToAPictureWithACaption() throws Exception {
    Path cat = CommandLineRun.example("cat.png", folder);
    PictureFiles.write(PictureFiles.read(cat), folder.resolve("cat.jpg"));
    List<String> commands =
        DocumentedCommandsTest.commands(Path.of("../docs/edit-a-photograph.md"));
    try (LocalHub diffusion = new LocalHub("stable-diffusion-v1-5/stable-diffusion-v1-5").all(TOY);
        LocalHub blip = new LocalHub("Salesforce/blip-image-captioning-base").all(BLIP)) {
      assertThat(run(commands.get(1), diffusion)).containsPattern("to download +\\d+");
      assertThat(run(commands.get(2), diffusion)).contains("models--stable-diffusion-v1-5");
      assertThat(run(commands.get(3), diffusion)).startsWith("wrote dog.png");
      assertThat(run(commands.get(5), blip)).contains("models--Salesforce");
      assertThat(run(commands.get(6), blip)).startsWith("a photo of a cat");
      assertThat(run(commands.get(7), blip))
          .startsWith("cat.jpg shows: a photo of a cat")
          .contains("wrote dog-2.png");
    }
  }

  private String run(String command, LocalHub hub) throws IOException, InterruptedException {
    String quick = command.startsWith("edit") ? command + CommandProcess.QUICK : command;
    CommandLineRun run =
        CommandProcess.run(quick, folder, hub.environment(folder.resolve("cache")));
    assertThat(run.code()).as("%s: %s", command, run.err()).isZero();
    return run.out();
  }
}
