package io.github.pix2pixzero.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.picture.PictureFiles;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** A whole edit on the page, as a user goes about it. */
class PageTest {
  /** The pictures that the documentation shows are these. */
  private static final Path SCREENSHOTS = Path.of("target/screenshots");

  @TempDir Path folder;

  private static EditServer server;
  private static Browser browser;

  @BeforeAll
  static void start() throws IOException {
    browser = Browser.open();
    server =
        TestServers.start(
            ServerOptions.builder()
                .captioner((picture, word) -> "a photo of a gray cat in the snow"));
  }

  @AfterAll
  static void stop() throws IOException {
    try (Browser last = browser) {
      if (server != null) {
        server.close();
      }
    }
  }

  @Test
  void aPictureIsEdited() throws Exception {
    browser.go(server.address().toString());
    assertThat(browser.findings()).isEmpty();
    choosesAPicture();
    editsIt();
    movesTheSliderByKeyboard();
    browser.run("arguments[0].value = 50", browser.find("#slider"));
    looks("result");
    seesWhereAWordLooks();
    usesItsSettingsAgain();
    cancels();
    assertThat(browser.findings()).isEmpty();
    asksNobodyElse();
  }

  private static void asksNobodyElse() {
    assertThat(
            browser.run(
                "return performance.getEntriesByType('resource')"
                    + ".map(entry => entry.name).filter(name => !name.startsWith(location.origin)"
                    + " && !name.startsWith('blob:') && !name.startsWith('data:')).join(' ')"))
        .as("requests to others")
        .isEqualTo("");
  }

  /** Dropped, which a script has to do: the operating system is not there to do it. */
  private static void choosesAPicture() throws Exception {
    String cat = Base64.getEncoder().encodeToString(Calls.cat());
    browser.run(
        "const bytes = Uint8Array.from(atob(arguments[0]), c => c.charCodeAt(0));"
            + "const data = new DataTransfer();"
            + "data.items.add(new File([bytes], 'cat.png', { type: 'image/png' }));"
            + "document.getElementById('drop').dispatchEvent("
            + "new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));",
        cat);
    browser.shown("#source");
    browser.shown("#words");
    assertThat(browser.find("#caption").getAttribute("value"))
        .isEqualTo("a photo of a gray cat in the snow");
  }

  private static void editsIt() throws Exception {
    browser.type("#target", "a photo of a gray dog in the snow");
    assertThat(browser.find("#changes mark").getText()).isEqualTo("dog");
    browser.type("#steps", "10");
    browser.find("#edit").click();
    browser.shown("#preview");
    browser.shown("#slider");
    assertThat(browser.shown("#jobs li", "10 steps").getText())
        .contains("a photo of a gray dog in the snow", "Use these again", "Download")
        .doesNotContain("inversion kept");
  }

  private static void movesTheSliderByKeyboard() throws Exception {
    WebElement slider = browser.find("#slider");
    browser.run("arguments[0].focus()", slider);
    browser.hold(Keys.ARROW_RIGHT);
    for (int i = 0; i < 100 && slider.getAttribute("aria-valuenow").equals("50"); i++) {
      Thread.sleep(20);
    }
    assertThat(Integer.parseInt(slider.getAttribute("aria-valuenow"))).isGreaterThan(50);
  }

  /** In each form that the page has; without findings in any. */
  private static void looks(String name) throws Exception {
    for (String scheme : new String[] {"light", "dark"}) {
      browser.scheme(scheme);
      for (String size : new String[] {"desktop", "phone"}) {
        if (size.equals("phone")) {
          browser.phone();
        } else {
          browser.desktop();
        }
        browser.run("document.activeElement.blur(); window.scrollTo(0, 0);");
        Thread.sleep(300); // the layout, and the slider's transition
        browser.screenshot(SCREENSHOTS.resolve("page-%s-%s-%s.png".formatted(name, size, scheme)));
        assertThat(browser.findings()).as("%s, %s", size, scheme).isEmpty();
        assertThat((Long) browser.run("return document.documentElement.scrollWidth - innerWidth"))
            .as("width beyond the screen, %s", size)
            .isLessThanOrEqualTo(0);
      }
    }
    browser.desktop();
    browser.scheme("light");
  }

  private static void seesWhereAWordLooks() throws Exception {
    for (WebElement chip : browser.all("#chips button")) {
      if (chip.getText().equals("cat")) {
        chip.click();
      }
    }
    browser.shown("#heat");
    assertThat(browser.find("#about").getText()).contains("cat");
    assertThat(browser.find("#heat").getAttribute("width")).isEqualTo("16");
    assertThat(browser.find("#opacity").isDisplayed()).isTrue();
    browser.type("#opacity", "0.3");
    assertThat(browser.find("#heat").getCssValue("opacity")).isEqualTo("0.3");
    browser.screenshot(SCREENSHOTS.resolve("page-words.png"));
  }

  private static void usesItsSettingsAgain() throws Exception {
    browser.type("#target", "something else");
    for (WebElement button : browser.all("#jobs button")) {
      if (button.getText().equals("Use these again")) {
        button.click();
        break;
      }
    }
    for (int i = 0; i < 200 && !target().contains("dog"); i++) {
      Thread.sleep(20);
    }
    assertThat(target()).isEqualTo("a photo of a gray dog in the snow");
    browser.type("#target", "a photo of a gray fox in the snow");
    browser.find("#edit").click();
    browser.shown("#jobs li", "inversion kept");
  }

  private static String target() {
    return browser.find("#target").getAttribute("value");
  }

  private static void cancels() throws Exception {
    browser.type("#steps", "200");
    browser.find("#edit").click();
    browser.shown("#stage-text", "step");
    browser.find("#cancel").click();
    browser.shown("#about", "Cancelled");
    browser.shown("#jobs .waiting", "cancelled");
  }

  // ------------------------------------------------------------------ a part of it

  @Test
  void aPartIsPaintedByMouseFingerAndKeys() throws Exception {
    browser.go(server.address().toString());
    choosesAPicture();
    browser.find("#mask-open").click();
    browser.draw("#mask", 0.25, 0.5, 0.75, 0.5);
    int drawn = percent();
    assertThat(drawn).isBetween(5, 15); // a line of 16 % by 50 %, and its round ends
    looks("mask");
    browser.run("document.getElementById('mask').focus()");
    browser.press(Keys.ARROW_UP, Keys.ARROW_UP, Keys.ARROW_UP, Keys.ARROW_UP, Keys.SPACE);
    int dabbed = percent();
    assertThat(dabbed).isGreaterThan(drawn);
    browser.press("e", Keys.SPACE);
    assertThat(percent()).isLessThan(dabbed);
    browser.press("e", Keys.ESCAPE);
    assertThat(browser.find("#mask-tools").isDisplayed()).isFalse();
    browser.find("#mask-open").click();
    browser.find("#mask-clear").click();
    assertThat(browser.find("#mask-status").getText()).isEqualTo("All of it may change");
    browser.phone();
    browser.swipe("#mask");
    browser.desktop();
    assertThat(percent()).isBetween(4, 15);
  }

  @Test
  void onlyAPartIsEdited() throws Exception {
    browser.go(server.address().toString());
    choosesAPicture();
    browser.find("#mask-file").sendKeys(halfWhite(64, 48).toAbsolutePath().toString());
    browser.shown("#trouble", "The mask has 64 × 48 pixels, the picture 64 × 64");
    browser.find("#mask-file").sendKeys(halfWhite(128, 128).toAbsolutePath().toString());
    browser.shown("#mask");
    String half = "50 % of it may change";
    browser.shown("#about", half);

    browser.type("#method", "published");
    assertThat(browser.shown("#mask-misfit").getText()).contains("Clear the mask");
    assertThat(browser.find("#edit").isEnabled()).isFalse();
    browser.type("#method", "beside-trajectory");
    browser.type("#target", "a photo of a gray wolf in the snow");
    browser.type("#steps", "3");
    browser.find("#edit").click();
    browser.shown("#slider");
    browser.shown("#jobs li", "a part");
    assertThat(browser.find("#mask").isDisplayed()).isFalse();

    browser.go(server.address().toString());
    WebElement again = browser.shown("#jobs li button[aria-label$='wolf in the snow']", "again");
    again.click();
    browser.shown("#mask");
    browser.shown("#about", half);
    assertThat(target()).isEqualTo("a photo of a gray wolf in the snow");
  }

  /** A mask whose left half may change. */
  private Path halfWhite(int width, int height) throws IOException {
    BufferedImage mask = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width / 2; x++) {
        mask.setRGB(x, y, 0xffffff);
      }
    }
    Path file = folder.resolve("mask-%s.png".formatted(width));
    PictureFiles.write(mask, file);
    return file;
  }

  private static int percent() {
    return Integer.parseInt(
        browser.find("#mask-status").getText().replaceFirst(" % of it may change", ""));
  }

  // ------------------------------------------------------------------ what else may come

  @Test
  void theTokenIsAskedForOnce() throws Exception {
    String token = "a token of the server";
    try (EditServer guarded = TestServers.start(ServerOptions.builder().token(token))) {
      browser.go(guarded.address().toString());
      browser.shown("#ask");
      browser.find("#token").sendKeys(token, Keys.ENTER);
      browser.shown("#model", "toy-world");
    }
  }

  /** A picture chosen as with the file dialog. */
  @Test
  void wrongFilesAreExplained() throws Exception {
    Path text = Files.writeString(folder.resolve("cat.png"), "no picture");
    browser.go(server.address().toString());
    browser.find("#file").sendKeys(text.toAbsolutePath().toString());
    browser.shown("#trouble", "is not a picture");
  }
}
