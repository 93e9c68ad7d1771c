package io.github.pix2pixzero.cuda;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * Runs tests where there is no Maven: what {@code gpu/run.sh} begins with. Arguments: simple names
 * of test classes of this package. Exits with 1 if one fails, or if none was run. Says of each
 * class, and of a test that takes a second or more, how long it took.
 */
final class GpuSuite {
  private GpuSuite() {}

  /** How far the tests are, for whoever ends them early. */
  private static final class Progress implements TestExecutionListener {
    private final Map<TestIdentifier, Long> starts = new ConcurrentHashMap<>();
    private final PrintWriter out;

    Progress(PrintWriter out) {
      this.out = out;
    }

    @Override
    public void executionStarted(TestIdentifier test) {
      starts.put(test, System.nanoTime());
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      double seconds = (System.nanoTime() - starts.get(test)) / 1e9;
      if (seconds >= 1 || test.getSource().filter(ClassSource.class::isInstance).isPresent()) {
        out.println(
            String.format(
                Locale.ROOT, "%8.1f s %s: %s", seconds, test.getDisplayName(), result.getStatus()));
      }
    }
  }

  @SuppressWarnings("SystemOut")
  public static void main(String[] names) {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(
                Arrays.stream(names)
                    .map(name -> selectClass(GpuSuite.class.getPackageName() + "." + name))
                    .toList())
            .build();
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    LauncherFactory.create().execute(request, listener, new Progress(out));
    TestExecutionSummary summary = listener.getSummary();
    summary.printFailuresTo(out, 10);
    summary.printTo(out);
    System.exit(
        summary.getTotalFailureCount() == 0 && summary.getTestsSucceededCount() > 0 ? 0 : 1);
  }
}
