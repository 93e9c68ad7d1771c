package io.github.pix2pixzero.hub;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The questions that are asked of the hub about one model. */
final class HubApi {
  private static final Pattern NEXT = Pattern.compile("<([^>]*)>\\s*;[^,]*\\brel=\"?next\"?");

  /** A page has a thousand files; no model has a hundred thousand. */
  private static final int MAX_PAGES = 100;

  private final HubSettings settings;
  private final HubHttp http;
  private final ModelName name;
  private final HubErrors errors;

  HubApi(HubSettings settings, HubHttp http, ModelName name) {
    this.settings = settings;
    this.http = http;
    this.name = name;
    errors = new HubErrors(settings, name);
  }

  /** The commit that the revision stands for now. */
  String commit() throws IOException {
    URI uri = api("/revision/" + encode(name.revision()));
    HttpResponse<InputStream> answer = last(http.get(uri, Map.of()));
    try (InputStream body = answer.body()) {
      errors.check(answer);
      JsonNode sha = RepositoryTree.read(body, uri.toString()).path("sha");
      if (!sha.isTextual() || !ModelName.isCommit(sha.textValue())) {
        throw new HubException(uri + " answers without a commit");
      }
      return sha.textValue();
    }
  }

  /** All files of a commit. */
  RepositoryTree tree(String commit) throws IOException {
    RepositoryTree tree = new RepositoryTree();
    URI page = api("/tree/" + commit + "?recursive=true&expand=false");
    for (int pages = 1; page != null; pages++) {
      if (pages > MAX_PAGES) {
        throw new HubException("the list of the files of %s has no end".formatted(name));
      }
      HttpResponse<InputStream> answer = last(http.get(page, Map.of()));
      try (InputStream body = answer.body()) {
        errors.check(answer);
        tree.addPage(body, page.toString());
      }
      String links = String.join(", ", answer.headers().allValues("Link"));
      Matcher next = NEXT.matcher(links);
      page = next.find() ? HubHttp.follow(settings.endpoint(), page, next.group(1)) : null;
    }
    return tree;
  }

  /** What a file of a commit is. */
  FileMetadata metadata(String commit, String path) throws IOException {
    HttpResponse<?> answer = http.head(file(commit, path));
    errors.check(answer);
    return FileMetadata.of(answer, name.id() + "/" + path, commit);
  }

  /**
   * A file of a commit, from a byte on.
   *
   * @return all answers on the way to it, the last of them no error but for 416
   */
  List<HttpResponse<InputStream>> content(String commit, String path, long from)
      throws IOException {
    Map<String, String> range = from == 0 ? Map.of() : Map.of("Range", "bytes=" + from + "-");
    List<HttpResponse<InputStream>> answers = http.get(file(commit, path), range);
    HttpResponse<InputStream> answer = last(answers);
    if (answer.statusCode() != 416) {
      try {
        errors.check(answer);
      } catch (IOException e) {
        answer.body().close();
        throw e;
      }
    }
    return answers;
  }

  static HttpResponse<InputStream> last(List<HttpResponse<InputStream>> answers) {
    return answers.get(answers.size() - 1);
  }

  private URI api(String path) {
    return URI.create(settings.endpoint() + "/api/models/" + name.id() + path);
  }

  private URI file(String commit, String path) {
    String encoded =
        Arrays.stream(path.split("/")).map(HubApi::encode).collect(Collectors.joining("/"));
    return URI.create(
        "%s/%s/resolve/%s/%s".formatted(settings.endpoint(), name.id(), commit, encoded));
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
