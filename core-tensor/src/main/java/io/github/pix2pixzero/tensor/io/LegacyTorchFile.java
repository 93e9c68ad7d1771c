package io.github.pix2pixzero.tensor.io;

import io.github.pix2pixzero.tensor.io.StateDictPickle.Dict;
import io.github.pix2pixzero.tensor.io.StateDictPickle.Items;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * What {@code torch.save} wrote before PyTorch 1.6, and still does where it is asked to: pickles of
 * a magic number, a version, the machine, the object itself and the names of its storages, and then
 * for each of these the number of its elements and their bytes.
 */
final class LegacyTorchFile implements Closeable {
  /** The first pickle, which holds nothing but the magic number. */
  private static final int MAGIC_BYTES = 15;

  private static final int VERSION = 1001;
  private static final int COUNT_BYTES = Long.BYTES;

  private final String name;
  private final ByteSource source;
  private final Object content;
  private final Map<String, Long> positions = new HashMap<>();

  /**
   * Reads all but the tensors' elements.
   *
   * @param source closed when this is closed, and when it throws
   * @param maxPickleBytes how far into the file the pickles may reach
   * @throws IOException naming the file if it is malformed
   */
  LegacyTorchFile(String name, ByteSource source, int maxPickleBytes) throws IOException {
    this.name = name;
    this.source = source;
    try {
      byte[] start = new byte[(int) Math.min(source.size(), maxPickleBytes)];
      source.slice(0, start.length).get(start);
      if (start.length < MAGIC_BYTES) {
        throw failure("truncated after %s bytes".formatted(start.length));
      }
      ByteBuffer pickles = ByteBuffer.wrap(start).position(MAGIC_BYTES);
      if (!Long.valueOf(VERSION).equals(new StateDictPickle(name, pickles).run())) {
        throw failure("not version %s of PyTorch's file format".formatted(VERSION));
      }
      checkMachine(new StateDictPickle(name, pickles).run());
      StateDictPickle machine = new StateDictPickle(name, pickles);
      content = machine.run();
      find(machine.storages(), new StateDictPickle(name, pickles).run(), pickles.position());
    } catch (IOException | RuntimeException e) {
      source.close();
      throw e;
    }
  }

  private void checkMachine(Object machine) throws IOException {
    if (machine instanceof Dict system
        && Boolean.FALSE.equals(system.entries().get("little_endian"))) {
      throw failure("its byte order is 'big', only 'little' is supported");
    }
  }

  /** Finds where each storage lies. */
  private void find(Map<String, TensorPickle.Storage> storages, Object keys, long from)
      throws IOException {
    if (!(keys instanceof Items named)) {
      throw failure("does not say which storages follow");
    }
    long position = from;
    for (Object key : named.values()) {
      TensorPickle.Storage storage = key instanceof String text ? storages.get(text) : null;
      if (storage == null) {
        throw failure("has a storage that no tensor lies in");
      }
      long left = source.size() - position - COUNT_BYTES;
      long count = left < 0 ? -1 : source.slice(position, COUNT_BYTES).getLong();
      int size = storage.type().byteSize();
      if (count != storage.count() || count < 0 || count > left / size) {
        throw failure(
            "truncated, or damaged: the %s elements of %s of storage '%s' are not there"
                .formatted(storage.count(), storage.type(), storage.key()));
      }
      positions.put(storage.key(), position + COUNT_BYTES);
      position += COUNT_BYTES + count * size;
    }
  }

  /** The object that was saved. */
  Object content() {
    return content;
  }

  /** As {@link TorchArchive#storage}. */
  ByteBuffer storage(TensorPickle.View view, long from, long count) throws IOException {
    Long position = positions.get(view.key());
    if (position == null) {
      throw failure("has no storage '" + view.key() + "'");
    }
    int size = view.type().byteSize();
    if (count * size > Integer.MAX_VALUE) {
      throw failure("a tensor is larger than 2 GiB and cannot be read at once");
    }
    return source.slice(position + from * size, (int) (count * size));
  }

  @Override
  public void close() throws IOException {
    source.close();
  }

  private IOException failure(String reason) {
    return new IOException(name + ": " + reason);
  }
}
