package io.github.pix2pixzero.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The requests in the documents, as they stand but for the address and the steps. */
class DocumentedRequestsTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
  private static final Path CURL = Path.of("/usr/bin/curl");

  @Test
  void requestsAreAnswered() throws Exception {
    assumeTrue(Files.isExecutable(CURL), "not tested: there is no /usr/bin/curl");
    List<String> commands =
        Pattern.compile("(?s)```\\n(curl .*?)\\n```")
            .matcher(Files.readString(ROOT.resolve("docs/server.md")))
            .results()
            .map((MatchResult match) -> match.group(1))
            .toList();
    assertThat(commands).hasSize(3);
    try (EditServer server = TestServers.start()) {
      for (String command : commands) {
        String quick =
            command
                .replace("http://127.0.0.1:7860", server.address().toString())
                .replace("-F quality=low", "-F steps=2")
                .replace("\"steps\": 20", "\"steps\": 2");
        assertThat(output(quick)).as(command).startsWith("{").doesNotContain("\"error\"");
      }
    }
  }

  private static String output(String command) throws IOException, InterruptedException {
    Process shell =
        new ProcessBuilder("sh", "-c", command)
            .directory(ROOT.toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(shell.waitFor()).as(output).isZero();
    return output;
  }
}
