package io.github.pix2pixzero.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  /** Whoever waits for an edit hears that the server is stopping; nothing is left on the disk. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aSignalEndsIt(boolean kill) throws Exception {
    Path work = Files.createDirectory(folder.resolve("work"));
    Path temporary = Files.createDirectory(folder.resolve("temporary"));
    Path err = folder.resolve("err.txt");
    Process process =
        CommandProcess.builder(
                List.of("-Djava.io.tmpdir=" + temporary), "serve --port 0 --device cpu --threads 1")
            .directory(work.toFile())
            .redirectError(err.toFile())
            .start();
    try (BufferedReader out = process.inputReader()) {
      Matcher said = ADDRESS.matcher(String.valueOf(out.readLine()));
      assertThat(said.find()).as("%s", err).isTrue();
      URI address = URI.create(said.group());
      CompletableFuture<HttpResponse<String>> answer = longEdit(address);
      while (!body(address.resolve("/healthz")).contains("\"running\":1")) {
        Thread.sleep(20);
      }
      if (kill) {
        process.destroyForcibly();
        assertThat(answer).failsWithin(Duration.ofSeconds(30));
      } else {
        process.destroy();
        HttpResponse<String> stopping = answer.get(30, TimeUnit.SECONDS);
        assertThat(stopping.statusCode()).isEqualTo(503);
        assertThat(stopping.headers().firstValueAsLong("Retry-After").orElse(0)).isPositive();
        assertThat(stopping.body()).contains("the server is stopping");
      }
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    if (!kill) {
      assertThat(Files.readString(err)).contains("stopped, 1 edit cancelled");
    }
    for (Path place : List.of(work, temporary)) {
      assertThat(place).isEmptyDirectory();
    }
  }

  /** With a picture in a form of more than a megabyte, which another server might spool. */
  private static CompletableFuture<HttpResponse<String>> longEdit(URI address) throws IOException {
    BufferedImage noise = new BufferedImage(800, 800, BufferedImage.TYPE_INT_RGB);
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 800 * 800; i++) {
      noise.setRGB(i % 800, i / 800, random.nextInt());
    }
    ByteArrayOutputStream form = new ByteArrayOutputStream();
    String field = "--xyz\r\nContent-Disposition: form-data; name=\"%s\"%s\r\n\r\n";
    form.writeBytes((field.formatted("prompt", "") + "cat -> dog\r\n").getBytes(US_ASCII));
    form.writeBytes((field.formatted("steps", "") + "200\r\n").getBytes(US_ASCII));
    form.writeBytes(field.formatted("image", "; filename=\"a.png\"").getBytes(US_ASCII));
    ImageIO.write(noise, "png", form);
    form.writeBytes("\r\n--xyz--\r\n".getBytes(US_ASCII));
    HttpRequest request =
        HttpRequest.newBuilder(address.resolve("/v1/images/edits"))
            .header("Content-Type", "multipart/form-data; boundary=xyz")
            .POST(BodyPublishers.ofByteArray(form.toByteArray()))
            .build();
    return HttpClient.newHttpClient().sendAsync(request, BodyHandlers.ofString());
  }

  private static String body(URI address) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(address).build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
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
