package io.github.pix2pixzero.server.internal.http;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Optional;

/**
 * What answers requests of one method to one path.
 *
 * @param path such as {@code /api/v1/jobs/{id}}: names in braces stand for one segment each
 */
public record Route(String method, String path, Action action) {
  private static final Splitter SEGMENTS = Splitter.on('/');

  /** Answers a request. */
  @FunctionalInterface
  public interface Action {
    void answer(Exchange exchange) throws Exception;
  }

  public static Route get(String path, Action action) {
    return new Route("GET", path, action);
  }

  public static Route post(String path, Action action) {
    return new Route("POST", path, action);
  }

  public static Route delete(String path, Action action) {
    return new Route("DELETE", path, action);
  }

  /** The values of the names in the path, if it fits. */
  Optional<ImmutableMap<String, String>> match(String given) {
    List<String> ours = SEGMENTS.splitToList(path);
    List<String> theirs = SEGMENTS.splitToList(given);
    if (ours.size() != theirs.size()) {
      return Optional.empty();
    }
    ImmutableMap.Builder<String, String> values = ImmutableMap.builder();
    for (int i = 0; i < ours.size(); i++) {
      String name = ours.get(i);
      if (name.startsWith("{")) {
        values.put(name.substring(1, name.length() - 1), theirs.get(i));
      } else if (!name.equals(theirs.get(i))) {
        return Optional.empty();
      }
    }
    return Optional.of(values.build());
  }

  /** Several lists of routes as one. */
  public static ImmutableList<Route> concat(List<List<Route>> lists) {
    return lists.stream().flatMap(List::stream).collect(ImmutableList.toImmutableList());
  }
}
