package io.github.pix2pixzero.stablediffusion;

import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import io.github.pix2pixzero.tensor.io.StoredType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Single files as people publish them beside the usual form. */
final class RearrangedFiles {
  private static final String MODEL = "model.";
  private static final String UNET = "model.diffusion_model.";
  private static final String VAE = "first_stage_model.";

  private RearrangedFiles() {}

  /**
   * Writes a single file anew.
   *
   * @param layout the part after {@code single-} says how
   * @param vae diffusers' folder of the autoencoder in it
   */
  static Path of(Path file, String layout, Path vae) throws IOException {
    switch (layout) {
      case "single-ema", "single-prefixes", "single-vae-file", "single-vae-folder" -> {
        SafetensorsWriter writer = new SafetensorsWriter();
        SafetensorsWriter apart = new SafetensorsWriter();
        try (SafetensorsFile whole = SafetensorsFile.open(file)) {
          for (String name : whole.names()) {
            boolean away = layout.startsWith("single-vae") && name.startsWith(VAE);
            (away ? apart : writer)
                .addBytes(
                    away ? name.substring(VAE.length()) : renamed(name, layout),
                    whole.entry(name).type(),
                    whole.entry(name).shape(),
                    whole.readBytes(name));
          }
          Path target = file.resolveSibling(layout + "-new.safetensors");
          writer.write(target);
          Path own = file.resolveSibling("vae.safetensors");
          if (layout.equals("single-vae-file")) {
            apart.write(own);
          } else if (layout.equals("single-vae-folder")) {
            Files.createSymbolicLink(own, vae.toAbsolutePath());
          }
          return target;
        }
      }
      case "single-ckpt" -> {
        Path target = file.resolveSibling("model.ckpt");
        writeCheckpoint(file, target, 470_000);
        return target;
      }
      default -> {
        return file;
      }
    }
  }

  private static String renamed(String name, String layout) {
    return switch (layout) {
      case "single-ema" ->
          name.startsWith(UNET)
              ? "model_ema." + name.substring(MODEL.length()).replace(".", "")
              : name;
      case "single-prefixes" -> (name.startsWith(UNET) ? "state_dict." : "module.") + name;
      default -> name;
    };
  }

  /**
   * As {@code torch.save({"global_step": …, "state_dict": OrderedDict(…)})} would, of float32
   * tensors.
   */
  static void writeCheckpoint(Path from, Path to, int globalStep) throws IOException {
    Pickle pickle = new Pickle();
    try (SafetensorsFile file = SafetensorsFile.open(from);
        ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(to))) {
      pickle.ops("\u0080\2}").text("global_step").number(globalStep).ops("s");
      pickle.text("state_dict").ops("ccollections\nOrderedDict\n)R(");
      int key = 0;
      for (String name : file.names()) {
        SafetensorsFile.Entry entry = file.entry(name);
        if (entry.type() != StoredType.F32) {
          continue;
        }
        pickle.text(name).ops("ctorch._utils\n_rebuild_tensor_v2\n((");
        pickle.text("storage").ops("ctorch\nFloatStorage\n").text("" + key).text("cpu");
        pickle.number(entry.elementCount()).ops("tQK\0(");
        long stride = entry.elementCount();
        Pickle strides = new Pickle();
        for (long size : entry.shape()) {
          pickle.number(size);
          stride /= size;
          strides.number(stride);
        }
        pickle.ops("t(").append(strides).ops("t\u0089ccollections\nOrderedDict\n)RtR");
        byte[] bytes = new byte[(int) entry.byteSize()];
        file.readBytes(name).get(bytes);
        store(zip, "archive/data/" + key++, bytes);
      }
      store(zip, "archive/data.pkl", pickle.ops("us.").bytes.toByteArray());
    }
  }

  private static void store(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    CRC32 crc = new CRC32();
    crc.update(bytes);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(bytes.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(bytes);
  }

  private static final class Pickle {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Pickle ops(String characters) {
      bytes.writeBytes(characters.getBytes(StandardCharsets.ISO_8859_1));
      return this;
    }

    Pickle text(String text) {
      return ops("X").number32(text.length()).ops(text);
    }

    Pickle number(long number) {
      return ops("J").number32((int) number);
    }

    Pickle append(Pickle other) {
      bytes.writeBytes(other.bytes.toByteArray());
      return this;
    }

    private Pickle number32(int number) {
      ByteBuffer little = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(number);
      bytes.writeBytes(little.array());
      return this;
    }
  }
}
