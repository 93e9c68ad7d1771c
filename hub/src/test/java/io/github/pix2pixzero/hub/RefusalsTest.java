package io.github.pix2pixzero.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.pix2pixzero.hub.testing.LocalHub;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the hub refuses, and what of the hub is refused. */
class RefusalsTest extends HubTestCase {
  @Test
  void gatedModelsSayHowToComeIn() {
    refuse(401, "X-Error-Code", "GatedRepo");
    assertRefused("org/model is gated: accept its conditions at %s/org/model and set HF_TOKEN");

    refuse(403, "X-Error-Code", "GatedRepo");
    assertThatExceptionOfType(HubException.class)
        .isThrownBy(() -> pull("HF_TOKEN", "hf_other"))
        .withMessageContaining("the account of your token has no access; ask for it at");
  }

  /** The list of a gated model's files is often public, the files are not. */
  @Test
  void gatedFilesSayTheSame() {
    server.fault(
        exchange -> exchange.getRequestURI().getPath().contains("/resolve/"),
        LocalHub.status(401, "X-Error-Code", "GatedRepo"));
    assertRefused("org/model is gated");
  }

  @Test
  void unknownModelsAreNotToldFromPrivateOnes() throws IOException {
    Hub hub = hub();
    assertThatExceptionOfType(HubException.class)
        .isThrownBy(() -> hub.plan(ModelName.parse("org/unknown"), BOTH))
        .withMessage(
            "there is no model org/unknown at %s, or it is private and needs a token in HF_TOKEN",
            server.endpoint().getAuthority());

    refuse(404, "X-Error-Code", "RepoNotFound");
    assertThatExceptionOfType(HubException.class)
        .isThrownBy(() -> pull("HF_TOKEN", "hf_other"))
        .withMessageContaining("or it is private and the account of your token has no access");
  }

  @Test
  void aTokenThatIsUnknownIsNamed() {
    refuse(401, "X-Error-Message", "Invalid credentials in Authorization header");
    assertThatExceptionOfType(HubException.class)
        .isThrownBy(() -> pull("HF_TOKEN", "hf_old"))
        .withMessageContaining("does not know the token of HF_TOKEN");
  }

  @Test
  void anUnknownRevisionIsNamed() throws IOException {
    Hub hub = hub();
    assertThatExceptionOfType(HubException.class)
        .isThrownBy(() -> hub.plan(ModelName.parse("org/model@v2"), BOTH))
        .withMessageStartingWith("org/model has no revision v2 at 127.0.0.1");
  }

  @Test
  void tooManyRequestsSayHowLongToWait() {
    refuse(429, "RateLimit", "\"api\";r=0;t=55");
    assertRefused("has had too many requests; try again in 55 seconds");

    refuse(429, "Retry-After", "7");
    assertRefused("try again in 7 seconds");

    refuse(429, "RateLimit", "\"api\";r=12;t=55");
    assertRefused("try again later");
    assertThat(server.requests()).hasSize(3); // a refusal is not asked again
  }

  @Test
  void aDateToRetryAfterIsUnderstood() {
    HttpHeaders headers =
        HttpHeaders.of(
            Map.of("Retry-After", List.of("Wed, 21 Oct 2015 07:28:30 GMT")), (a, b) -> true);

    assertThat(HubErrors.waitSeconds(headers, Instant.parse("2015-10-21T07:28:00Z"))).hasValue(30);
  }

  @Test
  void otherErrorsKeepWhatTheHubSays() {
    refuse(403, "X-Error-Message", "Access to this resource is disabled.");
    assertRefused("answers with status 403: Access to this resource is disabled.");
  }

  @Test
  void whatTheModelLacksIsNamed() throws IOException {
    Hub hub = hub();
    assertThatExceptionOfType(HubException.class)
        .isThrownBy(() -> hub.plan(NAME, ModelFiles.builder().require("vocab.txt").build()))
        .withMessage("org/model has no vocab.txt");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"../evil.json", "a/../../evil.json", "/evil.json", "c:evil.json", "a/./evil.json"})
  void pathsThatLeadElsewhereAreRefused(String path) throws IOException {
    server.small(path, "{}");
    FileSelection all = files -> files.stream().sorted().toList();

    assertThatExceptionOfType(HubException.class)
        .isThrownBy(() -> hub().pull(NAME, all, DownloadListener.NONE))
        .withMessage("the hub names a file that is refused: " + path);
    assertThat(folder.resolve("evil.json")).doesNotExist();
    assertThat(pull()).isDirectory(); // where nothing needs it, it does no harm
  }

  @Test
  void anETagThatLeadsElsewhereIsRefused() {
    server.fault(
        exchange -> exchange.getRequestMethod().equals("HEAD"),
        LocalHub.status(
            302, "Location", "/", "X-Linked-Etag", "\"../../up\"", "X-Linked-Size", "18"));
    assertRefused("ETag of org/model/config.json could be no file: ../../up");
  }

  @Test
  void anotherCommitThanAskedForIsRefused() {
    server.fault(
        exchange -> exchange.getRequestMethod().equals("HEAD"),
        LocalHub.status(200, "X-Repo-Commit", "9".repeat(40), "ETag", "x"));
    assertRefused("the hub answers for 9999");
  }

  @Test
  void whatIsNoJsonIsRefused() {
    server.fault(
        exchange -> true,
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange
              .getResponseBody()
              .write("<html>log in to the Wi-Fi</html>".getBytes(StandardCharsets.UTF_8));
        });
    assertRefused("answers with what is not JSON");
  }

  @Test
  void anEncryptedHubLeadsToEncryptedHostsOnly() throws HubException {
    URI hub = URI.create("https://hub.example");
    URI from = URI.create("https://hub.example/a/b");

    assertThat(HubHttp.follow(hub, from, "../c?d=%2F")).hasToString("https://hub.example/c?d=%2F");
    assertThat(HubHttp.follow(hub, from, "https://cdn.example/x"))
        .hasToString("https://cdn.example/x");
    for (String bad : List.of("http://hub.example/c", "file:///etc/passwd", "https:///x", ":")) {
      assertThatExceptionOfType(HubException.class)
          .isThrownBy(() -> HubHttp.follow(hub, from, bad));
    }
    assertThat(HubHttp.follow(URI.create("http://localhost:1"), from, "http://localhost:2/"))
        .hasToString("http://localhost:2/");
  }

  @Test
  void aHubThatIsNotThereIsNamed() {
    server.close();

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(this::pull)
        .withMessageStartingWith("cannot reach " + server.endpoint().getAuthority());
  }

  @Test
  void aDiskThatIsTooSmallIsToldBeforeTheStart() throws IOException {
    Disk full =
        new Disk() {
          @Override
          public long usableBytes(Path path) {
            return WEIGHTS.length;
          }

          @Override
          public void link(Path link, Path target) throws IOException {
            Disk.SYSTEM.link(link, target);
          }
        };
    Hub hub = hub(full);

    assertThatExceptionOfType(HubException.class)
        .isThrownBy(() -> hub.pull(NAME, BOTH, DownloadListener.NONE))
        .withMessageContaining("HF_HUB_CACHE names another folder");
    assertThat(toStorage()).isEmpty();
  }

  private void refuse(int status, String... headers) {
    server.fault(exchange -> true, LocalHub.status(status, headers));
  }

  private void assertRefused(String message) {
    assertThatExceptionOfType(HubException.class)
        .isThrownBy(this::pull)
        .withMessageContaining(message.formatted(server.endpoint()));
  }
}
