package io.github.pix2pixzero.tensor.internal.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RunningJvmTest {
  private static final String SERVER = "OpenJDK 64-Bit Server VM";
  private static final String MIXED = "mixed mode, sharing";
  private static final Map<String, String> USUAL =
      Map.of("TieredCompilation", "true", "TieredStopAtLevel", "4", "UseCompiler", "true");

  private static Optional<String> reason(String name, String info, Map<String, String> options) {
    return new RunningJvm(name, info, option -> Optional.ofNullable(options.get(option)))
        .withoutC2();
  }

  @Test
  void theJvmOfTheTestsHasC2() {
    assertThat(RunningJvm.get().withoutC2()).isEmpty();
    assertThat(RunningJvm.get().option().apply("UseCompiler")).contains("true");
    assertThat(RunningJvm.get().option().apply("NoSuchOption")).isEmpty();
  }

  @Test
  void serverVmsHaveC2() {
    assertThat(reason(SERVER, MIXED, USUAL)).isEmpty();
    assertThat(reason("Java HotSpot(TM) 64-Bit Server VM", MIXED, USUAL)).isEmpty();
    assertThat(reason(SERVER, MIXED, Map.of())).as("no management beans").isEmpty();
    Map<String, String> notTiered = Map.of("TieredCompilation", "false", "TieredStopAtLevel", "1");
    assertThat(reason(SERVER, MIXED, notTiered)).isEmpty();
  }

  @Test
  void othersAreNamed() {
    assertThat(reason("Eclipse OpenJ9 VM", "JRE 17", Map.of()))
        .contains("Eclipse OpenJ9 VM is not HotSpot");
    assertThat(reason(SERVER, "interpreted mode, sharing", USUAL).orElse("")).contains("-Xint");
    assertThat(reason("OpenJDK Client VM", MIXED, USUAL).orElse("")).contains("client VM");
    assertThat(reason(SERVER, "mixed mode, emulated-client", USUAL).orElse("")).contains("client");
    assertThat(reason(SERVER, MIXED, Map.of("UseJVMCICompiler", "true")).orElse(""))
        .contains("JVMCI");
    assertThat(reason(SERVER, MIXED, Map.of("UseCompiler", "false"))).isPresent();
    assertThat(reason(SERVER, MIXED, Map.of("TieredStopAtLevel", "3")).orElse(""))
        .contains("TieredStopAtLevel");
  }
}
