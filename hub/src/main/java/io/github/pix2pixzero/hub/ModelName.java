package io.github.pix2pixzero.hub;

import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * A model of the hub at one revision, written {@code ORG/NAME} or {@code ORG/NAME@REVISION}.
 *
 * @param id {@code ORG/NAME}
 * @param revision a branch, a tag, a commit, or a pull request's {@code refs/pr/N}
 */
public record ModelName(String id, String revision) {
  /** The revision where none is named. */
  public static final String MAIN = "main";

  private static final String FORM = "expected ORG/NAME or ORG/NAME@REVISION, not ";
  private static final int MAX_ID = 96;
  private static final Pattern ID = Pattern.compile("\\w[\\w.-]*/\\w[\\w.-]*");
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

  /**
   * @throws IllegalArgumentException if the hub could have no such name, or the revision could not
   *     be a file name
   */
  public ModelName {
    boolean valid =
        ID.matcher(id).matches()
            && id.length() <= MAX_ID
            && !id.contains("--")
            && !id.contains("..")
            && Arrays.stream(id.split("/")).noneMatch(part -> part.matches(".*([.-]|\\.git)"));
    if (!valid) {
      throw new IllegalArgumentException(FORM + id);
    }
    if (revision.contains(" ") || !RepositoryPaths.isSafe(revision)) {
      throw new IllegalArgumentException(
          "expected a branch, a tag, a commit or refs/pr/N after the @ of %s, not %s"
              .formatted(id, revision));
    }
  }

  /**
   * Reads a name.
   *
   * @throws IllegalArgumentException if it is none, saying what was expected
   */
  public static ModelName parse(String name) {
    int at = name.indexOf('@');
    return at < 0
        ? new ModelName(name, MAIN)
        : new ModelName(name.substring(0, at), name.substring(at + 1));
  }

  /** Whether the revision is a commit, which never changes. */
  boolean isCommit() {
    return isCommit(revision);
  }

  static boolean isCommit(String revision) {
    return COMMIT.matcher(revision).matches();
  }

  /** As it is written; the revision is left out where it is {@link #MAIN}. */
  @Override
  public String toString() {
    return revision.equals(MAIN) ? id : id + "@" + revision;
  }
}
