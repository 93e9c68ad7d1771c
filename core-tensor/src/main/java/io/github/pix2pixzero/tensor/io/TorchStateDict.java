package io.github.pix2pixzero.tensor.io;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.github.pix2pixzero.tensor.io.StateDictPickle.Dict;
import io.github.pix2pixzero.tensor.io.TensorPickle.View;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;

/**
 * The tensors of a file written by {@code torch.save(model.state_dict(), path)}, or of a checkpoint
 * of a training run that holds such a dictionary: {@code .ckpt}, {@code .pth}, {@code .pt}, {@code
 * .bin}, from before PyTorch 1.6 or since. Elements are read when they are asked for.
 *
 * <p>A pickle is a program. {@link StateDictPickle} runs the instructions that dictionaries and
 * tensors need, creates no object that the file names, and refuses what it does not know, so files
 * need not be trusted.
 */
public final class TorchStateDict implements TensorSource {
  private static final int MAX_PICKLE_BYTES = 1 << 24;

  /** Under which names checkpoints hold a model's tensors, and textual inversions their words. */
  private static final ImmutableList<String> HOLDERS =
      ImmutableList.of("state_dict", "string_to_param");

  private final String displayName;
  private final Closeable file;
  private final Strided.Storage storages;
  private final ImmutableMap<String, View> views;
  private final ImmutableMap<String, Long> numbers;

  private TorchStateDict(
      Path path, Closeable file, Strided.Storage storages, Object content, String key)
      throws IOException {
    displayName = path.toString();
    this.file = file;
    this.storages = storages;
    views = tensors(path, content, key);
    numbers = numbers(content);
  }

  /**
   * Opens a file. Of dictionaries within dictionaries, {@code state_dict} or {@code
   * string_to_param} is taken; else the outermost one if it holds tensors; else the only one in it
   * that does.
   *
   * @throws IOException naming the file if it is missing or malformed, holds no tensors, or names
   *     what weights do not need
   */
  public static TorchStateDict open(Path path) throws IOException {
    return open(path, null);
  }

  /**
   * As {@link #open(Path)}, with the tensors of the dictionary that the outermost one holds under
   * {@code key}.
   */
  public static TorchStateDict open(Path path, String key) throws IOException {
    return TorchTensor.isLegacy(path) ? openLegacy(path, key) : openArchive(path, key);
  }

  private static TorchStateDict openArchive(Path path, String key) throws IOException {
    TorchArchive archive = TorchArchive.open(path);
    try {
      ByteBuffer pickle = ByteBuffer.wrap(archive.pickle(MAX_PICKLE_BYTES));
      Object content = new StateDictPickle(archive.pickleName(), pickle).run();
      return new TorchStateDict(path, archive, archive::storage, content, key);
    } catch (IOException | RuntimeException e) {
      archive.close();
      throw e;
    }
  }

  private static TorchStateDict openLegacy(Path path, String key) throws IOException {
    LegacyTorchFile file =
        new LegacyTorchFile(path.toString(), new MappedSource(path), MAX_PICKLE_BYTES);
    try {
      return new TorchStateDict(path, file, file::storage, file.content(), key);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static ImmutableMap<String, View> tensors(Path path, Object content, String key)
      throws IOException {
    if (!(content instanceof Dict whole)) {
      throw new IOException(path + ": holds no dictionary of tensors");
    }
    Map<String, Object> entries = whole.entries();
    if (key != null) {
      return named(path, entries, key);
    }
    for (String holder : HOLDERS) {
      if (entries.get(holder) instanceof Dict) {
        return named(path, entries, holder);
      }
    }
    ImmutableMap<String, View> own = tensors(whole);
    if (!own.isEmpty()) {
      return own;
    }
    TreeSet<String> holders = new TreeSet<>();
    entries.forEach(
        (name, value) -> {
          if (value instanceof Dict dict && !tensors(dict).isEmpty()) {
            holders.add(name);
          }
        });
    if (holders.size() != 1) {
      throw new IOException(
          "%s: %s"
              .formatted(
                  path,
                  holders.isEmpty()
                      ? "holds no tensors under names"
                      : "holds tensors in each of " + holders + "; one was expected"));
    }
    return named(path, entries, holders.first());
  }

  private static ImmutableMap<String, View> named(
      Path path, Map<String, Object> entries, String key) throws IOException {
    if (entries.get(key) instanceof Dict dict && !tensors(dict).isEmpty()) {
      return tensors(dict);
    }
    throw new IOException("%s: holds no tensors under '%s'".formatted(path, key));
  }

  /** Of the outermost dictionary and, where there is one, of the model's. */
  private static ImmutableMap<String, Long> numbers(Object content) {
    Map<String, Long> numbers = new LinkedHashMap<>();
    if (content instanceof Dict whole) {
      addNumbers(whole, numbers);
      for (String holder : HOLDERS) {
        if (whole.entries().get(holder) instanceof Dict held) {
          addNumbers(held, numbers);
        }
      }
    }
    return ImmutableMap.copyOf(numbers);
  }

  private static void addNumbers(Dict dict, Map<String, Long> numbers) {
    dict.entries()
        .forEach(
            (name, value) -> {
              if (value instanceof Long number) {
                numbers.put(name, number);
              }
            });
  }

  private static ImmutableMap<String, View> tensors(Dict dict) {
    ImmutableMap.Builder<String, View> views = ImmutableMap.builder();
    dict.entries()
        .forEach(
            (name, value) -> {
              if (value instanceof View view) {
                views.put(name, view);
              }
            });
    return views.buildOrThrow();
  }

  /** Whole numbers that stand beside the tensors, such as {@code global_step} of a training run. */
  public ImmutableMap<String, Long> numbers() {
    return numbers;
  }

  @Override
  public String displayName() {
    return displayName;
  }

  @Override
  public ImmutableSet<String> names() {
    return views.keySet();
  }

  @Override
  public StoredTensor tensor(String name) throws SafetensorsException {
    View view = views.get(name);
    if (view == null) {
      throw new SafetensorsException(displayName, "there is no tensor '" + name + "'");
    }
    return StoredTensor.of(
        "%s: tensor '%s' %s%s"
            .formatted(displayName, name, view.type(), Arrays.toString(view.shape())),
        view.type(),
        view.shape(),
        () -> Strided.read(view, storages));
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
