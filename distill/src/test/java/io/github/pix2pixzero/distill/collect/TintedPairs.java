package io.github.pix2pixzero.distill.collect;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.GenerateOptions;
import io.github.pix2pixzero.Generation;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.ProgressListener;
import io.github.pix2pixzero.guidance.EditMethod;
import io.github.pix2pixzero.guidance.EditTask;
import io.github.pix2pixzero.guidance.LatentPair;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.IOConsumer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Pairs of the bundled model that take next to no time: the edit is a sum. */
final class TintedPairs {
  static final int COUNT = 5;

  static final Pix2PixZero MODEL = load();
  private static final Generation DRAWN =
      MODEL.generate(
          "a photo of a cat", GenerateOptions.builder().steps(1).build(), ProgressListener.NONE);

  private TintedPairs() {}

  private static Pix2PixZero load() {
    try {
      return Pix2PixZero.loadBundled(Backends.best(2));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Adds the same to all of a latent. */
  record Tint(double amount) implements EditMethod {
    @Override
    public String name() {
      return "tint-" + amount;
    }

    @Override
    public LatentPair edit(EditTask task) {
      Tensor latent = task.trajectory().after(0);
      return new LatentPair(latent, latent.add((float) amount));
    }
  }

  static CollectionSettings settings(double amount) {
    return CollectionSettings.of(MODEL.model(), options(amount));
  }

  /** A source that is there at once, or cannot be read. */
  record Source(String name, boolean readable) implements SourcePicture {
    @Override
    public byte[] identity() {
      return name.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Optional<String> caption() {
      return Optional.of("a photo of a cat");
    }

    @Override
    public Start start(Pix2PixZero model, EditOptions options, ProgressListener progress)
        throws IOException {
      if (!readable) {
        throw new IOException(name + " is damaged");
      }
      return new Start(DRAWN.image(), DRAWN.inversion());
    }
  }

  static EditOptions options(double amount) {
    return EditOptions.builder()
        .targetCaption("a photo of a dog")
        .method(new Tint(amount))
        .steps(1)
        .build();
  }

  static PairCollector collector(CollectionFiles files) {
    return new PairCollector(MODEL, options(0.5), List.of(), files);
  }

  static List<Source> sources() {
    return IntStream.range(0, COUNT).mapToObj(i -> new Source("source-" + i, true)).toList();
  }

  static PairCollector.Summary collect(CollectionFiles files) throws IOException {
    return collector(files)
        .collect(sources().iterator(), COUNT, ProgressListener.NONE, (r, made, summary) -> {});
  }

  /** Writes files whole or not at all, without waiting for the disk. */
  static void write(Path file, IOConsumer<? super OutputStream> content) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    try (OutputStream out = Files.newOutputStream(temporary)) {
      content.accept(out);
    }
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** What lies in a folder by name, but for how long pairs took. */
  static Map<String, String> contents(Path folder) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = folder.relativize(file).toString();
        if (!file.getFileName().toString().startsWith(".")) {
          String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
          contents.put(name, text.replaceAll("\"seconds\" : [0-9.E-]+", ""));
        }
      }
    }
    return contents;
  }

  static void delete(Path folder) throws IOException {
    MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
  }

  /** Collects into a folder until it is done, or killed. */
  static final class Main {
    private Main() {}

    public static void main(String[] arguments) throws IOException {
      collect(CollectionFiles.of(Path.of(arguments[0])));
    }
  }
}
