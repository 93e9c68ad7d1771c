package io.github.pix2pixzero;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What one line of text asks of a picture, for clients that have a single prompt.
 *
 * <table>
 * <caption>The grammar; case does not matter, a full stop at the end neither</caption>
 * <tr><th>prompt</th><th>edit</th></tr>
 * <tr><td>{@code cat -> dog}</td><td>from cat to dog</td></tr>
 * <tr><td>{@code replace A with B}, {@code replace A by B}</td><td>from A to B</td></tr>
 * <tr><td>{@code turn A into B}, {@code change A to B}, {@code change A into B}</td><td>from A to
 * B</td></tr>
 * <tr><td>{@code make A into B}</td><td>from A to B</td></tr>
 * <tr><td>{@code add X}</td><td>to the caption with "with X" at its end</td></tr>
 * <tr><td>anything else</td><td>to this caption</td></tr>
 * </table>
 *
 * <p>Articles before A and B are left out: they stand in the caption already.
 *
 * @param from what is to change
 * @param to what it is to become; there if {@code from} is
 * @param added what is to be added
 * @param target what the edited picture should show
 */
public record EditPrompt(
    Optional<String> from, Optional<String> to, Optional<String> added, Optional<String> target) {
  private static final Pattern ARROW = Pattern.compile("(.+?)\\s*(?:->|=>|→)\\s*(.+)");

  private static final Pattern CHANGE =
      Pattern.compile(
          "(?:replace\\s+(.+?)\\s+(?:with|by)|(?:turn|make)\\s+(.+?)\\s+into"
              + "|change\\s+(.+?)\\s+(?:into|to))\\s+(.+)",
          Pattern.CASE_INSENSITIVE);

  private static final Pattern ADD = Pattern.compile("add\\s+(.+)", Pattern.CASE_INSENSITIVE);
  private static final Pattern ARTICLE =
      Pattern.compile("^(?:the|an?)\\s+", Pattern.CASE_INSENSITIVE);

  /**
   * Understands a prompt.
   *
   * @throws IllegalArgumentException if it is blank, or long beyond all captions
   */
  public static EditPrompt parse(String prompt) {
    String text = prompt.strip().replaceAll("\\s+", " ");
    checkArgument(!text.isEmpty(), "the prompt is blank; say what to change, such as cat -> dog");
    checkArgument(
        text.length() <= 2000, "the prompt has %s characters, 2000 at most", text.length());
    String plain = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    Matcher arrow = ARROW.matcher(plain);
    if (arrow.matches()) {
      return swap(arrow.group(1), arrow.group(2));
    }
    Matcher change = CHANGE.matcher(plain);
    if (change.matches()) {
      String from =
          change.group(1) != null
              ? change.group(1)
              : change.group(2) != null ? change.group(2) : change.group(3);
      return swap(from, change.group(4));
    }
    Matcher add = ADD.matcher(plain);
    if (add.matches()) {
      return new EditPrompt(
          Optional.empty(), Optional.empty(), Optional.of(add.group(1)), Optional.empty());
    }
    return new EditPrompt(Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(text));
  }

  private static EditPrompt swap(String from, String to) {
    return new EditPrompt(
        Optional.of(withoutArticle(from)),
        Optional.of(withoutArticle(to)),
        Optional.empty(),
        Optional.empty());
  }

  private static String withoutArticle(String words) {
    return ARTICLE.matcher(words.strip()).replaceFirst("");
  }

  /**
   * Options that do what is asked.
   *
   * @param caption what the picture shows; empty if nothing is known
   */
  public EditOptions.Builder applyTo(EditOptions.Builder options, Optional<String> caption) {
    caption.ifPresent(options::caption);
    from.ifPresent(options::from);
    to.ifPresent(options::to);
    added.ifPresent(thing -> options.targetCaption(caption.orElse("a photo") + " with " + thing));
    target.ifPresent(options::targetCaption);
    return options;
  }

  /** What was understood of an edit that is planned, in words: its target caption, or the swap. */
  public static String understood(EditPlan plan, EditOptions options) {
    return plan.targetCaption()
        .orElseGet(() -> options.from().orElse("") + " -> " + options.to().orElse(""));
  }
}
