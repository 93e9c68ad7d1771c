package io.github.pix2pixzero.server.internal.http;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.io.Resources;
import io.github.pix2pixzero.server.EditServer;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The files of the page, by a list: what is not in it cannot be asked for. */
public final class PageFiles {
  private static final ImmutableMap<String, String> TYPES =
      ImmutableMap.of(
          "html", "text/html; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "svg", "image/svg+xml",
          "txt", "text/plain; charset=utf-8");

  private static final ImmutableList<String> FILES =
      ImmutableList.of(
          "index.html",
          "style.css",
          "icon.svg",
          "app.js",
          "api.js",
          "words.js",
          "heat.js",
          "mask.js",
          "history.js",
          "vendor/img-comparison-slider.js",
          "vendor/img-comparison-slider.LICENSE.txt");

  private PageFiles() {}

  public static ImmutableList<Route> routes() {
    ImmutableList.Builder<Route> routes = ImmutableList.builder();
    for (String file : FILES) {
      byte[] content = read(file);
      String type = TYPES.get(file.substring(file.lastIndexOf('.') + 1));
      routes.add(
          Route.get(
              address(file),
              exchange -> {
                exchange.header("Cache-Control", "no-cache");
                exchange.bytes(200, type, content);
              }));
    }
    return routes.build();
  }

  /** The addresses of the page. */
  public static ImmutableSet<String> addresses() {
    return FILES.stream().map(PageFiles::address).collect(ImmutableSet.toImmutableSet());
  }

  private static String address(String file) {
    return file.equals("index.html") ? "/" : "/" + file;
  }

  private static byte[] read(String file) {
    try {
      return Resources.toByteArray(Resources.getResource(EditServer.class, "page/" + file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
