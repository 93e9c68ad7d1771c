package io.github.pix2pixzero.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.common.collect.ImmutableMap;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PngTextsTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"a cat\nSteps: 20, Seed: 0", "", "café", "猫 to 犬 \ud83d\udc36"})
  void readsBackWhatItWrites(String text) throws IOException {
    ImmutableMap<String, String> texts =
        ImmutableMap.of(PngTexts.PARAMETERS, text, "Comment", "of another kind");
    Path file = folder.resolve("out.png");
    PictureFiles.write(picture(), file, texts);
    assertThat(PngTexts.read(file)).isEqualTo(texts);
    assertThat(PictureFiles.read(file).getRGB(1, 1) & 0xffffff).isEqualTo(0x336699);
  }

  /**
   * A chunk that is of no use must not keep the texts from being read, as it does not the pixels.
   */
  @Test
  void transparencyBesideAlphaDoesNoHarm() throws IOException {
    Path odd = Path.of("src", "test", "resources", "pictures", "disputed", "p_trns_rgba.png");
    assertThat(PngTexts.read(odd)).isEmpty();
    assertThat(PngTexts.read(Files.readAllBytes(odd))).isEmpty();
  }

  /** As a server has them, which touches no disk. */
  @Test
  void picturesAndTextsComeFromMemoryAndGoToStreams() throws IOException {
    ImmutableMap<String, String> texts = ImmutableMap.of(PngTexts.PARAMETERS, "猫");
    Path file = folder.resolve("out.png");
    PictureFiles.write(picture(), file, texts);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PictureFiles.write(picture(), "PNG", texts, out);
    byte[] png = out.toByteArray();
    assertThat(png).isEqualTo(Files.readAllBytes(file));
    assertThat(PngTexts.read(png)).isEqualTo(texts);
    assertThat(PictureFiles.read(png).getRGB(1, 1) & 0xffffff).isEqualTo(0x336699);
    assertThat(PictureFiles.read(new ByteArrayInputStream(png)).getRGB(1, 1) & 0xffffff)
        .isEqualTo(0x336699);
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> PictureFiles.read(Arrays.copyOf(png, png.length / 2)))
        .withMessageStartingWith("what was given is damaged or cut short: ");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> PictureFiles.read(new byte[] {1, 2, 3}))
        .withMessageStartingWith("what was given is not a picture (PNG, ");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> PictureFiles.write(picture(), "webp", texts, out))
        .withMessageEndingWith(", it is webp");
  }

  /** Chunks tEXt, zTXt and iTXt, plain and compressed. */
  @Test
  void readsWhatPillowWrote() throws IOException {
    Path file = folder.resolve("texts.png");
    try (InputStream in = PngTextsTest.class.getResourceAsStream("/pictures/texts.png")) {
      Files.copy(in, file);
    }
    assertThat(PngTexts.read(file))
        .containsOnly(
            Map.entry("parameters", "a cat, é\nSteps: 20"),
            Map.entry("packed", "p".repeat(200)),
            Map.entry("international", "猫"),
            Map.entry("both", "犬".repeat(200)));
  }

  @Test
  void plainTextIsLatin() throws IOException {
    Path file = folder.resolve("out.png");
    PictureFiles.write(picture(), file, ImmutableMap.of(PngTexts.PARAMETERS, "café"));
    assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
        .contains("tEXtparameters\0café");
  }

  @ParameterizedTest
  @ValueSource(strings = {"out.jpg", "out.bmp", "out.tiff", "out.png"})
  void pictureWithoutTextsHasNone(String name) throws IOException {
    Path file = folder.resolve(name);
    boolean png = name.endsWith("png");
    PictureFiles.write(
        picture(), file, png ? ImmutableMap.of() : ImmutableMap.of(PngTexts.PARAMETERS, "lost"));
    assertThat(PngTexts.read(file)).isEmpty();
  }

  @Test
  void refusesDamage() throws IOException {
    Path file = folder.resolve("out.png");
    PictureFiles.write(picture(), file);
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 20));
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> PngTexts.read(file))
        .withMessageStartingWith(file + " is damaged: ");
  }

  private static BufferedImage picture() {
    BufferedImage picture = new BufferedImage(3, 2, BufferedImage.TYPE_INT_RGB);
    picture.setRGB(1, 1, 0x336699);
    return picture;
  }
}
