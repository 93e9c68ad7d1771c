package io.github.pix2pixzero.distill;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.pix2pixzero.tensor.io.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a training came to so far, a JSON object a line. For one thread. */
final class TrainingLog {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path file;
  private final List<Entry> entries = new ArrayList<>();

  /**
   * The means of some steps.
   *
   * @param step the last of them
   * @param seconds of training up to there
   * @param l1 as {@link TrainingProgress} has it, like those that follow
   * @param heldOut null where nothing is held out
   */
  record Entry(
      long step,
      double seconds,
      double loss,
      double l1,
      double mask,
      double features,
      double gan,
      double discriminator,
      HeldOutScores heldOut) {}

  TrainingLog(Path file) {
    this.file = file;
  }

  List<Entry> entries() {
    return entries;
  }

  /** Reads what was written, up to the step from which the training goes on. */
  void read(long until) throws IOException {
    if (Files.notExists(file)) {
      return;
    }
    for (String line : Files.readAllLines(file)) {
      try {
        Entry entry = JSON.readValue(line, Entry.class);
        if (entry.step() <= until) {
          entries.add(entry);
        }
      } catch (JacksonException e) {
        throw new IOException(file + " is damaged: " + e.getOriginalMessage(), e);
      }
    }
  }

  /** Adds an entry and writes all. */
  void add(Entry entry) throws IOException {
    entries.add(entry);
    StringBuilder lines = new StringBuilder();
    for (Entry each : entries) {
      lines.append(JSON.writeValueAsString(each)).append('\n');
    }
    byte[] bytes = lines.toString().getBytes(StandardCharsets.UTF_8);
    AtomicFiles.write(file, out -> out.write(bytes));
  }

  /** Seconds of training so far. */
  double seconds() {
    return entries.isEmpty() ? 0 : entries.get(entries.size() - 1).seconds();
  }
}
