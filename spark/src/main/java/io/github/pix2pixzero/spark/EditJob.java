package io.github.pix2pixzero.spark;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import io.github.pix2pixzero.distill.collect.CollectionFiles;
import io.github.pix2pixzero.picture.PictureFiles;
import io.github.pix2pixzero.spark.PictureResult.Outcome;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Edits of many pictures. A result is called after its picture and a hash of all that it is made
 * of, {@code cat-0123456789abcdef.png}: another run makes what is missing, and other edits, or
 * other pictures of the same name, take nothing's place.
 */
public final class EditJob {
  private static final int DIGITS = 16;

  private EditJob() {}

  /**
   * Edits pictures.
   *
   * @param inputs files, folders and patterns, of any file system that Hadoop knows
   * @param output folder of the results, likewise
   * @throws IOException if an input is not there. What cannot be read or edited of a picture alone
   *     is in the report
   */
  public static JobReport run(
      JavaSparkContext spark, List<String> inputs, String output, PictureEditor editor)
      throws IOException {
    return PictureJob.run(spark, inputs, new Editing(editor, output));
  }

  private record Editing(PictureEditor editor, String output) implements PictureJob.Work {
    @Override
    public PictureJob.Task begin(Configuration configuration) throws IOException {
      CollectionFiles results = new HadoopFiles(output, configuration);
      String identity = editor.identity();
      return picture -> edit(picture, identity, results);
    }

    private PictureResult edit(HadoopPicture picture, String identity, CollectionFiles results)
        throws IOException {
      String id = "";
      String name;
      byte[] png;
      try {
        Optional<String> caption = picture.caption();
        byte[] source = picture.identity();
        id = id(identity, caption, source);
        name = picture.stem() + "-" + id + ".png";
        if (results.size(name).isPresent()) {
          return new PictureResult(picture.uri(), id, Outcome.KNOWN, "");
        }
        BufferedImage before = PictureFiles.read(new ByteArrayInputStream(source));
        png = png(editor.edit(before, caption));
      } catch (IOException | IllegalArgumentException | ArithmeticException e) {
        return new PictureResult(picture.uri(), id, Outcome.FAILED, String.valueOf(e.getMessage()));
      }
      results.write(name, png);
      return new PictureResult(picture.uri(), id, Outcome.MADE, "");
    }

    private static byte[] png(BufferedImage picture) throws IOException {
      ByteArrayOutputStream png = new ByteArrayOutputStream();
      PictureFiles.write(picture, "png", Map.of(), png);
      return png.toByteArray();
    }

    private static String id(String identity, Optional<String> caption, byte[] source) {
      Hasher hasher = Hashing.sha256().newHasher();
      for (String text : new String[] {identity, caption.orElse("")}) {
        hasher.putInt(text.length()).putString(text, StandardCharsets.UTF_8);
      }
      return hasher.putBytes(source).hash().toString().substring(0, DIGITS);
    }
  }
}
