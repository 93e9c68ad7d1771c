package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.AttentionMaps;
import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.Inversion;
import io.github.pix2pixzero.InversionFile;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.picture.ContactSheet;
import io.github.pix2pixzero.picture.FittedPicture;
import io.github.pix2pixzero.picture.HeatMap;
import io.github.pix2pixzero.picture.PictureFiles;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pix2pix-zero attention}: shows where each word of a caption looks. */
@Command(
    name = "attention",
    description = "Shows where in a picture each word of its caption looks.",
    customSynopsis = {
      "pix2pix-zero attention INPUT -o SHEET --caption TEXT [OPTION...]",
      "pix2pix-zero attention --inversion FILE -o SHEET [OPTION...]"
    },
    footerHeading = "%nExamples, which run in the folder of the sources:%n",
    footer = {
      "  ./pix2pix-zero attention toy-world/examples/cat.png -o words.png \\",
      "      --caption \"a photo of a cat in the snow\" --output-dir words"
    })
final class AttentionCommand extends ModelCommand {
  /**
   * Characters of a word that the name of its overlay has: of four bytes each, they fit any disk.
   */
  private static final int NAMED = 32;

  private static final Pattern OVERLAY = Pattern.compile("\\d+-.*\\.png");

  @Parameters(paramLabel = "INPUT", arity = "0..1", description = "Picture to look at.")
  private Path input;

  @Option(
      names = {"-o", "--output"},
      order = 1,
      required = true,
      paramLabel = "SHEET",
      description = "Contact sheet to write: the picture, then one tile a word.")
  private Path output;

  @Option(
      names = "--output-dir",
      order = 2,
      paramLabel = "DIR",
      description = "Folder to write each word's overlay into as well, as 1-a.png, 2-cat.png ...")
  private Path folder;

  @Option(
      names = "--inversion",
      order = 3,
      paramLabel = "FILE",
      description = "Instead of INPUT: what 'invert' or 'generate' has saved.")
  private Path inversionFile;

  @Mixin private InversionOptions inverted;

  @Mixin private PictureOptions pictures;

  AttentionCommand(CommandProgress progress) {
    super(progress);
  }

  @Override
  void checkUsage() {
    require((input == null) != (inversionFile == null), "give either an INPUT or --inversion, one");
    require(
        input != null || !inverted.areGiven(),
        "--caption, --captioner and --steps do not go with --inversion, which has its own");
    inverted.checkUsage(this);
    require(
        PictureFiles.isWritableName(output),
        "SHEET should be a .png, .jpg, .bmp or .tiff, it is " + output);
    pictures.checkUsage(this);
  }

  @Override
  FilesInUse files(FilesInUse files) {
    return files
        .reads("INPUT", input)
        .reads("--inversion", inversionFile)
        .writes("--output", output)
        .writesInto("--output-dir", folder, OVERLAY);
  }

  @Override
  int run(Backend backend) throws IOException {
    require(
        input == null || inverted.haveCaption(),
        "INPUT needs --caption or --captioner: the caption's words are looked at");
    EditOptions.Builder builder =
        options(
            () -> {
              EditOptions.Builder words = EditOptions.builder().fit(pictures.fit());
              inverted.applyTo(words);
              return words;
            });
    Results.check(output);
    if (folder != null) {
      Results.prepareFolder(folder);
    }
    BufferedImage picture = input == null ? null : pictures.read(input);
    if (picture != null) {
      builder.caption(inverted.caption(input, picture, backend, this).orElseThrow());
    }
    Pix2PixZero model = load(backend);
    Inversion inversion =
        picture == null
            ? InversionFile.read(inversionFile, backend)
            : model.invert(picture, builder.build(), progress);
    AttentionMaps maps = model.attention(inversion, progress);
    progress.close();
    BufferedImage seen =
        inversion
            .picture()
            .map(FittedPicture::picture)
            .orElseGet(() -> model.decode(inversion.encoded()));
    write(seen, maps);
    say("wrote %s, words: %s".formatted(output, String.join(", ", maps.words().keySet())));
    return 0;
  }

  private void write(BufferedImage seen, AttentionMaps maps) throws IOException {
    List<ContactSheet.Tile> tiles = new ArrayList<>();
    tiles.add(new ContactSheet.Tile("picture", seen));
    Map<Path, BufferedImage> overlays = new LinkedHashMap<>();
    for (String word : maps.words().keySet()) {
      BufferedImage overlay = HeatMap.overlay(seen, maps.heat(word), maps.width(), maps.height());
      if (folder != null) {
        overlays.put(folder.resolve(tiles.size() + "-" + shortened(word) + ".png"), overlay);
      }
      tiles.add(new ContactSheet.Tile(word, overlay));
    }
    BufferedImage sheet = ContactSheet.of(tiles);
    Results.write(
        output,
        () -> {
          for (Map.Entry<Path, BufferedImage> overlay : overlays.entrySet()) {
            PictureFiles.write(overlay.getValue(), overlay.getKey());
          }
          PictureFiles.write(sheet, output);
        });
  }

  private static String shortened(String word) {
    return word.codePointCount(0, word.length()) <= NAMED
        ? word
        : word.substring(0, word.offsetByCodePoints(0, NAMED));
  }
}
