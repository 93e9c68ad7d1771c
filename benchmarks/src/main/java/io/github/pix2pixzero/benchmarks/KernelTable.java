package io.github.pix2pixzero.benchmarks;

import com.google.common.collect.ImmutableSortedMap;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.openjdk.jmh.results.RunResult;

/** Our times beside the peers', as a Markdown table with a row for every pair of contenders. */
public final class KernelTable {
  private static final String NONE = "–";

  private KernelTable() {}

  /** The table of all results, in the order in which tasks and settings first occur. */
  public static String of(Collection<RunResult> results) {
    Map<Task, List<Measurement>> tasks =
        results.stream()
            .map(Measurement::of)
            .collect(
                Collectors.groupingBy(
                    m -> new Task(m.task(), m.setting()), LinkedHashMap::new, Collectors.toList()));
    StringBuilder table = new StringBuilder();
    table.append("| task | setting | ours | ms | peer | ms | ours ÷ peer |\n");
    table.append("|---|---|---|--:|---|--:|--:|\n");
    tasks.forEach((task, contenders) -> append(table, task, contenders));
    return table.toString();
  }

  private static void append(StringBuilder table, Task task, List<Measurement> contenders) {
    List<Measurement> ours = contenders.stream().filter(Measurement::ours).toList();
    List<Measurement> peers = contenders.stream().filter(m -> !m.ours()).toList();
    for (Measurement our : ours) {
      for (Measurement peer : peers) {
        String ratio = Measurement.number(our.millis() / peer.millis());
        row(table, task, our.contender(), our.time(), peer.contender(), peer.time(), ratio);
      }
      if (peers.isEmpty()) {
        row(table, task, our.contender(), our.time(), NONE, NONE, NONE);
      }
    }
    if (ours.isEmpty()) {
      for (Measurement peer : peers) {
        row(table, task, NONE, NONE, peer.contender(), peer.time(), NONE);
      }
    }
  }

  private static void row(StringBuilder table, Task task, String... cells) {
    String setting =
        task.setting().entrySet().stream()
            .map(entry -> entry.getKey() + " " + entry.getValue())
            .collect(Collectors.joining(", "));
    table.append("| %s | %s | %s |\n".formatted(task.name(), setting, String.join(" | ", cells)));
  }

  /** What contenders are compared at. */
  private record Task(String name, ImmutableSortedMap<String, String> setting) {}
}
