package io.github.pix2pixzero.distill;

import io.github.pix2pixzero.distill.TrainingLog.Entry;
import io.github.pix2pixzero.picture.SvgPanels;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Losses and held-out scores over the steps, each on an axis of its own, as SVG. */
final class LossPlot {
  private LossPlot() {}

  /** The plot of what is logged; a loss that is always 0 is left out. */
  static String svg(List<Entry> entries) {
    List<Entry> scored = entries.stream().filter(entry -> entry.heldOut() != null).toList();
    double last = entries.isEmpty() ? 1 : entries.get(entries.size() - 1).step();
    SvgPanels plot = SvgPanels.over(last);
    plot.add("L1", points(entries, Entry::l1));
    plot.add("mask", points(entries, Entry::mask));
    plot.add("features", points(entries, Entry::features));
    plot.add("GAN", points(entries, Entry::gan));
    plot.add("held out, inside, dB", points(scored, entry -> entry.heldOut().inside()));
    plot.add("held out, residue", points(scored, entry -> entry.heldOut().residue()));
    plot.add("held out, sharpness", points(scored, entry -> entry.heldOut().sharpness()));
    return plot.svg();
  }

  private static List<SvgPanels.Point> points(List<Entry> entries, ToDoubleFunction<Entry> value) {
    return entries.stream()
        .map(entry -> new SvgPanels.Point(entry.step(), value.applyAsDouble(entry)))
        .toList();
  }
}
