package io.github.pix2pixzero.distill.collect;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.picture.PictureFiles;
import io.github.pix2pixzero.tensor.io.AtomicFiles;
import io.github.pix2pixzero.tensor.io.ForeignJson;
import io.github.pix2pixzero.tensor.io.IOConsumer;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A folder of pairs:
 *
 * <pre>
 * collection.json                 settings of all of them
 * train_A/ID.png  train_B/ID.png  before and after, to train on
 * test_A/ID.png   test_B/ID.png   the same, held out
 * mask/ID.png                     where the edit is
 * pairs/ID.json                   the record, written last: without it there is no pair
 * train_prompts.json  test_prompts.json   target captions by file, made of the records
 * </pre>
 *
 * <p>Folders A and B and the prompts are as img2img-turbo's trainer reads them.
 */
final class PairStore {
  static final String COLLECTION = "collection.json";
  static final String MASK = "mask";
  private static final String RECORDS = "pairs";
  private static final String JSON_ENDING = ".json";

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final Path folder;
  private final Writer writer;

  /** Writes a file whole or not at all. */
  @FunctionalInterface
  interface Writer {
    void write(Path file, IOConsumer<? super OutputStream> content) throws IOException;
  }

  PairStore(Path folder) {
    this(folder, AtomicFiles::write);
  }

  PairStore(Path folder, Writer writer) {
    this.folder = folder;
    this.writer = writer;
  }

  /** Where pictures before or after the edit lie. */
  static String pictures(boolean heldOut, boolean after) {
    return (heldOut ? "test" : "train") + (after ? "_B" : "_A");
  }

  Path file(String kind, String id) {
    return folder.resolve(kind).resolve(id + (kind.equals(RECORDS) ? JSON_ENDING : ".png"));
  }

  // ------------------------------------------------------------------ settings

  /** The settings of the pairs that are there; empty where nothing has been collected. */
  Optional<CollectionSettings> settings() throws IOException {
    Path file = folder.resolve(COLLECTION);
    try {
      byte[] json = Files.readAllBytes(file);
      return Optional.of(ForeignJson.read(() -> JSON.readValue(json, CollectionSettings.class)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (JacksonException e) {
      throw new IOException(file + " is damaged: " + e.getOriginalMessage(), e);
    }
  }

  /**
   * Makes the folder one of these settings.
   *
   * @throws IOException if it has pairs of others, or cannot be written
   */
  void claim(CollectionSettings settings) throws IOException {
    Optional<CollectionSettings> earlier = settings();
    if (earlier.isEmpty()) {
      if (Files.isDirectory(folder.resolve(RECORDS))) {
        throw new IOException("%s has pairs, but no %s".formatted(folder, COLLECTION));
      }
      Files.createDirectories(folder);
      write(folder.resolve(COLLECTION), settings);
    } else if (!earlier.get().equals(settings)) {
      throw new IOException(
          "%s holds pairs made with %s; choose another folder, pairs of different options do not mix"
              .formatted(folder, earlier.get().difference(settings).orElse("other settings")));
    }
    for (String kind : kinds(false)) {
      Files.createDirectories(folder.resolve(kind));
    }
    for (String kind : kinds(true)) {
      Files.createDirectories(folder.resolve(kind));
    }
    Files.createDirectories(folder.resolve(RECORDS));
  }

  private static ImmutableList<String> kinds(boolean heldOut) {
    return ImmutableList.of(pictures(heldOut, false), pictures(heldOut, true), MASK);
  }

  private void write(Path file, Object value) throws IOException {
    byte[] json = JSON.writeValueAsBytes(value);
    writer.write(file, out -> out.write(json));
  }

  // ------------------------------------------------------------------ pairs

  /** Writes a pair, its record last. */
  void write(PairRecord record, BufferedImage before, BufferedImage after, BufferedImage mask)
      throws IOException {
    Map<String, Long> bytes = new LinkedHashMap<>();
    List<BufferedImage> pictures = List.of(before, after, mask);
    ImmutableList<String> kinds = kinds(record.heldOut());
    for (int i = 0; i < kinds.size(); i++) {
      Path file = file(kinds.get(i), record.id());
      BufferedImage picture = pictures.get(i);
      writer.write(file, out -> PictureFiles.write(picture, "png", ImmutableMap.of(), out));
      bytes.put(kinds.get(i), Files.size(file));
    }
    write(record.withBytes(bytes));
  }

  /** Writes a record alone: of a pair whose files are there, or of one that came to nothing. */
  void write(PairRecord record) throws IOException {
    write(file(RECORDS, record.id()), record);
  }

  /**
   * The record of a pair that is whole, or that came to nothing.
   *
   * @return empty if there is none, or a file is missing or has another size
   */
  Optional<PairRecord> whole(String id) {
    try {
      PairRecord record = read(file(RECORDS, id));
      for (Map.Entry<String, Long> size : record.bytes().entrySet()) {
        if (Files.size(file(size.getKey(), id)) != size.getValue()) {
          return Optional.empty();
        }
      }
      return Optional.of(record);
    } catch (IOException e) {
      return Optional.empty(); // will be made anew
    }
  }

  private static PairRecord read(Path file) throws IOException {
    return JSON.readValue(Files.readAllBytes(file), PairRecord.class);
  }

  /** The identities of all records, sorted. */
  ImmutableList<String> ids() throws IOException {
    Path records = folder.resolve(RECORDS);
    if (!Files.isDirectory(records)) {
      return ImmutableList.of();
    }
    try (Stream<Path> files = Files.list(records)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(JSON_ENDING) && !name.startsWith("."))
          .map(name -> name.substring(0, name.length() - JSON_ENDING.length()))
          .sorted()
          .collect(ImmutableList.toImmutableList());
    }
  }

  /** Writes what the pictures should show, for other trainers, of all pairs that are whole. */
  void writePrompts() throws IOException {
    Map<String, String> train = new TreeMap<>();
    Map<String, String> test = new TreeMap<>();
    for (String id : ids()) {
      Optional<PairRecord> record = whole(id).filter(whole -> !whole.hasFailed());
      if (record.isPresent()) {
        String target = record.get().targetCaption();
        (record.get().heldOut() ? test : train).put(id + ".png", target == null ? "" : target);
      }
    }
    write(folder.resolve("train_prompts.json"), train);
    write(folder.resolve("test_prompts.json"), test);
  }
}
