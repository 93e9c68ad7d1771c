package io.github.pix2pixzero.langchain4j;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import dev.langchain4j.data.image.Image;
import dev.langchain4j.model.image.ImageModel;
import dev.langchain4j.model.output.Response;
import io.github.pix2pixzero.Edit;
import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.EditPrompt;
import io.github.pix2pixzero.GenerateOptions;
import io.github.pix2pixzero.Generation;
import io.github.pix2pixzero.PictureParameters;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.ProgressListener;
import io.github.pix2pixzero.picture.PictureFiles;
import io.github.pix2pixzero.picture.Transparency;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * An image model of LangChain4j that runs in this JVM, and edits.
 *
 * <pre>{@code
 * ImageModel model = Pix2PixZeroImageModel.of(Pix2PixZero.load(Path.of("stable-diffusion-v1-5")));
 * Image dog = model.edit(cat, "cat -> dog").content();
 * }</pre>
 *
 * <p>Pictures are given and come back as base64; the prompts of edits are those of {@link
 * EditPrompt}. No address is fetched. May be used by any number of threads.
 */
public final class Pix2PixZeroImageModel implements ImageModel {
  private static final String PNG = "image/png";

  private final Pix2PixZero model;
  private final EditOptions edits;
  private final GenerateOptions generations;

  private Pix2PixZeroImageModel(Pix2PixZero model, EditOptions edits, GenerateOptions generations) {
    this.model = checkNotNull(model, "model");
    this.edits = checkNotNull(edits, "options of edits");
    this.generations = checkNotNull(generations, "options of generations");
  }

  /** An image model with this project's default options. */
  public static Pix2PixZeroImageModel of(Pix2PixZero model) {
    return new Pix2PixZeroImageModel(
        model, EditOptions.builder().build(), GenerateOptions.builder().build());
  }

  /**
   * The same with other options of edits.
   *
   * @param options whose words, captions and mask come from the calls instead, but for the caption:
   *     where there is one, it is that of every picture
   */
  public Pix2PixZeroImageModel withEdits(EditOptions options) {
    return new Pix2PixZeroImageModel(model, options, generations);
  }

  /** The same with other options of generated pictures; their seed is that of the first. */
  public Pix2PixZeroImageModel withGenerations(GenerateOptions options) {
    return new Pix2PixZeroImageModel(model, edits, options);
  }

  @Override
  public Response<Image> generate(String prompt) {
    return Response.from(generated(prompt, 0));
  }

  /** Pictures of consecutive seeds. */
  @Override
  public Response<List<Image>> generate(String prompt, int n) {
    checkArgument(n >= 1, "the number of pictures should be 1 or more, it is %s", n);
    List<Image> images = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      images.add(generated(prompt, i));
    }
    return Response.from(images);
  }

  private Image generated(String prompt, int index) {
    GenerateOptions options = generations.toBuilder().seed(generations.seed() + index).build();
    Generation made = model.generate(prompt, options, ProgressListener.NONE);
    return image(made.image(), made.parameters(), prompt);
  }

  /**
   * Edits a picture.
   *
   * @throws IllegalArgumentException if it is given as an address, is no picture, or the prompt
   *     asks for nothing that can be done
   */
  @Override
  public Response<Image> edit(Image image, String prompt) {
    return Response.from(edited(image, Optional.empty(), prompt));
  }

  /**
   * Edits a picture where a mask says so.
   *
   * @param mask of the same size: transparent where the picture may change, as with OpenAI's
   *     models, or, if nothing of it is transparent, white
   * @throws IllegalArgumentException as without a mask, or if that has another size
   */
  @Override
  public Response<Image> edit(Image image, Image mask, String prompt) {
    return Response.from(edited(image, Optional.of(mask(mask)), prompt));
  }

  private Image edited(Image image, Optional<BufferedImage> mask, String prompt) {
    EditOptions.Builder builder =
        EditPrompt.parse(prompt).applyTo(edits.toBuilder(), edits.caption());
    mask.ifPresent(builder::mask);
    EditOptions options = builder.build();
    Edit edit = model.edit(picture("image", image, Color.WHITE), options, ProgressListener.NONE);
    return image(
        edit.imageAtSourceSize(), edit.parameters(), EditPrompt.understood(edit.plan(), options));
  }

  private static BufferedImage mask(Image mask) {
    BufferedImage onWhite = picture("mask", mask, Color.WHITE);
    return Transparency.of(onWhite, picture("mask", mask, Color.BLACK)).orElse(onWhite);
  }

  private static BufferedImage picture(String name, Image image, Color background) {
    checkArgument(
        image.base64Data() != null,
        "the %s should be given as base64; no address is fetched",
        name);
    try {
      byte[] bytes = Base64.getDecoder().decode(image.base64Data());
      return PictureFiles.read(new ByteArrayInputStream(bytes), background);
    } catch (IOException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
  }

  private static Image image(
      BufferedImage picture, PictureParameters parameters, String understood) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      PictureFiles.write(picture, "png", parameters.texts(), out);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return Image.builder()
        .base64Data(Base64.getEncoder().encodeToString(out.toByteArray()))
        .mimeType(PNG)
        .revisedPrompt(understood)
        .build();
  }
}
