package io.github.pix2pixzero.distill.collect;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.picture.PictureFiles;
import io.github.pix2pixzero.tensor.io.ForeignJson;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

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

  private final CollectionFiles files;

  PairStore(CollectionFiles files) {
    this.files = files;
  }

  /** Where pictures before or after the edit lie. */
  static String pictures(boolean heldOut, boolean after) {
    return (heldOut ? "test" : "train") + (after ? "_B" : "_A");
  }

  /** The name of a file of a pair. */
  static String file(String kind, String id) {
    return kind + "/" + id + (kind.equals(RECORDS) ? JSON_ENDING : ".png");
  }

  // ------------------------------------------------------------------ settings

  /** The settings of the pairs that are there; empty where nothing has been collected. */
  Optional<CollectionSettings> settings() throws IOException {
    Optional<byte[]> json = files.read(COLLECTION);
    if (json.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          ForeignJson.read(() -> JSON.readValue(json.get(), CollectionSettings.class)));
    } catch (JacksonException e) {
      throw new IOException(
          "%s/%s is damaged: %s".formatted(files, COLLECTION, e.getOriginalMessage()), e);
    }
  }

  /**
   * Makes the folder one of these settings.
   *
   * @throws IOException if it has pairs of others, or cannot be written
   */
  void claim(CollectionSettings settings) throws IOException {
    Optional<CollectionSettings> earlier = settings();
    if (earlier.isEmpty() && !ids().isEmpty()) {
      earlier = settings(); // another process has just begun, if this is no damage
      if (earlier.isEmpty()) {
        throw new IOException("%s has pairs, but no %s".formatted(files, COLLECTION));
      }
    }
    if (earlier.isEmpty()) {
      write(COLLECTION, settings);
    } else if (!earlier.get().equals(settings)) {
      throw new IOException(
          "%s holds pairs made with %s; choose another folder, pairs of different options do not mix"
              .formatted(files, earlier.get().difference(settings).orElse("other settings")));
    }
  }

  private static ImmutableList<String> kinds(boolean heldOut) {
    return ImmutableList.of(pictures(heldOut, false), pictures(heldOut, true), MASK);
  }

  private void write(String name, Object value) throws IOException {
    files.write(name, JSON.writeValueAsBytes(value));
  }

  // ------------------------------------------------------------------ pairs

  /** Writes a pair, its record last. */
  void write(PairRecord record, BufferedImage before, BufferedImage after, BufferedImage mask)
      throws IOException {
    Map<String, Long> bytes = new LinkedHashMap<>();
    List<BufferedImage> pictures = List.of(before, after, mask);
    ImmutableList<String> kinds = kinds(record.heldOut());
    for (int i = 0; i < kinds.size(); i++) {
      ByteArrayOutputStream png = new ByteArrayOutputStream();
      PictureFiles.write(pictures.get(i), "png", ImmutableMap.of(), png);
      files.write(file(kinds.get(i), record.id()), png.toByteArray());
      bytes.put(kinds.get(i), (long) png.size());
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
      Optional<byte[]> json = files.read(file(RECORDS, id));
      if (json.isEmpty()) {
        return Optional.empty();
      }
      PairRecord record = JSON.readValue(json.get(), PairRecord.class);
      for (Map.Entry<String, Long> size : record.bytes().entrySet()) {
        if (files.size(file(size.getKey(), id)).orElse(-1) != size.getValue()) {
          return Optional.empty();
        }
      }
      return Optional.of(record);
    } catch (IOException e) {
      return Optional.empty(); // will be made anew
    }
  }

  /** The identities of all records, sorted. */
  ImmutableList<String> ids() throws IOException {
    return files.list(RECORDS).stream()
        .filter(name -> name.endsWith(JSON_ENDING))
        .map(name -> name.substring(0, name.length() - JSON_ENDING.length()))
        .sorted()
        .collect(ImmutableList.toImmutableList());
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
    write("train_prompts.json", train);
    write("test_prompts.json", test);
  }
}
