package io.github.pix2pixzero.unet;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Repeatable;
import io.github.pix2pixzero.tensor.backend.StridedSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * What a sampler computes of latents at each of its timesteps. On a backend that records
 * {@linkplain io.github.pix2pixzero.tensor.backend.Backend#repeatable repeatable} work, all
 * launches of a step are replayed as one; on others the steps are computed as they are.
 *
 * <p>For one thread, within one scope.
 */
public final class RepeatedPass implements AutoCloseable {
  private final UNet2DConditionModel unet;
  private final boolean recorded;
  private final Body body;
  private List<Tensor> inputs;
  private List<Tensor> outputs;
  private Repeatable work;

  /** What is computed: the same operations at every timestep. */
  @FunctionalInterface
  public interface Body {
    /**
     * @param latents of the same shapes at every timestep
     * @param timestep as {@link UNet2DConditionModel#timestep}
     * @return in the current scope
     */
    List<Tensor> compute(List<Tensor> latents, Tensor timestep);
  }

  /**
   * @param recorded whether the body may be recorded: it copies nothing to or from the host, and
   *     nothing but its arguments differs from one timestep to the next
   */
  public RepeatedPass(UNet2DConditionModel unet, boolean recorded, Body body) {
    this.unet = unet;
    this.recorded = recorded;
    this.body = body;
  }

  /** What the body computes, in the caller's scope. */
  public List<Tensor> at(int timestep, Tensor... latents) {
    List<Tensor> given = new ArrayList<>(List.of(latents));
    given.add(unet.timestep(timestep));
    if (inputs == null && recorded) {
      work = given.get(0).backend().repeatable(this::compute).orElse(null);
    }
    if (work == null) {
      return body.compute(List.of(latents), given.get(latents.length));
    }
    if (inputs == null) {
      inputs = given.stream().map(RepeatedPass::fixed).toList();
    }
    for (int i = 0; i < inputs.size(); i++) {
      checkArgument(
          given.get(i).shape().equals(inputs.get(i).shape()),
          "a latent of %s where the steps before had one of %s",
          given.get(i).shape(),
          inputs.get(i).shape());
      overwrite(inputs.get(i), given.get(i));
    }
    work.run();
    return outputs.stream().map(RepeatedPass::copy).toList();
  }

  /** From the inputs' storages to the outputs', which the first call makes. */
  private void compute() {
    try (Scope scope = Scope.open()) {
      int last = inputs.size() - 1;
      List<Tensor> results = body.compute(inputs.subList(0, last), inputs.get(last));
      if (outputs == null) {
        outputs = results.stream().map(RepeatedPass::fixed).toList();
      }
      for (int i = 0; i < outputs.size(); i++) {
        overwrite(outputs.get(i), results.get(i));
      }
    }
  }

  private static Tensor copy(Tensor tensor) {
    Tensor copy = Tensor.empty(tensor.backend(), tensor.shape());
    overwrite(copy, tensor);
    return copy;
  }

  /** A copy that lives until {@link #close}. */
  private static Tensor fixed(Tensor tensor) {
    return Scope.outlive(copy(tensor));
  }

  private static void overwrite(Tensor target, Tensor source) {
    int[] shape = {source.size()};
    int[] strides = {1};
    source
        .backend()
        .copy(new StridedSpec(shape, 0, strides, 0, strides), source.storage(), target.storage());
  }

  @Override
  public void close() {
    if (work != null) {
      work.close();
      inputs.forEach(Scope::release);
      if (outputs != null) {
        outputs.forEach(Scope::release);
      }
    }
  }
}
