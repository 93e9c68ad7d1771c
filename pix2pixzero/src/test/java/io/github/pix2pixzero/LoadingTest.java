package io.github.pix2pixzero;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.Progress.Stage;
import io.github.pix2pixzero.stablediffusion.LoadOptions;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoadingTest {

  @Test
  void loadingIsAStage() throws IOException {
    Backend backend = Backends.best(1);
    List<Stage> stages = new ArrayList<>();
    List<Integer> left = new ArrayList<>();
    Pix2PixZero model =
        Pix2PixZero.load(
            Path.of("..", "toy-world", "model"),
            backend,
            LoadOptions.defaults(),
            progress -> {
              stages.add(progress.stage());
              left.add(progress.steps() - progress.done());
            });
    assertThat(stages).containsOnly(Stage.LOAD);
    assertThat(left).hasSizeGreaterThan(100).endsWith(1, 0);
    assertThat(model.model().backend()).isSameAs(backend);
  }
}
