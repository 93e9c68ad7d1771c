package io.github.pix2pixzero.spark;

import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.distill.collect.CollectionSettings;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Optional;

/**
 * An edit by a diffusion model.
 *
 * @param setup the model, and options whose caption is that of pictures that have none themselves
 */
public record DiffusionEditor(EditSetup setup) implements PictureEditor {
  @Override
  public String identity() throws IOException {
    Pix2PixZero model = LoadedModels.of(setup);
    model.plan(setup.options()); // says what is wrong
    return CollectionSettings.of(model.model(), setup.options()).toString();
  }

  @Override
  public BufferedImage edit(BufferedImage picture, Optional<String> caption) throws IOException {
    EditOptions.Builder options = setup.options().toBuilder();
    caption.ifPresent(options::caption);
    return LoadedModels.of(setup).edit(picture, options.build()).image();
  }
}
