package io.github.pix2pixzero.server;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.collect.ImmutableMap;
import com.google.common.io.Resources;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.interactions.PointerInput;
import org.openqa.selenium.interactions.PointerInput.MouseButton;
import org.openqa.selenium.interactions.PointerInput.Origin;
import org.openqa.selenium.interactions.Sequence;

/** Debian's Chromium, driven by Debian's chromedriver; nothing is downloaded. */
final class Browser implements AutoCloseable {
  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
  private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final ChromeDriver driver;

  private Browser(ChromeDriver driver) {
    this.driver = driver;
  }

  /** Without one, tests are skipped, but fail in continuous integration, which installs it. */
  static Browser open() {
    boolean there = Files.isExecutable(CHROMIUM) && Files.isExecutable(DRIVER);
    if (!there && "true".equals(System.getenv("CI"))) {
      throw new AssertionError("chromium and chromium-driver are not installed");
    }
    assumeTrue(there, "not tested: Debian's chromium and chromium-driver are not installed");
    ChromeOptions options = new ChromeOptions();
    options.setBinary(CHROMIUM.toFile());
    options.addArguments(
        "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars");
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(new File(DRIVER.toString()))
            .build();
    Browser browser = new Browser(new ChromeDriver(service, options));
    browser.desktop();
    return browser;
  }

  void go(String address) {
    driver.get(address);
  }

  WebElement find(String css) {
    return driver.findElement(By.cssSelector(css));
  }

  List<WebElement> all(String css) {
    return driver.findElements(By.cssSelector(css));
  }

  Object run(String script, Object... arguments) {
    return driver.executeScript(script, arguments);
  }

  /** Sets a field as a user does, who is heard doing it. */
  void type(String css, String text) {
    run(
        "const field = document.querySelector(arguments[0]); field.value = arguments[1];"
            + " field.dispatchEvent(new Event('input', { bubbles: true }));",
        css,
        text);
  }

  /** Presses a key for a moment, as a finger does. */
  void hold(CharSequence key) {
    new Actions(driver).keyDown(key).pause(Duration.ofMillis(300)).keyUp(key).perform();
  }

  /** Draws a line with the mouse, from a place to another in fractions of an element. */
  void draw(String css, double fromX, double fromY, double toX, double toY) {
    WebElement element = find(css);
    Dimension size = element.getSize();
    new Actions(driver)
        .moveToElement(element, offset(fromX, size.width), offset(fromY, size.height))
        .clickAndHold()
        .moveByOffset(offset(0.5 + toX - fromX, size.width), offset(0.5 + toY - fromY, size.height))
        .release()
        .perform();
  }

  /** Offsets are from the middle. */
  private static int offset(double share, int length) {
    return (int) Math.round((share - 0.5) * length);
  }

  /** Puts a finger on the middle of an element and moves it to its right side. */
  void swipe(String css) {
    WebElement element = find(css);
    int half = element.getSize().width / 2 - 1;
    PointerInput finger = new PointerInput(PointerInput.Kind.TOUCH, "finger");
    Sequence swipe =
        new Sequence(finger, 0)
            .addAction(finger.createPointerMove(Duration.ZERO, Origin.fromElement(element), 0, 0))
            .addAction(finger.createPointerDown(MouseButton.LEFT.asArg()))
            .addAction(
                finger.createPointerMove(
                    Duration.ofMillis(50), Origin.fromElement(element), half, 0))
            .addAction(finger.createPointerUp(MouseButton.LEFT.asArg()));
    driver.perform(List.of(swipe));
  }

  /** Presses keys one after the other wherever the focus is. */
  void press(CharSequence... keys) {
    new Actions(driver).sendKeys(keys).perform();
  }

  /** Waits until an element is shown. */
  WebElement shown(String css) throws InterruptedException {
    return shown(css, "");
  }

  /** Waits until an element is shown whose text contains another. */
  WebElement shown(String css, String text) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      try {
        for (WebElement element : all(css)) {
          if (element.isDisplayed() && element.getText().contains(text)) {
            return element;
          }
        }
      } catch (StaleElementReferenceException e) {
        continue; // replaced while it was looked at
      }
      Thread.sleep(30);
    }
    throw new AssertionError(
        "%s with \"%s\" was not shown; trouble: %s"
            .formatted(css, text, find("#trouble").getText()));
  }

  // ------------------------------------------------------------------ how it is looked at

  void desktop() {
    metrics(1280, 900, 1, false);
  }

  void phone() {
    metrics(390, 844, 2, true);
  }

  private void metrics(int width, int height, int scale, boolean mobile) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", scale, "mobile", mobile));
  }

  void scheme(String lightOrDark) {
    ImmutableMap<String, String> feature =
        ImmutableMap.of("name", "prefers-color-scheme", "value", lightOrDark);
    driver.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features", List.of(feature)));
  }

  void screenshot(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, driver.getScreenshotAs(OutputType.BYTES));
  }

  /** What axe-core finds wrong, a line each; empty if nothing is. */
  String findings() throws IOException {
    run(Resources.toString(Resources.getResource("axe.min.js"), StandardCharsets.UTF_8));
    driver.manage().timeouts().scriptTimeout(PATIENCE);
    return (String)
        driver.executeAsyncScript(
            "const done = arguments[arguments.length - 1];"
                + "axe.run(document).then(result => done(result.violations.map(found =>"
                + " found.id + ': ' + found.nodes.map(node => node.html + ' '"
                + " + node.failureSummary).join(' | ')).join('\\n')), error => done('' + error));");
  }

  @Override
  public void close() {
    driver.quit();
  }
}
