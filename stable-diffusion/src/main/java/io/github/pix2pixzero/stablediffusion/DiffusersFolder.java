package io.github.pix2pixzero.stablediffusion;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.github.pix2pixzero.clip.ClipTextConfig;
import io.github.pix2pixzero.clip.ClipTokenizer;
import io.github.pix2pixzero.stablediffusion.Checkpoint.Layout;
import io.github.pix2pixzero.tensor.io.JsonConfig;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.TensorSource;
import io.github.pix2pixzero.unet.UNetConfig;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The layout of diffusers: a folder for each part, with a config and the weights. */
final class DiffusersFolder {
  static final String UNET = "unet";
  static final String VAE = "vae";
  static final String TEXT_ENCODER = "text_encoder";
  static final String TOKENIZER = "tokenizer";
  static final String CONFIG = "/config.json";
  static final String SCHEDULER_CONFIG = "scheduler/scheduler_config.json";
  static final String WEIGHTS = "diffusion_pytorch_model";
  private static final String TEXT_WEIGHTS = "model";

  private static final ImmutableList<String> PARTS =
      ImmutableList.of(UNET + CONFIG, TEXT_ENCODER + CONFIG, SCHEDULER_CONFIG);

  private DiffusersFolder() {}

  /**
   * @throws FileNotFoundException naming the folder and the first part it lacks
   */
  static Checkpoint open(ModelFolder folder, LoadOptions options) throws IOException {
    for (String part : PARTS) {
      require(folder, part, folder.exists(part));
    }
    boolean ownVae = options.vae().isEmpty();
    require(folder, VAE + CONFIG, !ownVae || folder.exists(VAE + CONFIG));
    ModelFolder tokenizerFolder = folder.at(TOKENIZER);
    require(folder, TOKENIZER + "/vocab.json", ClipTokenizer.isIn(tokenizerFolder));
    UNetConfig unet = Configs.unet(folder.json(UNET + CONFIG));
    ClipTextConfig text = Configs.text(folder.json(TEXT_ENCODER + CONFIG));
    JsonConfig scheduler = options.apply(folder.json(SCHEDULER_CONFIG));
    ClipTokenizer tokenizer = ClipTokenizer.load(tokenizerFolder);
    String variant = options.variant().orElse(null);
    List<TensorSource> opened = new ArrayList<>();
    VaeWeights vae;
    try {
      opened.add(folder.at(UNET).weights(WEIGHTS, variant));
      vae =
          ownVae
              ? new VaeWeights(
                  Configs.vae(folder.json(VAE + CONFIG)), folder.at(VAE).weights(WEIGHTS, variant))
              : VaeWeights.open(options.vae().get(), options);
      opened.add(vae.weights());
      opened.add(folder.at(TEXT_ENCODER).weights(TEXT_WEIGHTS, variant));
    } catch (IOException | RuntimeException e) {
      for (TensorSource source : opened) {
        source.close();
      }
      throw e;
    }
    return new Checkpoint(
        folder.toString(),
        Layout.DIFFUSERS,
        unet,
        vae.config(),
        text,
        scheduler,
        tokenizer,
        opened.get(0),
        opened.get(1),
        opened.get(2),
        ImmutableSet.of(),
        ImmutableList.of(),
        ImmutableList.of());
  }

  private static void require(ModelFolder folder, String part, boolean there) throws IOException {
    if (!there) {
      folder.checkLink(part);
      throw new FileNotFoundException(
          "%s is not a diffusers checkpoint: it has no %s%s"
              .formatted(
                  folder,
                  part,
                  Checkpoint.isOfCache(folder.toString()) ? "; is the download complete?" : ""));
    }
  }
}
