package io.github.pix2pixzero.picture;

import com.google.common.collect.ImmutableMap;
import com.twelvemonkeys.imageio.plugins.jpeg.JPEGImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.tiff.TIFFImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;
import java.util.function.Supplier;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;

/**
 * The readers of formats that the JDK's do not know, or not all of. The registry finds them by
 * service files, of which a jar that is shaded without merging them has only one.
 */
final class Readers {
  private static final ImmutableMap<Class<? extends ImageReaderSpi>, Supplier<ImageReaderSpi>> ALL =
      ImmutableMap.of(
          JPEGImageReaderSpi.class,
          JPEGImageReaderSpi::new,
          TIFFImageReaderSpi.class,
          TIFFImageReaderSpi::new,
          WebPImageReaderSpi.class,
          WebPImageReaderSpi::new);

  private Readers() {}

  /** Registers those that are not. */
  static void register() {
    IIORegistry registry = IIORegistry.getDefaultInstance();
    ALL.forEach(
        (type, provider) -> {
          if (registry.getServiceProviderByClass(type) == null) {
            registry.registerServiceProvider(provider.get(), ImageReaderSpi.class);
          }
        });
  }
}
