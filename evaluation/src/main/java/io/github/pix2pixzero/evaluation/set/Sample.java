package io.github.pix2pixzero.evaluation.set;

import io.github.pix2pixzero.evaluation.measure.Answers;
import io.github.pix2pixzero.evaluation.measure.Comparison;
import io.github.pix2pixzero.evaluation.measure.Comparison.Texts;
import io.github.pix2pixzero.evaluation.measure.Region;
import io.github.pix2pixzero.picture.PictureFiles;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** A picture of a set and what is to be changed in it. */
public interface Sample {

  /** Names it within its set. */
  String id();

  /** Samples of one kind have a line in tables; empty where a set has no kinds. */
  String kind();

  /** Where the picture lies. */
  Path file();

  /** What the picture shows and what the result should show, if the set says so. */
  Optional<Texts> texts();

  /** Where a method's result lies below its folder, with forward slashes. */
  String resultName();

  /**
   * What is to be edited, if the set says so.
   *
   * @throws IOException if a file is missing or malformed
   */
  default Optional<Region> region() throws IOException {
    return Optional.empty();
  }

  /**
   * What the right result would be, if the set says so.
   *
   * @throws IOException if a file is missing or malformed
   */
  default Optional<Answers> answers() throws IOException {
    return Optional.empty();
  }

  /** The picture of the right result, if the set has one. */
  default Optional<Path> answerFile() {
    return Optional.empty();
  }

  /** The part of a result's file that is the result. */
  default BufferedImage result(BufferedImage file) {
    return file;
  }

  /**
   * Reads the picture.
   *
   * @throws IOException if it is missing or damaged
   */
  default BufferedImage source() throws IOException {
    return PictureFiles.read(file());
  }

  /**
   * What there is to measure of a result.
   *
   * @param source as {@link #source()} read it: one object for all methods, so that networks look
   *     at it once
   * @param file the result as it was made or read
   * @throws IOException if a file of the set is missing or malformed
   * @throws IllegalArgumentException naming the sample, if the result has another size
   */
  default Comparison compare(BufferedImage source, BufferedImage file) throws IOException {
    try {
      return new Comparison(source, result(file), region(), texts(), answers());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(id() + ": " + e.getMessage(), e);
    }
  }
}
