package io.github.pix2pixzero.tensor.io;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pickles written by hand, one character a byte. */
class HostileTorchFileTest {
  private static final String REBUILD = "\u0080\2ctorch._utils\n_rebuild_tensor_v2\n";
  private static final String STORAGE =
      "(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0" + "0X\3\0\0\0cpuK\6tQ";
  private static final String HOOKS = "\u0089ccollections\nOrderedDict\n)R";

  @TempDir Path folder;

  /** A tensor of six floats; {@code where} pushes offset, shape and strides. */
  private static String tensor(String where) {
    return REBUILD + "(" + STORAGE + where + HOOKS + "tR.";
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

  private Path file(String pickle, int storageBytes, String byteOrder) throws IOException {
    Path file = folder.resolve("hostile.pt");
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      store(zip, "a/data.pkl", pickle.getBytes(ISO_8859_1));
      store(zip, "a/data/0", new byte[storageBytes]);
      store(zip, "a/byteorder", byteOrder.getBytes(ISO_8859_1));
    }
    return file;
  }

  private void assertRefused(String pickle, String reason) throws IOException {
    assertRefused(file(pickle, 24, "little"), reason);
  }

  private static void assertRefused(Path file, String reason) {
    assertThatIOException()
        .isThrownBy(() -> TorchTensor.read(file))
        .withMessageContaining("hostile.pt")
        .withMessageContaining(reason);
  }

  @Test
  void honestPicklesPass() throws IOException {
    assertThat(TorchTensor.read(file(tensor("K\0K\2K\3\u0086K\3K\1\u0086"), 24, "little")).shape())
        .containsExactly(2, 3);
    assertThat(TorchTensor.read(file(tensor("K\5))"), 24, "little")).toFloats())
        .containsExactly(0f);
  }

  @Test
  void code() throws IOException {
    assertRefused("\u0080\2cos\nsystem\nX\1\0\0\0x\u0085R.", "names os.system");
    assertRefused("\u0080\4\u008c\5posix\u008c\6system\u0093.", "names posix.system");
    assertRefused("\u0080\2ctorch\nLongStorage\n.", "names torch.LongStorage");
    assertRefused("ccollections\nOrderedDict\nK\1\u0085R.", "collections.OrderedDict");
    assertRefused("ctorch\nFloatStorage\n)R.", "calls torch.FloatStorage");
    assertRefused(REBUILD + ")R.", "calls torch._utils._rebuild_tensor_v2");
    assertRefused("(cos\nsystem\no.", "names os.system");
    assertRefused("(ios\nsystem\n.", "0x69 at 1 is not supported");
    assertRefused("\u0080\6.", "pickle protocol 6");
  }

  @Test
  void stackAndMemo() throws IOException {
    for (String pickle : new String[] {".", "R", "Q", "q\0", "\u0087", "\u0094"}) {
      assertRefused(pickle, "hostile.pt!a/data.pkl: ");
    }
    assertRefused("\u0085.", "takes more off its stack");
    assertRefused("K\1t.", "ends a tuple that never began");
    assertRefused("h\7.", "recalls value 7");
    assertRefused("K\1.", "a tensor was expected");
    assertRefused("K\1" + tensor("K\5))"), "left over");
    assertRefused(tensor("K\5))") + "x", "left over");
    assertRefused("\u0080\2", "truncated after 2 bytes");
    assertRefused("cos", "truncated");
  }

  @Test
  void sizesBeyondTheFile() throws IOException {
    assertRefused("X\u00ff\u00ff\u00ff\u007fab", "a text of 2147483647 bytes where 2 are left");
    assertRefused("X\u00ff\u00ff\u00ff\u00ffab", "a text of 4294967295 bytes");
    assertRefused("\u008a\u00ff", "a number of 255 bytes");
    String huge = "\u008a\u0008\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f";
    assertRefused(tensor("K\0" + huge + "\u0085K\1\u0085"), "reaches from element 0 to");
    assertRefused(tensor("K\0" + huge + "\u0085K\0\u0085"), "repeats those of a storage of 6");
    assertRefused(tensor("K\0" + huge + huge + "\u0086K\0K\0\u0086"), "larger than any storage");
    assertRefused(tensor("K\0" + huge + "\u0085" + huge + "\u0085"), "larger than any storage");
    assertRefused(tensor("K\6))"), "reaches from element 6 to 6 of a storage of 6");
    assertRefused(tensor("K\1K\6\u0085K\1\u0085"), "reaches from element 1 to 6");
    assertRefused(tensor("J\u00ff\u00ff\u00ff\u00ff))"), "reaches from element -1");
    assertRefused(tensor("K\0J\u00ff\u00ff\u00ff\u00ff\u0085K\1\u0085"), "from 0 on");
    assertRefused(tensor("K\0K\2\u0085)"), "1 sizes and 0 strides");
    String many = "(" + "K\1".repeat(9) + "t";
    assertRefused(tensor("K\0" + many + many), "9 sizes and 9 strides");
  }

  @Test
  void depthAndLength() throws IOException {
    assertRefused(")" + "\u0085".repeat(60_000) + "Q.", "not a supported storage");
    assertRefused("(".repeat(60_000) + "t".repeat(60_000 / 12), "truncated");
    assertRefused(")" + "q\0h\0\u0086".repeat(13_000) + ".", "a tensor was expected");
    assertRefused("(".repeat(70_000), "would have 70000 bytes, too many");
  }

  @Test
  void archives() throws IOException {
    String pickle = tensor("K\5))");
    assertRefused(file(pickle, 20, "little"), "20 bytes, which are not the 6 elements of F32");
    assertRefused(file(pickle, 27, "little"), "27 bytes, which are not the 6 elements of F32");
    assertRefused(file(pickle, 24, "big"), "its byte order is 'big'");
    assertRefused(
        file(pickle.replace("X\1\0\0\0" + "0", "X\1\0\0\0" + "7"), 24, "little"),
        "has no entry a/data/7");
    Path file = folder.resolve("hostile.pt");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      store(zip, "a/other", new byte[3]);
    }
    assertRefused(file, "0 entries …/data.pkl");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.putNextEntry(new ZipEntry("a/data.pkl"));
      zip.write(new byte[10_000]);
    }
    assertRefused(file, "a/data.pkl is compressed");
  }

  /** Of the two counts, JDK 17 would allocate gigabytes for one and overflow for the other. */
  @Test
  void entriesBeyondTheFile() throws IOException {
    for (long claimed : new long[] {0x10000000, 0x30000000}) {
      Path file = file(tensor("K\5))"), 24, "little");
      byte[] whole = Files.readAllBytes(file);
      int end = whole.length - 22;
      ByteBuffer changed = ByteBuffer.allocate(whole.length + 76).order(ByteOrder.LITTLE_ENDIAN);
      changed.put(whole, 0, end);
      changed.putInt(0x06064b50).putLong(44).putInt(0).putLong(0).putLong(claimed).putLong(claimed);
      changed.put(whole, end + 12, 4).putInt(0).put(whole, end + 16, 4).putInt(0);
      changed.putInt(0x07064b50).putInt(0).putLong(end).putInt(1);
      changed.put(whole, end, 8).putInt(-1).putLong(-1).putShort((short) 0);
      Files.write(file, changed.array());
      assertRefused(file, "too short for the " + claimed + " entries");
    }
  }
}
