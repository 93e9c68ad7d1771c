package io.github.pix2pixzero.spark;

import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.distill.collect.DiffusionClassifier;
import io.github.pix2pixzero.distill.collect.PairCollector;
import io.github.pix2pixzero.distill.collect.PairRecord;
import io.github.pix2pixzero.distill.collect.PairScore;
import io.github.pix2pixzero.spark.PictureResult.Outcome;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Pairs to train a student on, as {@link PairCollector} makes them on one machine: the same folder
 * with the same bytes in it, but for the seconds and the places of sources that its records tell.
 *
 * <p>A task that is tried again, or tried twice at once, does no harm, since a pair depends on
 * nothing but its picture and the setup, and its record is written last.
 */
public final class PairJob {
  private PairJob() {}

  /**
   * Makes the pairs that are missing.
   *
   * @param inputs files, folders and patterns, of any file system that Hadoop knows; the caption of
   *     {@code cat.png} may stand in {@code cat.txt}
   * @param output folder of the pairs, likewise
   * @param classifier whether the model is asked how well each edit went, see {@link
   *     DiffusionClassifier}
   * @throws IOException if an input is not there. What cannot be read or edited of a picture alone
   *     is in the report; that the folder has pairs of other settings ends the job by Spark's
   *     exception
   */
  public static JobReport run(
      JavaSparkContext spark,
      List<String> inputs,
      String output,
      EditSetup setup,
      boolean classifier)
      throws IOException {
    JobReport report = PictureJob.run(spark, inputs, new Collecting(setup, output, classifier));
    PairCollector.writePrompts(new HadoopFiles(output, spark.hadoopConfiguration()));
    return report;
  }

  private record Collecting(EditSetup setup, String output, boolean classifier)
      implements PictureJob.Work {
    @Override
    public PictureJob.Task begin(Configuration configuration) throws IOException {
      Pix2PixZero model = LoadedModels.of(setup);
      List<PairScore> scores =
          classifier ? List.of(new DiffusionClassifier(model.model())) : List.of();
      PairCollector collector =
          new PairCollector(model, setup.options(), scores, new HadoopFiles(output, configuration));
      return picture -> result(picture, collector.collect(picture));
    }

    private static PictureResult result(HadoopPicture picture, PairCollector.Result result) {
      PairRecord record = result.record();
      if (record.failed() != null) {
        return new PictureResult(picture.uri(), record.id(), Outcome.FAILED, record.failed());
      }
      Outcome outcome = result.made() ? Outcome.MADE : Outcome.KNOWN;
      return new PictureResult(picture.uri(), record.id(), outcome, "");
    }
  }
}
