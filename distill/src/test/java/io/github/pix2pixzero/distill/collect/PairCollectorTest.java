package io.github.pix2pixzero.distill.collect;

import static io.github.pix2pixzero.distill.collect.TintedPairs.COUNT;
import static io.github.pix2pixzero.distill.collect.TintedPairs.collect;
import static io.github.pix2pixzero.distill.collect.TintedPairs.collector;
import static io.github.pix2pixzero.distill.collect.TintedPairs.contents;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.google.common.collect.Range;
import io.github.pix2pixzero.ProgressListener;
import io.github.pix2pixzero.distill.Pair;
import io.github.pix2pixzero.distill.PairSource;
import io.github.pix2pixzero.tensor.io.IOConsumer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PairCollectorTest {
  @TempDir private Path folder;

  /** Ends at a write: as a process that is killed, or on a disk that is full from there on. */
  private static final class Ending implements LocalFiles.Writer {
    private final int at;
    private final boolean killed;
    private int writes;

    Ending(int at, boolean killed) {
      this.at = at;
      this.killed = killed;
    }

    @Override
    public void write(Path file, IOConsumer<? super OutputStream> content) throws IOException {
      if (writes >= at) {
        if (killed) {
          throw new ThreadDeath();
        }
        throw new IOException("No space left on device");
      }
      writes++;
      TintedPairs.write(file, content);
    }
  }

  private static CollectionFiles quick(Path pairs) {
    return new LocalFiles(pairs, TintedPairs::write);
  }

  private static PairStore store(Path pairs) {
    return new PairStore(CollectionFiles.of(pairs));
  }

  private static void check(Path pairs) throws IOException {
    PairStore store = store(pairs);
    for (String id : store.ids()) {
      assertThat(store.whole(id)).as(id).isPresent();
    }
    if (!store.ids().isEmpty()) {
      PairFolder opened = PairFolder.open(pairs, PairFilter.ALL);
      for (PairSource source : List.of(opened.training(64), opened.heldOut(64))) {
        for (int i = 0; i < source.size(); i++) {
          assertThat(source.pair(i).width()).isEqualTo(64);
        }
      }
    }
  }

  @Test
  void whereverItIsKilledAnotherRunEndsAlike() throws IOException {
    Path whole = folder.resolve("whole");
    assertThat(collect(quick(whole)).made()).isEqualTo(COUNT);
    int writes = 1 + 4 * COUNT; // settings, then three pictures and a record a pair
    for (int at = 0; at <= writes; at++) {
      Path pairs = folder.resolve("killed-" + at);
      LocalFiles killed = new LocalFiles(pairs, new Ending(at, true));
      assertThatExceptionOfType(ThreadDeath.class).isThrownBy(() -> collect(killed));
      check(pairs);
      PairCollector.Summary after = collect(quick(pairs));
      assertThat(after.known()).as("killed at %s", at).isEqualTo(Math.max(0, (at - 1) / 4));
      assertThat(after.pairs()).isEqualTo(COUNT);
      assertThat(contents(pairs)).as("killed at %s", at).isEqualTo(contents(whole));
      TintedPairs.delete(pairs);
    }
  }

  @Test
  void aFullDiskIsSaidAndCostsOnePair() throws IOException {
    LocalFiles full = new LocalFiles(folder, new Ending(7, false));
    assertThatIOException().isThrownBy(() -> collect(full)).withMessageContaining("No space left");
    check(folder);
    assertThat(collect(quick(folder)).known()).isEqualTo(1);
  }

  @Test
  void aProcessThatIsKilledLosesOnePair() throws Exception {
    Random random = new Random(5);
    Path whole = folder.resolve("whole");
    collect(CollectionFiles.of(whole));
    Path pairs = folder.resolve("pairs");
    for (int i = 0; i < 3; i++) {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  TintedPairs.Main.class.getName(),
                  pairs.toString())
              .inheritIO()
              .start();
      while (process.isAlive() && !Files.exists(pairs.resolve(PairStore.COLLECTION))) {
        Thread.sleep(5);
      }
      Thread.sleep(random.nextInt(300));
      process.destroyForcibly().waitFor(); // SIGKILL
      check(pairs);
    }
    collect(CollectionFiles.of(pairs));
    assertThat(contents(pairs)).isEqualTo(contents(whole));
  }

  @Test
  void pairsOfOtherOptionsDoNotMix() throws IOException {
    collect(quick(folder));
    assertThatIOException()
        .isThrownBy(() -> store(folder).claim(TintedPairs.settings(0.6)))
        .withMessageContaining("holds pairs made with method tint-0.5, not tint-0.6")
        .withMessageContaining("choose another folder");
    assertThatIOException()
        .isThrownBy(
            () ->
                store(folder)
                    .claim(new CollectionSettings("another", TintedPairs.settings(0.5).edit())))
        .withMessageContaining("the model sha256 ")
        .withMessageContaining(", not another");
  }

  @Test
  void aDamagedPairIsLeftOutAndMadeAnew() throws IOException {
    collect(quick(folder));
    PairStore store = store(folder);
    String id = store.ids().get(0);
    boolean heldOut = store.whole(id).orElseThrow().heldOut();
    Path picture = folder.resolve(PairStore.file(PairStore.pictures(heldOut, true), id));
    byte[] bytes = Files.readAllBytes(picture);
    Files.write(picture, Arrays.copyOf(bytes, bytes.length / 2));
    assertThat(PairFolder.open(folder, PairFilter.ALL).damaged()).isEqualTo(1);
    assertThat(collect(quick(folder)).made()).isEqualTo(1);
    assertThat(picture).hasBinaryContent(bytes);

    byte[] broken = bytes.clone();
    Arrays.fill(broken, 40, broken.length, (byte) 7);
    Files.write(picture, broken);
    PairFolder opened = PairFolder.open(folder, PairFilter.ALL);
    PairSource source = heldOut ? opened.heldOut(64) : opened.training(64);
    assertThatIOException()
        .isThrownBy(
            () -> {
              for (int i = 0; i < source.size(); i++) {
                Pair unused = source.pair(i);
              }
            })
        .withMessageContaining("pair " + id)
        .withMessageContaining("is damaged");
  }

  @Test
  void aSourceThatFailsIsNotedAndNotFatal() throws IOException {
    List<TintedPairs.Source> sources = new ArrayList<>(TintedPairs.sources());
    sources.add(1, new TintedPairs.Source("broken", false));
    List<String> failures = new ArrayList<>();
    for (int run = 0; run < 2; run++) {
      PairCollector.Summary summary =
          collector(quick(folder))
              .collect(
                  sources.iterator(),
                  COUNT,
                  ProgressListener.NONE,
                  (record, made, soFar) -> {
                    if (record.failed() != null) {
                      failures.add(record.failed());
                    }
                  });
      assertThat(summary.failed()).isEqualTo(1);
      assertThat(summary.pairs()).isEqualTo(COUNT);
    }
    assertThat(failures).containsExactly("broken is damaged", "broken is damaged");
    PairFolder opened = PairFolder.open(folder, PairFilter.ALL);
    assertThat(opened.ids(false).size() + opened.ids(true).size()).isEqualTo(COUNT);
  }

  @Test
  void moreSourcesMoveNoneAcross() throws IOException {
    Map<String, Boolean> heldOut = new HashMap<>();
    for (int run = 0; run < 2; run++) {
      List<TintedPairs.Source> sources = new ArrayList<>();
      for (int i = 0; i < 8 + 16 * run; i++) {
        sources.add(new TintedPairs.Source("more-" + i, true));
      }
      collector(quick(folder))
          .collect(
              sources.iterator(),
              sources.size(),
              ProgressListener.NONE,
              (record, made, soFar) -> {
                Boolean before = heldOut.put(record.source(), record.heldOut());
                assertThat(before == null || before == record.heldOut()).isTrue();
              });
    }
    assertThat(heldOut.values()).contains(true, false);
  }

  @Test
  void scoresChoosePairs() throws IOException {
    collect(quick(folder));
    PairFilter none =
        PairFilter.ALL.with(PairScores.MASK, Range.lessThan(0.0)).with("unknown", Range.all());
    assertThatIOException()
        .isThrownBy(() -> PairFolder.open(folder, none))
        .withMessageContaining("left out were, by score, mask " + COUNT);
    assertThatIOException()
        .isThrownBy(() -> PairFolder.open(folder.resolve("nowhere"), PairFilter.ALL))
        .withMessageContaining("no such folder of pairs");
  }
}
