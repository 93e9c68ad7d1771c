package io.github.pix2pixzero.server.internal.api;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.EditPrompt;
import io.github.pix2pixzero.guidance.BesideTrajectory;
import io.github.pix2pixzero.picture.PictureFit;
import io.github.pix2pixzero.server.internal.edits.EditSettings;
import io.github.pix2pixzero.server.internal.http.Fields;
import io.github.pix2pixzero.server.internal.http.Refusal;
import java.awt.image.BufferedImage;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.UUID;

/** What the parameters of AUTOMATIC1111's requests mean here. */
final class SdRequest {
  static final String SAMPLER = "DDIM";

  /** Clients send it whether their user has touched it or not. */
  private static final double DEFAULT_DENOISING = 0.75;

  static final int GENERATING = 50; // of their default of 20 steps, other samplers make as much
  private static final int PREVIEWS = 5;

  private SdRequest() {}

  /** What requests for edits and for new pictures share. */
  record Common(
      Optional<String> negativePrompt,
      int steps,
      OptionalDouble guidanceScale,
      long seed,
      int count) {}

  static Common common(Fields fields, int usualSteps) {
    ImmutableList<String> samplers = ImmutableList.of(SAMPLER, "ddim");
    fields.choice("sampler_name", SAMPLER, samplers);
    fields.choice("sampler_index", SAMPLER, samplers);
    int batch = fields.integer("batch_size", 1, EditSettings.MOST_PICTURES).orElse(1);
    int times = fields.integer("n_iter", 1, EditSettings.MOST_PICTURES).orElse(1);
    if (batch * times > EditSettings.MOST_PICTURES) {
      throw Refusal.of(
          "n_iter", "times batch_size should be no more than " + EditSettings.MOST_PICTURES);
    }
    OptionalLong seed = fields.whole("seed", -1, EditSettings.MOST_SEED);
    return new Common(
        fields.text("negative_prompt"),
        fields.integer("steps", 1, EditSettings.MOST_STEPS).orElse(usualSteps),
        fields.number("cfg_scale", 0, 100),
        seed.orElse(-1) < 0 ? anySeed() : seed.getAsLong(),
        batch * times);
  }

  /** The answer says which it was. */
  private static long anySeed() {
    return UUID.randomUUID().getLeastSignificantBits() & 0xffff_ffffL;
  }

  /**
   * An edit. Their {@code denoising_strength} says how far it goes: 0 not at all, their default of
   * 0.75 as far as this project's default.
   */
  static EditSettings edit(Fields fields, Optional<BufferedImage> mask) {
    Common common = common(fields, EditSettings.usualSteps(BesideTrajectory.NAME));
    String prompt = fields.text("prompt").orElseThrow(() -> Refusal.of("prompt", "is missing"));
    double denoising = fields.number("denoising_strength", 0, 1).orElse(DEFAULT_DENOISING);
    fields.neutral("mask_blur", 0, 4);
    fields.neutral("mask_blur_x", 0, 4);
    fields.neutral("mask_blur_y", 0, 4);
    fields.neutral("inpainting_mask_invert", 0, false);
    fields.neutral("inpainting_fill", 1);
    fields.neutral("inpaint_full_res", false, 0);
    fields.neutral("inpaint_full_res_padding", 0, 32);
    fields.neutral("initial_noise_multiplier", 1);
    fields.neutral("image_cfg_scale", 1.5);
    fields.neutral("latent_mask");
    return new EditSettings(
        EditPrompt.parse(prompt),
        fields.text("caption"),
        common.negativePrompt(),
        BesideTrajectory.NAME,
        denoising / DEFAULT_DENOISING,
        common.guidanceScale(),
        OptionalDouble.empty(),
        common.steps(),
        common.seed(),
        common.count(),
        fit(fields),
        mask);
  }

  /** Their resize modes: stretched, cut, filled up. */
  private static PictureFit.Policy fit(Fields fields) {
    return switch (fields.integer("resize_mode", 0, 2).orElse(1)) {
      case 0 -> PictureFit.Policy.RESIZE;
      case 2 -> PictureFit.Policy.PAD;
      default -> PictureFit.Policy.CROP;
    };
  }

  /** Edits have the size of their picture; other sizes are refused. */
  static void checkSize(Fields fields, BufferedImage image) {
    int width = fields.integer("width", 1, 1 << 14).orElse(image.getWidth());
    int height = fields.integer("height", 1, 1 << 14).orElse(image.getHeight());
    if (width != image.getWidth() || height != image.getHeight()) {
      throw Refusal.of(
          width == image.getWidth() ? "height" : "width",
          "should be that of the picture, which is %s x %s"
              .formatted(image.getWidth(), image.getHeight()));
    }
  }

  /** What is only of use to the second pass over a new picture, which there is none of. */
  static void checkSecondPass(Fields fields) {
    fields.neutral("denoising_strength", 0, DEFAULT_DENOISING, 0.7);
    fields.neutral("firstphase_width", 0);
    fields.neutral("firstphase_height", 0);
  }

  /** Accepts what changes nothing, and refuses everything else. */
  static void checkRest(Fields fields, String model) {
    fields.neutral("send_images", true);
    fields.neutral("save_images", true, false); // kept for a while, and never on disk
    fields.neutral("do_not_save_samples", true, false);
    fields.neutral("do_not_save_grid", true, false);
    fields.neutral("override_settings_restore_afterwards", true, false);
    fields.neutral("restore_faces", false);
    fields.neutral("tiling", false);
    fields.neutral("enable_hr", false);
    fields.neutral("hr_scale", 1, 2); // of use with enable_hr alone
    fields.neutral("hr_upscaler", "None", "Latent");
    fields.neutral("hr_second_pass_steps", 0);
    fields.neutral("hr_additional_modules", "Use same choices");
    fields.neutral("scheduler", "automatic");
    fields.neutral("styles");
    fields.neutral("subseed", -1, 0);
    fields.neutral("subseed_strength", 0);
    fields.neutral("seed_resize_from_h", -1, 0);
    fields.neutral("seed_resize_from_w", -1, 0);
    fields.neutral("eta", 0);
    fields.neutral("s_churn", 0);
    fields.neutral("s_noise", 1);
    fields.neutral("s_tmin", 0);
    fields.neutral("s_tmax", 0);
    fields.neutral("s_min_uncond", 0);
    fields.neutral("clip_skip", 1);
    fields.neutral("script_name", "None");
    fields.neutral("script_args");
    fields.neutral("alwayson_scripts");
    fields.text("url"); // SillyTavern passes on how it has found this server
    fields.text("auth");
    Fields overrides = fields.within("override_settings");
    overrides.neutral("sd_model_checkpoint", model);
    overrides.neutral("CLIP_stop_at_last_layers", 1);
    overrides.neutral("sd_vae", "Automatic", "None");
    overrides.refuseOthers();
    fields.refuseOthers();
  }

  static int previewEvery(int steps) {
    return Math.max(1, steps / PREVIEWS);
  }
}
