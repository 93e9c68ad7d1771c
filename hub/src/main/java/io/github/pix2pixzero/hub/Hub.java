package io.github.pix2pixzero.hub;

import io.github.pix2pixzero.hub.DownloadPlan.PlannedFile;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hub: from the name of a model to a folder with its files.
 *
 * <pre>{@code
 * Hub hub = Hub.fromEnvironment();
 * ModelName name = ModelName.parse("stable-diffusion-v1-5/stable-diffusion-v1-5");
 * Path folder = hub.obtain(name, ModelFiles.diffusers(Optional.of("fp16")), DownloadListener.NONE);
 * }</pre>
 *
 * <p>Any number of threads and processes may download into one cache. A snapshot is found by {@link
 * #cached} only once all files that are asked for are there.
 */
public final class Hub {
  private static final Logger LOG = LoggerFactory.getLogger(Hub.class);
  private static final String NO_PATH = "no such folder or file: ";
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final HubSettings settings;
  private final HubCache cache;
  private final Disk disk;
  private final Patience patience;
  private final HubHttp http;

  /** The hub and the cache that settings name. */
  public Hub(HubSettings settings) {
    this(settings, Disk.SYSTEM, PAUSE);
  }

  /**
   * @param pause between two attempts to ask the same
   */
  Hub(HubSettings settings, Disk disk, Duration pause) {
    this.settings = settings;
    this.disk = settings.links() ? disk : Disk.withoutLinks(disk);
    patience = new Patience(pause);
    cache = new HubCache(settings.cache());
    http = new HubHttp(settings);
  }

  /**
   * The hub as the Python client's environment variables name it; see {@link HubSettings}.
   *
   * @throws IOException as {@link HubSettings#fromEnvironment()}
   * @throws IllegalArgumentException as {@link HubSettings#fromEnvironment()}
   */
  public static Hub fromEnvironment() throws IOException {
    return new Hub(HubSettings.fromEnvironment());
  }

  /**
   * What a user means by a path or a name: the file or folder of that path where there is one, of a
   * cached repository its {@linkplain HubCache#snapshotIn snapshot}; else the folder of the model
   * of that name, which {@link #obtain} gives.
   *
   * @throws FileNotFoundException if there is no such path and no such name is possible
   * @throws IOException as {@link #obtain} and {@link #fromEnvironment}; a model that the hub does
   *     not have is said to be no path either
   */
  public static Path locate(String pathOrName, FileSelection selection, DownloadListener listener)
      throws IOException {
    Path path = Path.of(pathOrName);
    if (Files.exists(path)) {
      return HubCache.snapshotIn(path);
    }
    ModelName name = name(pathOrName);
    try {
      return fromEnvironment().obtain(name, selection, listener);
    } catch (ModelNotFoundException e) {
      throw new IOException(NO_PATH + pathOrName + ", and " + e.getMessage(), e);
    }
  }

  /**
   * The name that a user means by what is no path.
   *
   * @throws FileNotFoundException if no model can have it, so that a path was meant
   */
  public static ModelName name(String missingPath) throws FileNotFoundException {
    try {
      if (!missingPath.endsWith(".safetensors")) { // mistyped, and nothing to ask a hub for
        return ModelName.parse(missingPath);
      }
    } catch (IllegalArgumentException e) {
      LOG.debug("no path and no name", e);
    }
    throw new FileNotFoundException(NO_PATH + missingPath);
  }

  /**
   * The model's folder if all files that are needed are in the cache. Nothing is asked of the hub:
   * a branch is what it was when it was last downloaded.
   */
  public Optional<Path> cached(ModelName name, FileSelection selection) throws IOException {
    Optional<Path> snapshot = cache.snapshot(name);
    if (snapshot.isEmpty()) {
      return Optional.empty();
    }
    Set<String> there = HubCache.files(snapshot.get());
    String commit = snapshot.get().getFileName().toString();
    Set<String> all =
        RepositoryTree.load(cache.tree(name, commit))
            .map(tree -> tree.files().keySet())
            .orElse(there);
    try {
      return there.containsAll(selection.select(all)) ? snapshot : Optional.empty();
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }

  /**
   * The model's folder from the cache or, where a file is missing there, from the hub.
   *
   * @throws IOException as {@link #plan} and {@link #download}
   */
  public Path obtain(ModelName name, FileSelection selection, DownloadListener listener)
      throws IOException {
    Optional<Path> cached = cached(name, selection);
    return cached.isPresent() ? cached.get() : pull(name, selection, listener);
  }

  /**
   * The model's folder as the hub has it now, of which only what is missing is downloaded; offline,
   * as the cache has it.
   *
   * @throws IOException as {@link #plan} and {@link #download}
   */
  public Path pull(ModelName name, FileSelection selection, DownloadListener listener)
      throws IOException {
    if (settings.offline()) {
      return cached(name, selection).orElseThrow(() -> offline(name));
    }
    return download(plan(name, selection), listener);
  }

  /**
   * Asks the hub which files are needed and how large they are.
   *
   * @throws ModelNotFoundException if the hub has no such model
   * @throws HubException if it has no such revision or file, the model is gated, there were too
   *     many requests, or the settings are offline; the message says which
   * @throws IOException if the hub cannot be reached
   */
  public DownloadPlan plan(ModelName name, FileSelection selection) throws IOException {
    if (settings.offline()) {
      throw offline(name);
    }
    HubApi api = new HubApi(settings, http, name);
    String commit = name.isCommit() ? name.revision() : patience.ask(api::commit);
    Path kept = cache.tree(name, commit);
    Optional<RepositoryTree> known = RepositoryTree.load(kept);
    RepositoryTree tree = known.isPresent() ? known.get() : patience.ask(() -> api.tree(commit));
    if (known.isEmpty()) {
      keep(tree, kept);
    }
    List<String> selected;
    try {
      selected = selection.select(tree.files().keySet());
    } catch (FileNotFoundException e) {
      throw new HubException("%s has %s".formatted(name, e.getMessage()), e);
    }
    Path snapshot = cache.snapshot(name, commit);
    List<PlannedFile> files = new ArrayList<>();
    for (String path : selected) {
      long size = tree.files().get(path).size();
      files.add(
          new PlannedFile(path, size, hasSize(RepositoryPaths.resolve(snapshot, path), size)));
    }
    files.sort(Comparator.comparingLong(PlannedFile::bytes));
    return new DownloadPlan(name, commit, snapshot, files);
  }

  /**
   * Downloads what is missing of a plan. What a broken download leaves is taken up by the next.
   *
   * @return the plan's {@link DownloadPlan#snapshot()}
   * @throws HubException if the disk has too little room, the cache cannot be written, or a file is
   *     not what the hub promised
   * @throws IOException if the connection breaks and does not come back
   */
  public Path download(DownloadPlan plan, DownloadListener listener) throws IOException {
    List<PlannedFile> missing = plan.missing();
    if (!missing.isEmpty()) {
      requireRoom(plan);
      SnapshotWriter writer =
          new SnapshotWriter(
              cache,
              disk,
              new HubApi(settings, http, plan.name()),
              settings.stallTimeout(),
              patience);
      long done = 0;
      for (PlannedFile file : missing) {
        writer.fetch(plan, file, done, listener);
        done += file.bytes();
      }
    }
    remember(plan);
    return plan.snapshot();
  }

  private HubException offline(ModelName name) {
    return new HubException(
        "%s is not, or not completely, in %s, and HF_HUB_OFFLINE forbids to download it"
            .formatted(name, cache.root()));
  }

  private void requireRoom(DownloadPlan plan) throws IOException {
    long free = disk.usableBytes(cache.root());
    if (free < plan.missingBytes()) {
      throw new HubException(
          "%s needs %s MiB more in %s, where %s MiB are free; HF_HUB_CACHE names another folder"
              .formatted(plan.name(), plan.missingBytes() >> 20, cache.root(), free >> 20));
    }
  }

  /** Only now, so that until all is there the branch stays at what was complete before. */
  private void remember(DownloadPlan plan) throws IOException {
    if (cache.commit(plan.name()).equals(Optional.of(plan.commit()))) {
      return;
    }
    try {
      CacheFiles.write(cache.ref(plan.name()), plan.commit());
    } catch (IOException e) { // a cache that someone else has filled may be for reading only
      LOG.warn("cannot keep in {} which commit {} is: {}", cache.root(), plan.name(), e.toString());
    }
  }

  private static void keep(RepositoryTree tree, Path file) {
    try {
      tree.save(file);
    } catch (IOException e) {
      LOG.debug("cannot keep {}", file, e);
    }
  }

  static boolean hasSize(Path file, long size) throws IOException {
    return Files.isRegularFile(file) && Files.size(file) == size;
  }
}
