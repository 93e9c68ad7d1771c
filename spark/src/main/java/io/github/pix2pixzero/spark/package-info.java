/**
 * Many pictures on many machines: the pairs of {@link
 * io.github.pix2pixzero.distill.collect.PairCollector}, and plain edits, as jobs of Apache Spark.
 *
 * <p>Pictures are independent of one another and take seconds to minutes each, so that a job is a
 * list of files and nothing is shuffled. An executor loads its model once and works at one picture
 * at a time on all of its cores.
 */
package io.github.pix2pixzero.spark;
