package io.github.pix2pixzero.cli;

import com.google.common.collect.ImmutableSet;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.server.EditServer;
import io.github.pix2pixzero.server.ServerOptions;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pix2pix-zero serve}: a page to edit on, and the interfaces that clients speak. */
@Command(
    name = "serve",
    description = "Serves a page to edit pictures on, and the interfaces that clients speak.",
    exitCodeList = {
      "0:stopped",
      "1:something went wrong; one line on standard error says what",
      "2:the arguments make no sense",
      "130:stopped by Ctrl-C; edits at work or waiting were cancelled"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pix2pix-zero serve",
      "  pix2pix-zero serve --model stable-diffusion-v1-5 --host 0.0.0.0 \\",
      "      --token-file token.txt"
    })
final class ServeCommand extends ModelCommand {
  @Option(
      names = "--host",
      order = 1,
      paramLabel = "ADDRESS",
      description =
          "Interface to listen at. Default: 127.0.0.1, this machine alone; others, such as 0.0.0.0,"
              + " need --token-file.")
  private String host = "127.0.0.1";

  @Option(
      names = "--port",
      order = 2,
      paramLabel = "N",
      description = "Default: 7860; 0 for any that is free.")
  private int port = 7860;

  @Option(
      names = "--token-file",
      order = 3,
      paramLabel = "FILE",
      description = "A file with the token that clients have to send, 16 characters or more.")
  private Path tokenFile;

  @Option(
      names = "--host-name",
      order = 4,
      paramLabel = "NAME",
      description = "A name under which clients know this machine; may be given several times.")
  private List<String> hostNames = new ArrayList<>();

  @Option(
      names = "--allow-origin",
      order = 5,
      paramLabel = "ORIGIN",
      description =
          "An origin such as https://example.org whose pages may use the server; may be given"
              + " several times. Default: none.")
  private List<String> origins = new ArrayList<>();

  @Option(
      names = "--parallel",
      order = 6,
      paramLabel = "N",
      description = "Edits at once. Default: 1; more take more memory, and each more time.")
  private int parallel = 1;

  @Option(names = "--metrics", order = 7, description = "Answer /metrics, for Prometheus.")
  private boolean metrics;

  @Mixin private CaptionOptions captions;

  @Mixin private EndpointOptions endpoints;

  ServeCommand(CommandProgress progress) {
    super(progress);
  }

  @Override
  void checkUsage() {
    captions.checkUsage();
    endpoints.checkUsage(captions.isEndpoint());
    options(() -> serverOptions().build());
  }

  @Override
  FilesInUse files(FilesInUse files) {
    return files.reads("--token-file", tokenFile);
  }

  private ServerOptions.Builder serverOptions() {
    return ServerOptions.builder()
        .host(host)
        .port(port)
        .hostNames(ImmutableSet.copyOf(hostNames))
        .allowedOrigins(ImmutableSet.copyOf(origins))
        .parallel(parallel)
        .metrics(metrics);
  }

  @Override
  int run(Backend backend) throws IOException {
    ServerOptions.Builder options = serverOptions().modelName(modelName());
    if (tokenFile != null) {
      options.token(Files.readString(tokenFile).strip());
    }
    captions
        .open(endpoints, backend, progress)
        .ifPresent(looker -> options.captioner(looker.captioner()));
    ServerOptions checked = options.build();
    Pix2PixZero model = load(backend);
    progress.close();
    EditServer server = EditServer.start(model, checked);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server), "stop"));
    say("serving %s at %s, backend %s".formatted(modelName(), server.address(), backend));
    try {
      server.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stop(server);
    }
    return 0;
  }

  /** Says what became of the edits, since whoever has asked for them may be waiting. */
  private void stop(EditServer server) {
    try {
      int cancelled = server.stop();
      spec.commandLine()
          .getErr()
          .println(
              "pix2pix-zero: stopped, %s cancelled"
                  .formatted(cancelled == 1 ? "1 edit" : cancelled + " edits"));
    } catch (IOException e) {
      spec.commandLine().getErr().println("pix2pix-zero: " + Failures.message(e));
    }
  }
}
