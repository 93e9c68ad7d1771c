package io.github.pix2pixzero.evaluation;

import com.google.common.collect.ImmutableList;
import com.google.common.html.HtmlEscapers;
import io.github.pix2pixzero.evaluation.Evaluation.Scored;
import io.github.pix2pixzero.evaluation.measure.Measure;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A page with the tables, and below them every sample's pictures side by side, those that differ
 * most first. The pictures stay where they are; the page refers to them.
 */
final class HtmlReport {
  private static final String STYLE =
      """
      body { font: 15px/1.4 sans-serif; margin: 2em; color: #222; background: #fff; }
      table { border-collapse: collapse; margin: .5em 0 1.5em; }
      th, td { padding: .2em .7em; text-align: right; border-bottom: 1px solid #ddd; }
      th:first-child, td:first-child { text-align: left; }
      section { border-top: 2px solid #bbb; margin-top: 1.5em; }
      .pictures { display: flex; flex-wrap: wrap; gap: 1em; }
      figure { margin: 0; }
      figure img { width: 256px; height: auto; display: block; }
      figcaption { font-weight: bold; }
      .scroll { overflow-x: auto; }
      """;

  private final Path folder;
  private final Settings settings;
  private final Tables tables;
  private final ImmutableList<Scored> samples;
  private final StringBuilder html = new StringBuilder();

  /**
   * @param folder in which the page will be, for the paths of pictures
   */
  HtmlReport(Path folder, Settings settings, Tables tables, List<Scored> samples) {
    this.folder = folder.toAbsolutePath().normalize();
    this.settings = settings;
    this.tables = tables;
    this.samples = ImmutableList.copyOf(samples);
    write();
  }

  private void write() {
    html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>")
        .append(escaped(settings.set()))
        .append("</title>\n<style>\n")
        .append(STYLE)
        .append("</style>\n</head>\n<body>\n");
    element("h1", settings.set());
    for (String kind : tables.kinds()) {
      element("h2", kind.isEmpty() ? "without a kind" : kind);
      table(tables.head(), tables.lines(kind));
    }
    element("h2", "How it was measured");
    html.append("<ul>\n");
    for (Measure measure : tables.columns()) {
      if (!measure.settings().isEmpty()) {
        element("li", measure.title() + ": " + measure.settings());
      }
    }
    settings.methods().forEach((name, how) -> element("li", "method " + name + ": " + how));
    html.append("</ul>\n");
    boolean several = settings.methods().size() > 1;
    element(
        "h2",
        several ? "Pictures, what differs most first" : "Pictures, what came out worst first");
    Ranking.sorted(tables.columns(), samples).forEach(this::sample);
    html.append("</body>\n</html>\n");
  }

  private void sample(Scored scored) {
    html.append("<section>\n");
    String kind = scored.sample().kind();
    element("h3", scored.sample().id() + (kind.isEmpty() ? "" : " · " + kind));
    scored
        .sample()
        .texts()
        .ifPresent(texts -> element("p", texts.source() + " → " + texts.target()));
    html.append("<div class=\"pictures\">\n");
    figure("source", scored.sample().file());
    scored.results().forEach(result -> figure(result.row().method(), result.file()));
    scored.sample().answerFile().ifPresent(file -> figure("right answer", file));
    html.append("</div>\n");
    List<String> head = new ArrayList<>(List.of("method"));
    tables.columns().forEach(measure -> head.add(Tables.title(measure)));
    table(head, scored.results().stream().map(result -> line(result.row())).toList());
    html.append("</section>\n");
  }

  private List<String> line(Row row) {
    List<String> cells = new ArrayList<>(List.of(row.method()));
    tables
        .columns()
        .forEach(measure -> cells.add(Tables.number(row.measures().get(measure.title()))));
    return cells;
  }

  private void figure(String caption, Path file) {
    html.append("<figure><figcaption>")
        .append(escaped(caption))
        .append("</figcaption><img loading=\"lazy\" alt=\"")
        .append(escaped(caption))
        .append("\" src=\"")
        .append(escaped(address(file)))
        .append("\"></figure>\n");
  }

  /** Relative where that is possible, so that the folder can be moved with what is in it. */
  private String address(Path file) {
    Path absolute = file.toAbsolutePath().normalize();
    if (!absolute.startsWith(folder)) {
      return absolute.toUri().toString();
    }
    String root = folder.toUri().toString();
    return absolute
        .toUri()
        .toString()
        .substring(root.endsWith("/") ? root.length() : root.length() + 1);
  }

  private void table(List<String> head, List<List<String>> lines) {
    html.append("<div class=\"scroll\"><table>\n<tr>");
    head.forEach(cell -> html.append("<th>").append(escaped(cell)).append("</th>"));
    html.append("</tr>\n");
    for (List<String> line : lines) {
      html.append("<tr>");
      line.forEach(cell -> html.append("<td>").append(escaped(cell)).append("</td>"));
      html.append("</tr>\n");
    }
    html.append("</table></div>\n");
  }

  private void element(String name, String text) {
    html.append('<').append(name).append('>').append(escaped(text));
    html.append("</").append(name).append(">\n");
  }

  private static String escaped(String text) {
    return HtmlEscapers.htmlEscaper().escape(text);
  }

  /** The whole page. */
  @Override
  public String toString() {
    return html.toString();
  }
}
