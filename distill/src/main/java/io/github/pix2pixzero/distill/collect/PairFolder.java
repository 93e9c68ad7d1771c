package io.github.pix2pixzero.distill.collect;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import io.github.pix2pixzero.distill.Pair;
import io.github.pix2pixzero.distill.PairSource;
import io.github.pix2pixzero.picture.PictureFiles;
import io.github.pix2pixzero.picture.PillowResize;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Pairs on disk: what {@link PairCollector} has made, or two folders {@code train_A} and {@code
 * train_B} (and {@code test_A}, {@code test_B}) of pictures of the same names from elsewhere. Of
 * those, {@code mask} holds where the edit is; without one it is where they differ.
 */
public final class PairFolder {
  /** Of pairs from elsewhere: how much differs, summed over the colours of 0 to 1. */
  private static final double DIFFERENT = 12 / 255.0;

  /** How much larger than a student's pictures those of a pair are kept, for random cuts. */
  private static final double MARGIN = 1.125;

  private final Path folder;
  private final Optional<CollectionSettings> settings;
  private final ImmutableList<Entry> entries;
  private final int damaged;
  private final ImmutableMap<String, Integer> objections;

  /**
   * A pair that is not decoded.
   *
   * @param id without an extension
   * @param heldOut whether it is kept from training
   */
  record Entry(String id, boolean heldOut) {}

  private PairFolder(
      Path folder,
      Optional<CollectionSettings> settings,
      List<Entry> entries,
      int damaged,
      Map<String, Integer> objections) {
    this.folder = folder;
    this.settings = settings;
    this.entries = ImmutableList.copyOf(entries);
    this.damaged = damaged;
    this.objections = ImmutableMap.copyOf(objections);
  }

  /**
   * Looks a folder through.
   *
   * @param filter which pairs to take; those from elsewhere have no scores and are taken all
   * @throws IOException if there are no pairs
   */
  public static PairFolder open(Path folder, PairFilter filter) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new IOException("no such folder of pairs: " + folder);
    }
    PairStore store = new PairStore(CollectionFiles.of(folder));
    Optional<CollectionSettings> settings = store.settings();
    List<Entry> entries = new ArrayList<>();
    Map<String, Integer> objections = new TreeMap<>();
    int damaged = 0;
    if (settings.isPresent()) {
      for (String id : store.ids()) {
        Optional<PairRecord> record = store.whole(id);
        Optional<String> objection = record.flatMap(r -> filter.objection(r.scores()));
        if (record.isEmpty()) {
          damaged++;
        } else if (objection.isPresent()) {
          objections.merge(objection.get(), 1, Integer::sum);
        } else if (!record.get().hasFailed()) {
          entries.add(new Entry(id, record.get().heldOut()));
        }
      }
    } else {
      for (boolean heldOut : new boolean[] {false, true}) {
        names(folder.resolve(PairStore.pictures(heldOut, false)))
            .forEach(id -> entries.add(new Entry(id, heldOut)));
      }
    }
    if (entries.isEmpty()) {
      throw new IOException(
          folder
              + " has no pairs to train on"
              + (objections.isEmpty()
                  ? ""
                  : "; left out were, by score, "
                      + Joiner.on(", ").withKeyValueSeparator(" ").join(objections)));
    }
    return new PairFolder(folder, settings, entries, damaged, objections);
  }

  private static List<String> names(Path pictures) throws IOException {
    if (!Files.isDirectory(pictures)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(pictures)) {
      return files
          .filter(file -> MoreFiles.getFileExtension(file).equals("png"))
          .map(MoreFiles::getNameWithoutExtension)
          .sorted()
          .toList();
    }
  }

  /** What the pairs have in common; empty for those from elsewhere. */
  public Optional<CollectionSettings> settings() {
    return settings;
  }

  /** Pairs that have a record, but not their pictures; collecting again makes them anew. */
  public int damaged() {
    return damaged;
  }

  /** How many pairs each score has kept out. */
  public ImmutableMap<String, Integer> objections() {
    return objections;
  }

  /** Where a picture of a pair lies. */
  Path picture(Entry entry, boolean after) {
    return folder.resolve(PairStore.file(PairStore.pictures(entry.heldOut(), after), entry.id()));
  }

  private Path mask(Entry entry) {
    return folder.resolve(PairStore.file(PairStore.MASK, entry.id()));
  }

  /** The names of pairs that are kept from training, which {@link #source} and others take. */
  public ImmutableList<String> ids(boolean heldOut) {
    return entries.stream()
        .filter(entry -> entry.heldOut() == heldOut)
        .map(Entry::id)
        .collect(ImmutableList.toImmutableList());
  }

  /** Where the picture of a pair before the edit lies. */
  public Path source(String id) {
    return picture(entry(id), false);
  }

  /** Where the picture of a pair after the edit lies. */
  public Path target(String id) {
    return picture(entry(id), true);
  }

  /** Where the mask of a pair lies, if it has one. */
  public Optional<Path> mask(String id) {
    return Optional.of(mask(entry(id))).filter(Files::exists);
  }

  private Entry entry(String id) {
    return entries.stream()
        .filter(entry -> entry.id().equals(id))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(folder + " has no pair " + id));
  }

  /** The shorter side of the first pair's pictures, in pixels. */
  public int side() throws IOException {
    BufferedImage first = PictureFiles.read(picture(entries.get(0), false));
    return Math.min(first.getWidth(), first.getHeight());
  }

  /**
   * Pairs to train on.
   *
   * @param size of a student's pictures. Pairs that are much larger come a little larger, for
   *     random cuts, smaller ones at this size
   */
  public PairSource training(int size) {
    return source(false, size, (int) Math.round(size * MARGIN));
  }

  /**
   * Pairs that are kept from training; there may be none.
   *
   * @param size of a student's pictures, which are the middle of these
   */
  public PairSource heldOut(int size) {
    return source(true, size, size);
  }

  private PairSource source(boolean heldOut, int least, int most) {
    List<Entry> all = entries.stream().filter(entry -> entry.heldOut() == heldOut).toList();
    return new PairSource() {
      @Override
      public int size() {
        return all.size();
      }

      @Override
      public Pair pair(int index) throws IOException {
        return decode(all.get(index), least, most, heldOut);
      }

      @Override
      public String fingerprint() {
        String ids = String.join(" ", all.stream().map(Entry::id).toList());
        return Hashing.sha256().hashString(ids, StandardCharsets.UTF_8).toString();
      }
    };
  }

  private Pair decode(Entry entry, int least, int most, boolean middle) throws IOException {
    Path file = mask(entry);
    boolean masked = settings.isPresent() || Files.exists(file);
    try {
      BufferedImage source = PictureFiles.read(picture(entry, false));
      BufferedImage target = PictureFiles.read(picture(entry, true));
      BufferedImage before = fitted(source, least, most, middle);
      BufferedImage after = fitted(target, least, most, middle);
      checkArgument(
          before.getWidth() == after.getWidth() && before.getHeight() == after.getHeight(),
          "its pictures are %s × %s and %s × %s pixels large",
          source.getWidth(),
          source.getHeight(),
          target.getWidth(),
          target.getHeight());
      if (masked) {
        BufferedImage mask = fitted(PictureFiles.read(file), least, most, middle);
        return Pair.of(entry.id(), before, after, mask);
      }
      Pair pair = Pair.of(entry.id(), before, after, before);
      return Pair.differing(
          entry.id(), pair.height(), pair.width(), pair.source(), pair.target(), DIFFERENT);
    } catch (IOException | IllegalArgumentException e) {
      throw new IOException(
          "pair %s of %s is damaged: %s".formatted(entry.id(), folder, e.getMessage()), e);
    }
  }

  /** Scaled so that the shorter side lies within bounds; of held-out pairs the middle. */
  private static BufferedImage fitted(BufferedImage picture, int least, int most, boolean middle) {
    int shorter = Math.min(picture.getWidth(), picture.getHeight());
    int wanted = Math.max(least, Math.min(most, shorter));
    BufferedImage scaled = picture;
    if (wanted != shorter) {
      scaled =
          PillowResize.BICUBIC.resize(
              picture,
              Math.round(picture.getWidth() * wanted / (float) shorter),
              Math.round(picture.getHeight() * wanted / (float) shorter));
    }
    return middle
        ? scaled.getSubimage(
            (scaled.getWidth() - least) / 2, (scaled.getHeight() - least) / 2, least, least)
        : scaled;
  }
}
