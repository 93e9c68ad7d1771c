package io.github.pix2pixzero.spark;

import io.github.pix2pixzero.spark.PictureResult.Outcome;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What {@code spark-submit} runs: {@code collect}, {@code edit} or {@code distill-edit}. */
@Command(
    name = "pix2pix-zero-spark",
    description = "Edits many pictures on many machines.",
    subcommands = {SparkMain.Collect.class, SparkMain.Edit.class, SparkMain.DistillEdit.class})
public final class SparkMain {
  private SparkMain() {}

  /** Exits with 1 if too many pictures failed, with 2 if the arguments make no sense. */
  public static void main(String[] args) {
    int code = run(args);
    if (code != 0) {
      System.exit(code); // spark-submit sees a job that failed
    }
  }

  static int run(String... args) {
    return new CommandLine(new SparkMain()).execute(args);
  }

  /** What all jobs have in common. */
  private abstract static class Job implements Callable<Integer> {
    @Parameters(
        paramLabel = "INPUT",
        arity = "1..*",
        description = "Pictures, folders and patterns, such as s3a://photos/2026/*.jpg.")
    List<String> inputs = List.of();

    @Option(
        names = {"-o", "--output"},
        required = true,
        paramLabel = "DIR",
        description = "Folder of the results, such as hdfs:///edits. What is there stays.")
    String output;

    @Spec CommandSpec spec;

    abstract JobReport run(JavaSparkContext spark) throws IOException;

    @Override
    public final Integer call() throws IOException {
      checkUsage();
      SparkConf conf = new SparkConf();
      conf.setIfMissing("spark.app.name", spec.qualifiedName());
      conf.setIfMissing("spark.task.cpus", conf.get("spark.executor.cores", "1"));
      JobReport report;
      try (JavaSparkContext spark = new JavaSparkContext(conf)) {
        report = run(spark);
      }
      PrintWriter out = spec.commandLine().getOut();
      for (PictureResult failed : report.with(Outcome.FAILED)) {
        out.println("%s: %s".formatted(failed.picture(), failed.message()));
      }
      out.println("wrote %s: %s".formatted(output, report));
      return report.hasFailed() ? 1 : 0;
    }

    void checkUsage() {}
  }

  /** Jobs of a diffusion model. */
  private abstract static class DiffusionJob extends Job {
    @Mixin Arguments arguments;

    @Override
    final void checkUsage() {
      try {
        arguments.options();
      } catch (IllegalArgumentException e) {
        throw new ParameterException(spec.commandLine(), e.getMessage(), e);
      }
    }

    final EditSetup setup() {
      return Arguments.Setup.of(spec.root().commandLine().getParseResult().expandedArgs());
    }
  }

  @Command(
      name = "collect",
      mixinStandardHelpOptions = true,
      description = "Makes pairs to train a student on, as 'pix2pix-zero distill collect' does.")
  static final class Collect extends DiffusionJob {
    @Option(
        names = "--no-classifier",
        description = "Do not ask the model whether a result shows the target.")
    private boolean noClassifier;

    @Override
    JobReport run(JavaSparkContext spark) throws IOException {
      return PairJob.run(spark, inputs, output, setup(), !noClassifier);
    }
  }

  @Command(
      name = "edit",
      mixinStandardHelpOptions = true,
      description = "Edits pictures, as 'pix2pix-zero edit' does.")
  static final class Edit extends DiffusionJob {
    @Override
    JobReport run(JavaSparkContext spark) throws IOException {
      return EditJob.run(spark, inputs, output, new DiffusionEditor(setup()));
    }
  }

  @Command(
      name = "distill-edit",
      mixinStandardHelpOptions = true,
      description = "Edits pictures by a student, as 'pix2pix-zero distill edit' does.")
  static final class DistillEdit extends Job {
    @Option(
        names = "--student",
        required = true,
        paramLabel = "FILE",
        description = "A student's model.safetensors, at a path that all executors see.")
    private String student;

    @Override
    JobReport run(JavaSparkContext spark) throws IOException {
      return EditJob.run(spark, inputs, output, new StudentEditor(student));
    }
  }
}
