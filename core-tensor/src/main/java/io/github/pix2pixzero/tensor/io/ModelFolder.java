package io.github.pix2pixzero.tensor.io;

import com.google.common.collect.ImmutableList;
import com.google.common.io.ByteStreams;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The files of a model in the layout of diffusers: a folder on disk, or one inside a jar. Names are
 * relative, with forward slashes: {@code unet/config.json}.
 */
public abstract class ModelFolder {
  private static final String SAFETENSORS = ".safetensors";
  private static final String PICKLE = ".bin";

  /** What transformers called the weights that are {@code model.safetensors} now. */
  private static final String PICKLED_MODEL = "pytorch_model";

  /** Half-precision copies, in the order in which they stand in for the plain files. */
  private static final ImmutableList<String> VARIANTS = ImmutableList.of("fp16", "bf16");

  private ModelFolder() {}

  /** A folder on disk. */
  public static ModelFolder of(Path folder) {
    return new OnDisk(folder);
  }

  /**
   * A folder on the class path, or the module path.
   *
   * @param anchor a class of the jar that holds the folder, or of one that is loaded with it
   * @param root absolute resource name without the leading slash
   */
  public static ModelFolder ofResources(Class<?> anchor, String root) {
    return new InJar(anchor, root);
  }

  /** A folder within this one. */
  public abstract ModelFolder at(String name);

  public abstract boolean exists(String name);

  /**
   * Refuses a link to something that is not there, as it is left behind by half a download.
   *
   * @throws FileNotFoundException naming link and target
   */
  public abstract void checkLink(String name) throws IOException;

  /**
   * Opens a file for reading from its start.
   *
   * @throws FileNotFoundException naming the file if there is none
   */
  public abstract InputStream open(String name) throws IOException;

  /** Opens a safetensors file, mapped where it lies on disk. */
  public abstract SafetensorsFile safetensors(String name) throws IOException;

  /**
   * Opens a pickle of PyTorch.
   *
   * @throws IOException if it is missing, malformed, no dictionary of tensors, or inside a jar
   */
  abstract TensorSource pickle(String name) throws IOException;

  /** As {@link #weights(String, String)}, with a variant only where the plain files are missing. */
  public final TensorSource weights(String name) throws IOException {
    return weights(name, null);
  }

  /**
   * Opens the weights of a model: {@code NAME.safetensors} or, where that is missing, all the files
   * that {@code NAME.safetensors.index.json} names. Where neither is there, a variant of them, as
   * diffusers names those: {@code NAME.fp16.safetensors}, {@code NAME.safetensors.index.fp16.json}.
   * Where there are no safetensors at all, pickles, of which nothing is run (see {@link
   * TorchStateDict}): {@code NAME.bin} of diffusers or {@code pytorch_model.bin} of transformers,
   * or all the files that {@code NAME.bin.index.json} names.
   *
   * @param preferred the variant to take first, such as {@code fp16}; null for the plain files
   * @throws IOException if none is there, or a file is missing or malformed
   * @throws IllegalArgumentException if the index does not map names to files
   */
  public final TensorSource weights(String name, String preferred) throws IOException {
    List<String> suffixes = new ArrayList<>();
    if (preferred != null) {
      suffixes.add("." + preferred);
    }
    suffixes.add("");
    VARIANTS.forEach(variant -> suffixes.add("." + variant));
    for (String suffix : suffixes) {
      TensorSource found = find(name, suffix, SAFETENSORS, this::safetensors);
      if (found != null) {
        return found;
      }
    }
    for (String suffix : suffixes) {
      for (String pickled : List.of(name, PICKLED_MODEL)) {
        TensorSource found = find(pickled, suffix, PICKLE, this::pickle);
        if (found != null) {
          return found;
        }
      }
    }
    return safetensors(name + SAFETENSORS); // throws, naming the file
  }

  /** In one file or in shards; null if neither is there. */
  private TensorSource find(String name, String suffix, String ending, TensorShards.Opener opener)
      throws IOException {
    if (exists(name + suffix + ending)) {
      return opener.open(name + suffix + ending);
    }
    String index = name + ending + ".index" + suffix + ".json";
    return exists(index) ? TensorShards.open(this, index, opener) : null;
  }

  /** Reads a JSON object. */
  public final JsonConfig json(String name) throws IOException {
    try (InputStream in = open(name)) {
      return JsonConfig.read(in, this + "/" + name);
    }
  }

  private static final class OnDisk extends ModelFolder {
    private final Path folder;

    OnDisk(Path folder) {
      this.folder = folder;
    }

    @Override
    public ModelFolder at(String name) {
      return new OnDisk(folder.resolve(name));
    }

    @Override
    public boolean exists(String name) {
      return Files.exists(folder.resolve(name));
    }

    @Override
    public InputStream open(String name) throws IOException {
      return Files.newInputStream(present(name));
    }

    @Override
    public SafetensorsFile safetensors(String name) throws IOException {
      return SafetensorsFile.open(present(name));
    }

    @Override
    TensorSource pickle(String name) throws IOException {
      return TorchStateDict.open(present(name));
    }

    @Override
    public void checkLink(String name) throws IOException {
      Path file = folder.resolve(name);
      if (Files.isSymbolicLink(file) && Files.notExists(file)) {
        throw new FileNotFoundException(
            "%s is a link to %s, which is not there; is the download complete?"
                .formatted(file, Files.readSymbolicLink(file)));
      }
    }

    private Path present(String name) throws IOException {
      Path file = folder.resolve(name);
      checkLink(name);
      if (!Files.isRegularFile(file)) {
        throw new FileNotFoundException("no such file: " + file);
      }
      return file;
    }

    @Override
    public String toString() {
      return folder.toString();
    }
  }

  private static final class InJar extends ModelFolder {
    private final Class<?> anchor;
    private final String root;

    InJar(Class<?> anchor, String root) {
      this.anchor = anchor;
      this.root = root;
    }

    @Override
    public ModelFolder at(String name) {
      return new InJar(anchor, root + "/" + name);
    }

    @Override
    public boolean exists(String name) {
      return anchor.getResource("/" + path(name)) != null
          || anchor.getClassLoader().getResource(path(name)) != null;
    }

    @Override
    public void checkLink(String name) {}

    @Override
    public InputStream open(String name) throws IOException {
      // In a named module, a class finds what that module holds, its loader what other jars do.
      InputStream in = anchor.getResourceAsStream("/" + path(name));
      if (in == null) {
        in = anchor.getClassLoader().getResourceAsStream(path(name));
      }
      if (in == null) {
        throw new FileNotFoundException("no such file on the class path: " + path(name));
      }
      return in;
    }

    private String path(String name) {
      return root + "/" + name;
    }

    @Override
    public SafetensorsFile safetensors(String name) throws IOException {
      try (InputStream in = open(name)) {
        return SafetensorsFile.of(ByteStreams.toByteArray(in), this + "/" + name);
      }
    }

    @Override
    TensorSource pickle(String name) throws IOException {
      throw new IOException(this + "/" + name + " is a pickle, which is not read from jars");
    }

    @Override
    public String toString() {
      return "classpath:" + root;
    }
  }
}
