package io.github.pix2pixzero.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServeCommandTest {
  private static final Pattern ADDRESS = Pattern.compile("http://\\S+:\\d+");

  @TempDir Path folder;

  @Test
  void servesUntilItIsStopped() throws Exception {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Path token = Files.writeString(folder.resolve("token.txt"), "sixteen characters\n");
    Thread command =
        new Thread(
            () ->
                Main.run(
                    new String[] {"serve", "--port", "0", "--token-file", token.toString()},
                    new PrintWriter(out, true),
                    new PrintWriter(err, true)));
    command.start();
    URI address = address(out, command);
    assertThat(status(address.resolve("/"), "none")).isEqualTo(200);
    assertThat(status(address.resolve("/v1/models"), "Bearer wrong")).isEqualTo(401);
    assertThat(status(address.resolve("/v1/models"), "Bearer sixteen characters")).isEqualTo(200);
    command.interrupt();
    command.join(30_000);
    assertThat(command.isAlive()).isFalse();
    assertThat(err.toString()).contains("stopped, 0 edits cancelled");
  }

  private static URI address(StringWriter out, Thread command) throws InterruptedException {
    while (command.isAlive()) {
      Matcher found = ADDRESS.matcher(out.toString());
      if (found.find()) {
        return URI.create(found.group());
      }
      Thread.sleep(20);
    }
    throw new AssertionError("the server did not start");
  }

  private static int status(URI address, String authorization)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(address).header("Authorization", authorization).build();
    HttpResponse<Void> answer = HttpClient.newHttpClient().send(request, BodyHandlers.discarding());
    return answer.statusCode();
  }

  @Test
  void otherMachinesNeedAToken() {
    CommandLineRun run = CommandLineRun.of("serve", "--host", "0.0.0.0", "--port", "0");
    assertThat(run.code()).isNotZero();
    assertThat(run.err()).contains("needs a token");
  }

  @Test
  void wrongOptionsAreOnesOfUsage() {
    assertThat(CommandLineRun.of("serve", "--parallel", "0").code()).isEqualTo(2);
    CommandLineRun run = CommandLineRun.of("serve", "--allow-origin", "*");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("https://example.org");
  }

  @Test
  void helpFitsATerminal() {
    assertThat(CommandLineRun.of("serve", "--help").out().lines())
        .allSatisfy(line -> assertThat(line).hasSizeLessThan(81));
  }
}
