package io.github.pix2pixzero.cuda;

import static io.github.pix2pixzero.cuda.Launcher.divideUp;

import io.github.pix2pixzero.cuda.Arguments.Struct;
import io.github.pix2pixzero.tensor.backend.GroupNormSpec;

/** Group normalisation: sums over runs of pixels, then over groups, then the elements. */
final class GroupNorms {

  /** Pixels that one thread walks down. */
  private static final int RUN = 32;

  private final Device device;
  private final String family;
  private final Reductions reductions;

  GroupNorms(Device device, ElementType elements, Reductions reductions) {
    this.device = device;
    family = "groupnorm_" + elements.suffix();
    this.reductions = reductions;
  }

  void forward(GroupNormSpec spec, long x, long gamma, long beta, long out, long stats) {
    int size = elements(spec);
    int tasks = tasks(spec);
    Struct struct = struct(spec);
    try (Workspace partials = new Workspace(device, 2 * tasks)) {
      device
          .launcher()
          .loop(
              family,
              "group_norm_partials",
              tasks,
              new Arguments().add(tasks).add(struct).add(x).add(partials.address()));
      device
          .launcher()
          .rows(
              family,
              "group_norm_stats",
              groups(spec),
              tasks / groups(spec),
              new Arguments()
                  .add(tasks)
                  .add(struct)
                  .add(spec.epsilon())
                  .add(partials.address())
                  .add(stats));
    }
    device
        .launcher()
        .loop(
            family,
            "group_norm_apply",
            size,
            new Arguments().add(size).add(struct).add(x).add(gamma).add(beta).add(stats).add(out));
  }

  void backward(
      GroupNormSpec spec,
      long x,
      long gamma,
      long beta,
      long stats,
      long gradOut,
      long gradX,
      long gradGamma,
      long gradBeta) {
    int size = elements(spec);
    int tasks = tasks(spec);
    Struct struct = struct(spec);
    try (Workspace partials = new Workspace(device, 2 * tasks);
        Workspace means = new Workspace(device, 2 * groups(spec))) {
      device
          .launcher()
          .loop(
              family,
              "group_norm_backward_partials",
              tasks,
              new Arguments()
                  .add(tasks)
                  .add(struct)
                  .add(x)
                  .add(gamma)
                  .add(beta)
                  .add(stats)
                  .add(gradOut)
                  .add(partials.address()));
      device
          .launcher()
          .rows(
              family,
              "group_norm_backward_means",
              groups(spec),
              tasks / groups(spec),
              new Arguments()
                  .add(tasks)
                  .add(struct)
                  .add(gamma)
                  .add(partials.address())
                  .add(means.address()));
      device
          .launcher()
          .loop(
              family,
              "group_norm_backward_apply",
              size,
              new Arguments()
                  .add(size)
                  .add(struct)
                  .add(x)
                  .add(gamma)
                  .add(beta)
                  .add(stats)
                  .add(means.address())
                  .add(gradOut)
                  .add(gradX));
      if (gradGamma != 0) {
        int runs = tasks / spec.channels();
        reductions.sumParts(1, runs, spec.channels(), partials.address(), gradBeta);
        reductions.sumParts(1, runs, spec.channels(), partials.address(tasks), gradGamma);
      }
    }
  }

  private static int elements(GroupNormSpec spec) {
    return spec.batch() * spec.pixels() * spec.channels();
  }

  private static int groups(GroupNormSpec spec) {
    return spec.batch() * spec.groups();
  }

  /** Runs of all channels of all pictures. */
  private static int tasks(GroupNormSpec spec) {
    return spec.batch() * divideUp(spec.pixels(), RUN) * spec.channels();
  }

  private static Struct struct(GroupNormSpec spec) {
    return new Struct()
        .addAll(spec.pixels(), RUN, divideUp(spec.pixels(), RUN), spec.groups())
        .add(Divisor.of(spec.channels()))
        .add(Divisor.of(spec.groupChannels()))
        .add(spec.silu() ? 1 : 0);
  }
}
