package io.github.pix2pixzero.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpExchange;
import io.github.pix2pixzero.hub.testing.LocalHub;
import io.github.pix2pixzero.hub.testing.LocalHub.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class DownloadTest extends HubTestCase {
  private static final int HALF = WEIGHTS.length / 2;

  @Test
  void filesAreLinksToBlobsAsPythonsClientKeepsThem() throws IOException {
    Path snapshot = pull();

    assertThat(snapshot).isEqualTo(repository().resolve("snapshots").resolve(LocalHub.COMMIT));
    assertThat(snapshot.resolve("config.json")).hasContent(CONFIG);
    assertThat(snapshot.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    assertThat(Files.readSymbolicLink(snapshot.resolve("model.safetensors")))
        .isEqualTo(Path.of("../../blobs", LocalHub.sha256(WEIGHTS)));
    assertThat(repository().resolve("refs/main")).hasContent(LocalHub.COMMIT);
    assertThat(snapshot.resolve("README.md")).doesNotExist();
    // git hash-object of the config
    assertThat(blobs())
        .containsExactlyInAnyOrder(
            "ae17b36e4ae15109840cad63099233fe8d2e16c8", LocalHub.sha256(WEIGHTS));
  }

  @Test
  void thePlanSaysBeforehandWhatIsMissing() throws IOException {
    DownloadPlan plan = hub().plan(NAME, BOTH);

    assertThat(plan.commit()).isEqualTo(LocalHub.COMMIT);
    assertThat(plan.totalBytes()).isEqualTo(CONFIG.length() + WEIGHTS.length);
    assertThat(plan.missingBytes()).isEqualTo(plan.totalBytes());
    assertThat(toStorage()).isEmpty();

    hub().download(plan, DownloadListener.NONE);
    DownloadPlan again = hub().plan(NAME, BOTH);
    assertThat(again.missing()).isEmpty();
    assertThat(again.totalBytes()).isEqualTo(plan.totalBytes());
  }

  @Test
  void progressEndsWhereThePlanSaid() throws IOException {
    List<Long> done = new ArrayList<>();
    hub()
        .pull(
            NAME,
            BOTH,
            (file, bytes, total) -> {
              done.add(bytes);
              assertThat(total).isEqualTo(CONFIG.length() + WEIGHTS.length);
            });

    assertThat(done).isSorted().startsWith(0L).endsWith((long) CONFIG.length() + WEIGHTS.length);
  }

  @Test
  void theTokenIsForTheHubAlone() throws IOException {
    pull("HF_TOKEN", "hf_secret");

    assertThat(server.requests())
        .filteredOn(Request::toHub)
        .hasSizeGreaterThan(4)
        .allMatch(request -> request.token().equals(Optional.of("Bearer hf_secret")));
    assertThat(toStorage()).hasSize(1).allMatch(request -> request.token().isEmpty());
  }

  @Test
  void aBrokenConnectionIsTakenUpWhereItBroke() throws IOException {
    server.fault(DownloadTest::isContent, DownloadTest::sendHalf);

    assertThat(pull().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    assertThat(toStorage()).hasSize(2);
    String range = toStorage().get(1).range().orElseThrow();
    assertThat(Integer.parseInt(range.replaceAll("\\D", ""))).isBetween(1, HALF);
    assertThat(blobs()).hasSize(2);
  }

  @Test
  void aServerThatKnowsNoRangesSendsAllAgain() throws IOException {
    server.fault(DownloadTest::isContent, DownloadTest::sendHalf);
    server.fault(DownloadTest::isContent, exchange -> send(exchange, WEIGHTS));

    assertThat(pull().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    assertThat(toStorage()).hasSize(2);
  }

  @Test
  void aRefusedRangeBeginsAgain() throws IOException {
    server.fault(DownloadTest::isContent, DownloadTest::sendHalf);
    server.fault(DownloadTest::isContent, LocalHub.status(416));

    assertThat(pull().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    assertThat(toStorage()).hasSize(3);
    assertThat(toStorage().get(2).range()).isEmpty();
  }

  @Test
  void aServersFaultIsForgiven() throws IOException {
    server.fault(exchange -> true, LocalHub.status(503));
    server.fault(exchange -> exchange.getRequestMethod().equals("HEAD"), LocalHub.status(500));
    server.fault(DownloadTest::isContent, LocalHub.status(403)); // expired

    assertThat(pull().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
  }

  @Test
  void aServerThatNeverRecoversIsGivenUp() throws IOException {
    for (int i = 0; i < 3; i++) {
      server.fault(exchange -> true, LocalHub.status(503));
    }

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(this::pull)
        .withMessageContaining("503")
        .withMessageContaining("/api/models/org/model/revision/main");
  }

  @Test
  void aDownloadThatWasStoppedIsTakenUp() throws IOException {
    DownloadListener stopsHalfWay =
        new DownloadListener() {
          private long done;

          @Override
          public void progressed(String file, long bytes, long total) {
            done = bytes;
          }

          @Override
          public boolean isCancelled() {
            return done > HALF;
          }
        };
    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(() -> hub().pull(NAME, BOTH, stopsHalfWay));
    assertThat(hub().cached(NAME, BOTH)).isEmpty();
    assertThat(repository().resolve("refs/main")).doesNotExist();

    assertThat(pull().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    assertThat(toStorage().get(1).range()).isPresent();
    assertThat(blobs()).hasSize(2);
  }

  @Test
  void aWrongBeginningIsNoticed() throws IOException {
    Path left =
        blob(WEIGHTS).resolveSibling(LocalHub.sha256(WEIGHTS) + ".pix2pixzero-1.incomplete");
    Files.createDirectories(left.getParent());
    Files.write(left, new byte[1000]);

    assertThatExceptionOfType(HubException.class)
        .isThrownBy(this::pull)
        .withMessageContaining("model.safetensors came damaged");
    assertThat(pull().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
  }

  @Test
  void aBeginningThatCannotBeVerifiedIsNotTaken() throws IOException {
    Path blobs = repository().resolve("blobs");
    Files.createDirectories(blobs);
    Files.writeString(
        blobs.resolve("ae17b36e4ae15109840cad63099233fe8d2e16c8.pix2pixzero-1.incomplete"), "{[");

    assertThat(pull().resolve("config.json")).hasContent(CONFIG);
    assertThat(blobs()).hasSize(2);
  }

  @Test
  void thePartialFilesOfPythonsClientAreLeftAlone() throws IOException {
    Path left = blob(WEIGHTS).resolveSibling(LocalHub.sha256(WEIGHTS) + ".01234567.incomplete");
    Files.createDirectories(left.getParent());
    Files.write(left, new byte[1000]);

    pull();

    assertThat(left).hasBinaryContent(new byte[1000]);
  }

  @Test
  void aWrongHashIsRefused() throws IOException {
    byte[] wrong = WEIGHTS.clone();
    wrong[HALF]++;
    server.fault(DownloadTest::isContent, exchange -> send(exchange, wrong));

    assertThatExceptionOfType(HubException.class)
        .isThrownBy(this::pull)
        .withMessageContaining("SHA-256");
    assertThat(blob(WEIGHTS)).doesNotExist();
    assertThat(blobs()).hasSize(1);
    assertThat(pull().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
  }

  @Test
  void aWrongSizeIsRefused() throws IOException {
    for (int size : List.of(HALF, WEIGHTS.length + 1)) {
      server.fault(
          DownloadTest::isContent, exchange -> send(exchange, Arrays.copyOf(WEIGHTS, size)));

      assertThatExceptionOfType(HubException.class)
          .isThrownBy(this::pull)
          .withMessage("model.safetensors should have 1000000 bytes, %d are sent", size);
    }
  }

  @Test
  void moreThanTheSizeIsRefusedWhereNoLengthIsNamed() throws IOException {
    server.fault(
        DownloadTest::isContent,
        exchange -> {
          exchange.sendResponseHeaders(200, 0); // in chunks
          exchange.getResponseBody().write(WEIGHTS);
          exchange.getResponseBody().write(1);
        });

    assertThatExceptionOfType(HubException.class)
        .isThrownBy(this::pull)
        .withMessageContaining("more are sent");
  }

  @Test
  void anotherSizeThanListedIsRefused() throws IOException {
    DownloadPlan plan = hub().plan(NAME, BOTH);
    server.large("model.safetensors", new byte[7]);

    assertThatExceptionOfType(HubException.class)
        .isThrownBy(() -> hub().download(plan, DownloadListener.NONE))
        .withMessageContaining("listed with 1000000 bytes, but has 7");
  }

  @Test
  void aFileThatChangesMeanwhileIsRefused() throws IOException {
    server.fault(DownloadTest::isContent, DownloadTest::sendHalf);
    server.fault(
        exchange -> {
          boolean isResumed =
              exchange.getRequestURI().getPath().contains("/resolve/")
                  && exchange.getRequestHeaders().containsKey("Range");
          if (isResumed) {
            server.large("model.safetensors", new byte[WEIGHTS.length]);
          }
          return false;
        },
        LocalHub.status(500));

    assertThatExceptionOfType(HubException.class)
        .isThrownBy(this::pull)
        .withMessageContaining("model.safetensors has changed on the hub");
  }

  @Test
  void aConnectionThatStandsStillIsBroken() throws IOException {
    server.fault(
        DownloadTest::isContent,
        exchange -> {
          exchange.sendResponseHeaders(200, WEIGHTS.length);
          exchange.getResponseBody().write(WEIGHTS, 0, HALF);
          exchange.getResponseBody().flush();
          sleep(3000);
        });

    assertThat(pull("HF_HUB_DOWNLOAD_TIMEOUT", "1").resolve("model.safetensors"))
        .hasBinaryContent(WEIGHTS);
    assertThat(toStorage()).hasSize(2);
  }

  @Test
  void anAnswerThatDoesNotComeIsNotWaitedFor() {
    for (int i = 0; i < 3; i++) {
      server.fault(exchange -> true, exchange -> sleep(3000));
    }

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> pull("HF_HUB_ETAG_TIMEOUT", "1"))
        .withMessageContaining("cannot reach 127.0.0.1")
        .withMessageContaining("timed out");
  }

  @Test
  void redirectsHaveAnEnd() {
    for (int i = 0; i < 7; i++) {
      server.fault(exchange -> true, LocalHub.status(307, "Location", "/again"));
    }

    assertThatExceptionOfType(HubException.class)
        .isThrownBy(this::pull)
        .withMessageContaining("after 5 redirects");
    assertThat(server.requests()).hasSize(6);
  }

  @Test
  void aModelThatWasRenamedIsFound() throws IOException {
    for (String question : List.of("/revision/main", "/tree/" + LocalHub.COMMIT)) {
      server.fault(
          exchange -> exchange.getRequestURI().getPath().equals("/api/models/old/name" + question),
          LocalHub.status(307, "Location", "/api/models/org/model" + question));
    }

    DownloadPlan plan = hub().plan(ModelName.parse("old/name"), BOTH);

    assertThat(plan.files()).hasSize(2);
    assertThat(server.requests()).hasSize(4);
  }

  @Test
  void aListOfSeveralPagesIsReadToItsEnd() throws IOException {
    server.pagesOf(1);

    assertThat(pull().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    assertThat(server.requests()).filteredOn(r -> r.path().contains("/tree/")).hasSize(3);
  }

  @Test
  void aPullRequestIsARevision() throws IOException {
    String commit = "89".repeat(20);
    server.ref("refs/pr/7", commit);
    ModelName name = ModelName.parse("org/model@refs/pr/7");

    Path snapshot = hub().pull(name, BOTH, DownloadListener.NONE);

    assertThat(snapshot).endsWith(Path.of("snapshots", commit));
    assertThat(repository().resolve("refs/refs/pr/7")).hasContent(commit);
    assertThat(hub().cached(name, BOTH)).contains(snapshot);
  }

  @Test
  void aCommitNeedsNoQuestionOnceItIsThere() throws IOException {
    ModelName name = ModelName.parse("org/model@" + LocalHub.COMMIT);
    Path snapshot = hub().pull(name, BOTH, DownloadListener.NONE);
    int asked = server.requests().size();

    assertThat(hub().pull(name, BOTH, DownloadListener.NONE)).isEqualTo(snapshot);
    assertThat(server.requests()).hasSize(asked);
    assertThat(repository().resolve("refs")).doesNotExist();
  }

  @Test
  void aNewCommitBringsOnlyWhatHasChanged() throws IOException {
    pull();
    String commit = "ab".repeat(20);
    server.ref("main", commit).small("config.json", "{}");

    Path snapshot = pull();

    assertThat(snapshot).endsWith(Path.of(commit));
    assertThat(snapshot.resolve("config.json")).hasContent("{}");
    assertThat(snapshot.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    assertThat(toStorage()).hasSize(1);
    assertThat(repository().resolve("refs/main")).hasContent(commit);
  }

  @Test
  void emptyFilesAreFiles() throws IOException {
    server.small("config.json", "");

    assertThat(pull().resolve("config.json")).isEmptyFile();
  }

  private static boolean isContent(HttpExchange exchange) {
    return exchange.getRequestURI().getPath().equals("/" + LocalHub.sha256(WEIGHTS));
  }

  private static void sendHalf(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, WEIGHTS.length);
    exchange.getResponseBody().write(WEIGHTS, 0, HALF);
    exchange.getResponseBody().flush();
  }

  private static void send(HttpExchange exchange, byte[] body) throws IOException {
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
  }

  private static void sleep(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) { // the server is stopped
      Thread.currentThread().interrupt();
    }
  }
}
