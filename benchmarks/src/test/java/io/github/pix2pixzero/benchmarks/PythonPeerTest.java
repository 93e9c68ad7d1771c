package io.github.pix2pixzero.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** With a shell in the place of Python: what is asked for and answered. */
@DisabledOnOs(OS.WINDOWS)
class PythonPeerTest {
  @TempDir Path folder;

  private String python(String script) throws IOException {
    Path file = Files.writeString(folder.resolve("python"), "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    return file.toString();
  }

  @Test
  void sendsOperandsAndReadsWhatWasTimed() throws IOException {
    String python =
        python(
            """
            echo "normal 7 2"
            head -c 8 > "$0.operand"
            echo ready
            read burst
            echo "$2 $3 $4 $burst" > "$0.asked"
            echo "20 50.5"
            read result
            echo 2
            cat "$0.operand"
            """);
    PythonPeer peer = new PythonPeer(python, "conv", "channels-last", 2);

    assertThat(peer.run()).isEqualTo(new PythonPeer.Burst(20, 50.5));
    assertThat(peer.result()).containsExactly(Sizes.normal(2, 7));
    assertThat(folder.resolve("python.asked")).hasContent("conv channels-last 2 burst 50");
  }

  @Test
  void anInterpreterWithoutPyTorchIsNamed() throws IOException {
    String python = python("exit 1");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> PythonPeer.description(python))
        .withMessage(python + " has no PyTorch");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PythonPeer.description(folder.resolve("nothing").toString()))
        .withMessageContaining("no Python to run");
    assertThat(PythonPeer.description(python("echo 2.13.0 of Python")))
        .isEqualTo("2.13.0 of Python");
  }
}
