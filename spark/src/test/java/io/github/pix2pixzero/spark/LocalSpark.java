package io.github.pix2pixzero.spark;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** Spark on this machine. */
final class LocalSpark {
  private LocalSpark() {}

  /** In this JVM, one task at a time. */
  static JavaSparkContext inProcess() {
    return new JavaSparkContext(configuration("local[2]").set("spark.task.cpus", "2"));
  }

  /**
   * Two executors, each a JVM of its own. Outside of a Spark distribution they take their class
   * path from {@code spark.executor.extraClassPath}, and ask for a folder of jars that may be
   * empty.
   */
  static JavaSparkContext cluster() throws IOException {
    Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
    return new JavaSparkContext(
        configuration("local-cluster[2,1,1024]")
            .set("spark.executor.memory", "1g")
            .set("spark.executor.extraClassPath", classPath())
            .set("spark.executor.extraJavaOptions", "--add-modules jdk.incubator.vector"));
  }

  private static SparkConf configuration(String master) {
    return new SparkConf(false)
        .setMaster(master)
        .setAppName("test")
        .set("spark.ui.enabled", "false")
        .set("spark.driver.host", "127.0.0.1")
        .set("spark.driver.bindAddress", "127.0.0.1");
  }

  /** Absolute: executors start in folders of their own. */
  private static String classPath() {
    String path = System.getProperty("surefire.test.class.path");
    return Arrays.stream(
            (path == null ? System.getProperty("java.class.path") : path).split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }
}
