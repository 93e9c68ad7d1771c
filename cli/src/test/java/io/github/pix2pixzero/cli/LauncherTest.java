package io.github.pix2pixzero.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The script that starts the command line, with a JVM that only shows what it is given. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
  @TempDir Path folder;
  private Path root;
  private final Map<String, String> environment = new LinkedHashMap<>();

  private record Run(int code, String out) {}

  @BeforeEach
  void prepare() throws IOException {
    root = sources("clone");
    Files.createDirectories(folder.resolve("jdk/bin"));
    Files.writeString(folder.resolve("jdk/release"), "JAVA_VERSION=\"17.0.15\"\n");
    script("jdk/bin/java", "echo \"charset ${LC_ALL:-unset}\"; printf '%s\\n' \"$@\"");
    script("jdk/bin/javac", "");
    script("bin/mvn", "echo built >> \"$OLDPWD/builds\"; sleep ${BUILD_SECONDS:-0}");
    environment.put("JAVA_HOME", folder.resolve("jdk").toString());
    environment.put("PATH", folder.resolve("bin") + ":" + System.getenv("PATH"));
  }

  @Test
  void builtOnce() throws Exception {
    assertThat(run(root).out()).contains("io.github.pix2pixzero.cli.Main\nedit\n");
    run(root);
    assertThat(folder.resolve("builds")).hasContent("built");
  }

  @Test
  void classesAreArchivedOnceABuild() throws Exception {
    script(
        "jdk/bin/java",
        """
        for argument; do
          case $argument in
            -XX:ArchiveClassesAtExit=*) echo classes > "${argument#*=}"; echo made >> "$0.archives";;
          esac
          echo "$argument"
        done""");
    Path archive = root.resolve("cli/target/launcher/classes-17.0.15.jsa");
    String option = "-XX:SharedArchiveFile=" + archive;

    assertThat(run(root).out()).contains("preparing for ").contains(option + "\n");
    assertThat(run(root).out()).doesNotContain("preparing for ").contains(option + "\n");
    assertThat(archive).hasContent("classes");
    Files.delete(root.resolve("cli/target/launcher/stamp")); // as when a source has changed
    run(root);

    assertThat(folder.resolve("jdk/bin/java.archives")).hasContent("made\nmade");
  }

  @Test
  void whereTheArchiveCannotBeMadeThatIsTriedOnce() throws Exception {
    assertThat(run(root).out()).contains("preparing for ").doesNotContain("SharedArchiveFile");
    assertThat(run(root).out()).doesNotContain("preparing for ", "SharedArchiveFile");
  }

  /** As on macOS. */
  @Test
  void callsAtOnceWaitForOneBuildWithoutFlockToo() throws Exception {
    environment.put("PATH", withoutFlock().toString());
    environment.put("BUILD_SECONDS", "1");
    Path holder = root.resolve("cli/target/launcher/holder");
    Files.createDirectories(holder.getParent());
    Process ended = new ProcessBuilder("true").start();
    ended.waitFor();
    Files.createSymbolicLink(holder, Path.of(Long.toString(ended.pid()))); // killed in a build

    Process first = start(root);
    Process second = start(root);
    for (Process process : new Process[] {first, second}) {
      String out = new String(process.getInputStream().readAllBytes(), UTF_8);
      assertThat(process.waitFor()).as(out).isZero();
    }
    assertThat(folder.resolve("builds")).hasContent("built");
    assertThat(holder).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "unset",
      value = {
        "unset, unset, unset, C.UTF-8",
        "C, unset, unset, C.UTF-8",
        "POSIX, en_US.UTF-8, unset, C.UTF-8",
        "xx_XX.UTF-8, unset, unset, C.UTF-8",
        "unset, C, unset, C.UTF-8",
        "unset, xx_XX.UTF-8, unset, C.UTF-8",
        "unset, C.UTF-8, xx_XX.UTF-8, C.UTF-8", // Java takes none where one is not installed
        "unset, C.UTF-8, unset, unset",
        "C.UTF-8, C, unset, C.UTF-8"
      })
  void textIsUtf8WhereTheLocaleIsAscii(String all, String lang, String time, String expected)
      throws Exception {
    environment.put("LC_ALL", all);
    environment.put("LC_CTYPE", null);
    environment.put("LC_TIME", time);
    environment.put("LANG", lang);
    String charset = expected == null ? "unset" : expected;
    assertThat(run(root).out()).contains("charset " + charset + "\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-XX:+UseG1GC", "-Xmx1g -XX:+UseZGC -Da=b", "-XX:+UseSerialGC"})
  void aCollectorOfTheUsersIsTheOnlyOne(String options) throws Exception {
    environment.put("JAVA_OPTS", options);
    assertThat(run(root).out()).contains(options.split(" ")).doesNotContain("-XX:+UseParallelGC");
    environment.put("JAVA_OPTS", "-XX:-UseGCOverheadLimit");
    assertThat(run(root).out()).contains("-XX:+UseParallelGC");
  }

  /** With the JVM of this test: its warnings must not get into what a program reads. */
  @Test
  void standardOutputBelongsToTheCommand() throws Exception {
    String[] options =
        run(root).out().lines().filter(line -> line.startsWith("-X")).toArray(String[]::new);
    assertThat(options).hasSizeGreaterThan(3);
    ProcessBuilder builder = new ProcessBuilder(System.getProperty("java.home") + "/bin/java");
    builder.command().addAll(Arrays.asList(options));
    builder.command().addAll(Arrays.asList("-Xmx128m", "--version"));
    Process process = builder.redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(out).doesNotContain("warning").contains("Runtime");
  }

  @ParameterizedTest
  @ValueSource(strings = {"co:lon", "wow!"})
  void foldersThatJavaCannotRunFromAreNamed(String name) throws Exception {
    Run run = run(sources(name));
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).startsWith("pix2pix-zero: Java cannot run from").contains(name);
  }

  // ------------------------------------------------------------------ running

  private Path sources(String name) throws IOException {
    Path sources = folder.resolve(name);
    for (String part :
        new String[] {
          "toy-world/model", "toy-world/examples", "toy-world/students", "a/src/main"
        }) {
      Files.createDirectories(sources.resolve(part));
    }
    for (String pom : new String[] {"pom.xml", "a/pom.xml"}) {
      Files.writeString(sources.resolve(pom), "<project/>");
    }
    Files.copy(Path.of("../pix2pix-zero"), sources.resolve("pix2pix-zero"));
    return sources;
  }

  private void script(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\n" + text + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** The tools that the script calls, but for one. */
  private Path withoutFlock() throws IOException {
    for (String tool :
        new String[] {
          "bash",
          "sh",
          "find",
          "dirname",
          "readlink",
          "ln",
          "rm",
          "mv",
          "mkdir",
          "touch",
          "sleep",
          "cat",
          "locale",
          "env"
        }) {
      for (String place : new String[] {"/bin", "/usr/bin"}) {
        Path real = Path.of(place, tool);
        if (Files.exists(real)) {
          script("tools/" + tool, "exec " + real + " \"$@\"");
        }
      }
    }
    return Files.copy(folder.resolve("bin/mvn"), folder.resolve("tools/mvn")).getParent();
  }

  private Process start(Path sources) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder("bash", sources.resolve("pix2pix-zero").toString(), "edit");
    environment.forEach(
        (name, value) -> {
          if (value == null) {
            builder.environment().remove(name);
          } else {
            builder.environment().put(name, value);
          }
        });
    builder.environment().keySet().removeIf(name -> name.matches("J.*_OPTIONS"));
    return builder.directory(folder.toFile()).redirectErrorStream(true).start();
  }

  private Run run(Path sources) throws Exception {
    Process process = start(sources);
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    return new Run(process.waitFor(), out);
  }
}
