package io.github.pix2pixzero.cli;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.UnmatchedArgumentException;

/** What a mistyped command or option was meant to be. */
final class Suggestions {
  private static final int MOST = 3;

  private Suggestions() {}

  /**
   * Names that begin as the mistyped one; else those that the fewest slips lead to, if they are few
   * for its length.
   */
  static List<String> of(UnmatchedArgumentException e) {
    CommandSpec spec = e.getCommandLine().getCommandSpec();
    String typed = e.getUnmatched().get(0).split("=", 2)[0];
    Set<String> names = new TreeSet<>();
    if (typed.startsWith("-")) {
      names.addAll(spec.optionsMap().keySet());
      names.addAll(spec.negatedOptionsMap().keySet());
      names.removeIf(name -> !name.startsWith("--"));
    } else {
      names.addAll(spec.subcommands().keySet());
    }
    List<String> longer =
        names.stream().filter(name -> typed.length() > 2 && name.startsWith(typed)).toList();
    int fewest =
        names.stream().mapToInt(name -> slips(typed, name)).min().orElse(Integer.MAX_VALUE);
    boolean near = fewest <= Math.max(1, typed.length() / 4);
    return (longer.isEmpty()
            ? names.stream().filter(name -> near && slips(typed, name) == fewest)
            : longer.stream())
        .limit(MOST)
        .toList();
  }

  /**
   * Characters to insert, to leave out, to replace, and neighbours to swap: the distance of Damerau
   * and Levenshtein, where nothing is changed twice.
   */
  private static int slips(String typed, String meant) {
    int[][] table = new int[typed.length() + 1][meant.length() + 1];
    for (int i = 0; i <= typed.length(); i++) {
      for (int j = 0; j <= meant.length(); j++) {
        if (i == 0 || j == 0) {
          table[i][j] = i + j;
          continue;
        }
        int replaced = typed.charAt(i - 1) == meant.charAt(j - 1) ? 0 : 1;
        table[i][j] =
            Math.min(
                table[i - 1][j - 1] + replaced, 1 + Math.min(table[i - 1][j], table[i][j - 1]));
        if (i > 1
            && j > 1
            && typed.charAt(i - 1) == meant.charAt(j - 2)
            && typed.charAt(i - 2) == meant.charAt(j - 1)) {
          table[i][j] = Math.min(table[i][j], table[i - 2][j - 2] + 1);
        }
      }
    }
    return table[typed.length()][meant.length()];
  }
}
