package io.github.pix2pixzero.spark;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.spark.PictureResult.Outcome;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A list of pictures, cut into tasks, each picture worked at by itself. */
final class PictureJob {
  private static final Logger LOG = LoggerFactory.getLogger(PictureJob.class);

  /** Pictures of a task at most: a lost executor costs no more than these. */
  private static final int OF_A_TASK = 8;

  /** What is done on executors. */
  interface Work extends Serializable {
    /**
     * Begins a task.
     *
     * @throws IOException if something is wrong with the job
     */
    Task begin(Configuration configuration) throws IOException;
  }

  /** Work at some pictures, one after the other. */
  @FunctionalInterface
  interface Task {
    /**
     * Works at a picture. What is wrong with it alone is a result.
     *
     * @throws IOException if something is wrong with the job
     */
    PictureResult work(HadoopPicture picture) throws IOException;
  }

  private PictureJob() {}

  static JobReport run(JavaSparkContext spark, List<String> inputs, Work work) throws IOException {
    checkArgument(!inputs.isEmpty(), "there are no pictures to work at");
    warnOfSharedCores(spark);
    Configuration hadoop = spark.hadoopConfiguration();
    ImmutableList<String> uris = HadoopPicture.list(inputs, hadoop);
    int atOnce = Math.min(Math.max(1, spark.defaultParallelism()), uris.size());
    int tasks = Math.max(atOnce, (uris.size() - 1) / OF_A_TASK + 1);
    SerializableConfiguration configuration = new SerializableConfiguration(hadoop);
    return JobReport.of(
        spark
            .parallelize(uris, tasks)
            .mapPartitions(
                part -> new Results(part, work.begin(configuration.value()), configuration.value()))
            .collect());
  }

  /** An edit uses all cores that it is given; two at once take the memory of two. */
  private static void warnOfSharedCores(JavaSparkContext spark) {
    int ofExecutor = spark.getConf().getInt("spark.executor.cores", 1);
    int ofTask = spark.getConf().getInt("spark.task.cpus", 1);
    if (ofExecutor > ofTask) {
      LOG.warn(
          "an executor will work at {} pictures at once; with spark.task.cpus={}, as many as"
              + " spark.executor.cores, it takes one after the other on all cores, and less memory",
          ofExecutor / ofTask,
          ofExecutor);
    }
  }

  /** One at a time, as they are asked for. */
  private static final class Results implements Iterator<PictureResult> {
    private final Iterator<String> uris;
    private final Task task;
    private final Configuration configuration;

    Results(Iterator<String> uris, Task task, Configuration configuration) {
      this.uris = uris;
      this.task = task;
      this.configuration = configuration;
    }

    @Override
    public boolean hasNext() {
      return uris.hasNext();
    }

    @Override
    public PictureResult next() {
      HadoopPicture picture = new HadoopPicture(uris.next(), configuration);
      try {
        PictureResult result = task.work(picture);
        if (result.outcome() == Outcome.FAILED) {
          LOG.warn("{}: {}", picture.uri(), result.message());
        }
        return result;
      } catch (IOException e) {
        throw new UncheckedIOException(e); // Spark tries the task again
      }
    }
  }
}
