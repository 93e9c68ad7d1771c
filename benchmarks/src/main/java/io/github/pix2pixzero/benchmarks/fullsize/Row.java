package io.github.pix2pixzero.benchmarks.fullsize;

import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.caption.blip.BlipModel;
import io.github.pix2pixzero.caption.blip.BlipPictures;
import io.github.pix2pixzero.caption.blip.SearchOptions;
import io.github.pix2pixzero.clip.ClipModel;
import io.github.pix2pixzero.clip.ClipTextModel;
import io.github.pix2pixzero.evaluation.network.DinoModel;
import io.github.pix2pixzero.evaluation.network.Lpips;
import io.github.pix2pixzero.guidance.CrossAttentionLoss;
import io.github.pix2pixzero.guidance.GuidanceLoss;
import io.github.pix2pixzero.guidance.LossControl;
import io.github.pix2pixzero.guidance.MapRecorder;
import io.github.pix2pixzero.picture.PillowResize;
import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.random.PhiloxGenerator;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import io.github.pix2pixzero.vae.AutoencoderKL;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What is measured. Of the times of a process the first includes the JIT's warm-up. */
enum Row {
  UNET("UNet forward, batch 1", 0.75, 0) {
    @Override
    List<Double> run(Path model, Backend backend) throws IOException {
      UNet2DConditionModel unet = unet(model, backend);
      Tensor latent = normal(backend, 1, 1, 4, 64, 64);
      Tensor context = normal(backend, 2, 1, 77, unet.config().contextWidth());
      return seconds(4, () -> unet.forward(latent, TIMESTEP, context));
    }
  },

  GRADIENT("UNet forward and backward of the attention loss to the latent, batch 2", 0.5, 0.4) {
    @Override
    List<Double> run(Path model, Backend backend) throws IOException {
      UNet2DConditionModel unet = unet(model, backend);
      int width = unet.config().contextWidth();
      GuidanceLoss loss = new CrossAttentionLoss();
      Tensor latent = normal(backend, 1, 2, 4, 64, 64);
      Tensor context = normal(backend, 2, 2, 77, width);
      Tensor edited = normal(backend, 3, 2, 77, width);
      MapRecorder maps = new MapRecorder(loss::wants);
      unet.forward(latent, TIMESTEP, context, maps);
      return seconds(
          3,
          () -> {
            Tensor x = latent.variable();
            LossControl control = new LossControl(loss, maps);
            unet.forward(x, TIMESTEP, edited, control);
            Autograd.grad(control.total(), x);
          });
    }
  },

  DECODE("VAE decode, 64 × 64 to 512 × 512", 1, 0) {
    @Override
    List<Double> run(Path model, Backend backend) throws IOException {
      AutoencoderKL vae = AutoencoderKL.load(ModelFolder.of(model).at("vae"), backend);
      Tensor latent = normal(backend, 1, 1, 4, 64, 64);
      return seconds(3, () -> vae.decode(latent));
    }
  },

  TEXT("text encoder, 100 sentences", 1, 0) {
    @Override
    List<Double> run(Path model, Backend backend) throws IOException {
      ClipTextModel text = ClipTextModel.load(ModelFolder.of(model).at("text_encoder"), backend);
      int[][] ids = new int[100][77];
      for (int i = 0; i < 100 * 77; i++) {
        ids[i / 77][i % 77] = i % 40_000 + 1;
      }
      return seconds(3, () -> text.forward(ids));
    }
  },

  FIRST("UNet from disk to the first forward", 1, 0) {
    @Override
    List<Double> run(Path model, Backend backend) throws IOException {
      return seconds(
          1,
          () -> {
            UNet2DConditionModel unet = unet(model, backend);
            Tensor context = normal(backend, 2, 1, 77, unet.config().contextWidth());
            unet.forward(normal(backend, 1, 1, 4, 64, 64), TIMESTEP, context);
          });
    }
  },

  EDIT("whole edit of a picture of 512 × 512, 2 + 2 steps", 0, 0) {
    @Override
    List<Double> run(Path model, Backend backend) throws IOException {
      EditOptions options =
          EditOptions.builder()
              .from("cat")
              .to("dog")
              .caption("a photo of a cat in the snow")
              .steps(2)
              .build();
      return seconds(1, () -> Pix2PixZero.load(model, backend).edit(picture(), options));
    }
  },

  CAPTION("caption of a picture by BLIP, 3 beams to 30 tokens", Kind.BLIP, 1, 0) {
    @Override
    List<Double> run(Path model, Backend backend) throws IOException {
      BlipModel blip = BlipModel.load(ModelFolder.of(model), backend);
      BlipPictures pictures = BlipPictures.load(ModelFolder.of(model));
      return seconds(
          3,
          () ->
              blip.generate(
                  pictures.toTensor(picture(), backend), PICTURE_OF, SearchOptions.PUBLISHED));
    }
  },

  EMBEDDING("CLIP L/14, embeddings of a picture and a text", Kind.CLIP, 1, 0) {
    @Override
    List<Double> run(Path model, Backend backend) throws IOException {
      ClipModel clip = ClipModel.load(ModelFolder.of(model), backend);
      Tensor pixels = normal(backend, 1, 1, 224, 224, 3);
      return seconds(
          4,
          () -> {
            clip.embedPictures(pixels).toFloats();
            clip.embedTexts(List.of("a photo of a cat")).toFloats();
          });
    }
  },

  STRUCTURE("DINO B/8, keys of a picture of 224 × 224", Kind.DINO, 1, 0) {
    @Override
    List<Double> run(Path model, Backend backend) throws IOException {
      DinoModel dino = DinoModel.load(ModelFolder.of(model), backend);
      Tensor pixels = normal(backend, 1, 1, 224, 224, 3);
      return seconds(4, () -> dino.keys(pixels, DinoModel.Positions.DINO).toFloats());
    }
  },

  LPIPS("LPIPS with VGG16 of two pictures of 512 × 512", Kind.VGG, 1, 0) {
    @Override
    List<Double> run(Path model, Backend backend) throws IOException {
      try (SafetensorsFile features = SafetensorsFile.open(model.resolve("vgg16.safetensors"));
          SafetensorsFile heads = SafetensorsFile.open(model.resolve("lpips-vgg.safetensors"))) {
        Lpips lpips = Lpips.load(features, heads, backend);
        BufferedImage other = PillowResize.BILINEAR.resize(picture(), 512, 512);
        return seconds(3, () -> lpips.distance(picture(), other, null, Lpips.Normalization.LPIPS));
      }
    }
  };

  private static final int TIMESTEP = 501;

  /** "a picture of", as BLIP's sentences begin. */
  private static final int[] PICTURE_OF = {30_522, 1037, 3861, 1997};

  /** What it is called in the table. */
  final String title;

  /** What models have it. */
  final Kind kind;

  /** The target for ours ÷ PyTorch's time; 0 if there is none. */
  final double time;

  /** The target for ours ÷ PyTorch's peak of memory; 0 if there is none. */
  final double memory;

  Row(String title, double time, double memory) {
    this(title, Kind.DIFFUSION, time, memory);
  }

  Row(String title, Kind kind, double time, double memory) {
    this.title = title;
    this.kind = kind;
    this.time = time;
    this.memory = memory;
  }

  /**
   * Measures.
   *
   * @return seconds of each repetition
   */
  abstract List<Double> run(Path model, Backend backend) throws IOException;

  /**
   * The row of a word on the command line.
   *
   * @throws IllegalArgumentException if there is none
   */
  static Row of(String word) {
    return Arrays.stream(values())
        .filter(row -> row.word().equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "full-size has the rows %s, not %s"
                        .formatted(Arrays.stream(values()).map(Row::word).toList(), word)));
  }

  /** As on the command line. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether PyTorch has this row too. */
  boolean hasPeer() {
    return this != EDIT;
  }

  private static UNet2DConditionModel unet(Path model, Backend backend) throws IOException {
    return UNet2DConditionModel.load(ModelFolder.of(model).at("unet"), backend);
  }

  private static Tensor normal(Backend backend, long seed, int... dims) {
    float[] values = new float[Shape.of(dims).size()];
    new PhiloxGenerator(seed).fillNormal(values, 0, values.length);
    return Tensor.of(backend, values, dims);
  }

  /** Any picture of 512 × 512. */
  static BufferedImage picture() {
    BufferedImage picture = new BufferedImage(512, 512, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = picture.createGraphics();
    graphics.setPaint(new GradientPaint(0, 0, Color.ORANGE, 512, 512, Color.BLUE));
    graphics.fillRect(0, 0, 512, 512);
    graphics.dispose();
    return picture;
  }

  private interface Work {
    void run() throws IOException;
  }

  private static List<Double> seconds(int repetitions, Work work) throws IOException {
    List<Double> seconds = new ArrayList<>();
    for (int i = 0; i < repetitions; i++) {
      long start = System.nanoTime();
      try (Scope scope = Scope.open()) {
        work.run();
      }
      seconds.add((System.nanoTime() - start) / 1e9);
    }
    return seconds;
  }
}
