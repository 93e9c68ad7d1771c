package io.github.pix2pixzero.picture;

import java.io.EOFException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/** What the markers of a JPEG say of its colours and its end (ITU-T T.81, annex B). */
final class JpegMarkers {
  private static final int PREFIX = 0xff;
  private static final int RESTART_0 = 0xd0;
  private static final int RESTART_7 = 0xd7;
  private static final int END = 0xd9;
  private static final int SCAN = 0xda;
  private static final int JFIF = 0xe0;
  private static final int ADOBE = 0xee;
  private static final int PROGRESSIVE = 0xc2;
  private static final int PROGRESSIVE_ARITHMETIC = 0xca;

  /** Where in its segment Adobe's marker names the transform of colours, after its length. */
  private static final int TRANSFORM = 13;

  private static final byte YCBCR = 1;

  /** Of one block. */
  private static final int COEFFICIENTS = 64;

  private JpegMarkers() {}

  /**
   * Makes a file of three components that has a marker of JFIF YCbCr, whatever Adobe's says, as
   * libjpeg takes it.
   *
   * @throws EOFException if it is progressive, lacks its end, and its scans do not make all
   *     coefficients exact: then it was cut between two of them, where nothing else shows it
   */
  static void mend(byte[] file) throws EOFException {
    boolean jfif = false;
    boolean progressive = false;
    int components = 0;
    int adobe = -1;
    int at = 2;
    while (at + 4 <= file.length && (file[at] & 0xff) == PREFIX) {
      int marker = file[at + 1] & 0xff;
      if (marker == PREFIX) { // may fill up
        at++;
        continue;
      }
      int length = (file[at + 2] & 0xff) << 8 | file[at + 3] & 0xff;
      int body = at + 4;
      if (marker == JFIF) {
        jfif |= startsWith(file, body, "JFIF\0");
      } else if (marker == ADOBE && length >= TRANSFORM + 1 && startsWith(file, body, "Adobe")) {
        adobe = at + 2 + TRANSFORM;
      } else if (isFrame(marker) && body + 6 <= file.length) {
        progressive = marker == PROGRESSIVE || marker == PROGRESSIVE_ARITHMETIC;
        components = file[body + 5];
      } else if (marker == SCAN) {
        break;
      }
      at += 2 + length;
    }
    if (jfif && components == 3 && adobe >= 0 && adobe < file.length) {
      file[adobe] = YCBCR;
    }
    if (progressive && !isWhole(file, at, components)) {
      throw new EOFException("scans of a progressive JPEG are missing");
    }
  }

  private static boolean isFrame(int marker) {
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
  }

  private static boolean startsWith(byte[] file, int at, String text) {
    byte[] wanted = text.getBytes(StandardCharsets.ISO_8859_1);
    return at + wanted.length <= file.length
        && Arrays.equals(file, at, at + wanted.length, wanted, 0, wanted.length);
  }

  /**
   * Whether the end's marker comes after the first scan, in coded data or between segments, or the
   * scans are complete without it.
   */
  private static boolean isWhole(byte[] file, int firstScan, int components) {
    Set<Integer> exact = new HashSet<>();
    int at = firstScan;
    while (at + 1 < file.length) {
      if ((file[at] & 0xff) != PREFIX) {
        at++;
        continue;
      }
      int marker = file[at + 1] & 0xff;
      if (marker == END) {
        return true;
      }
      boolean inData = marker == 0 || (marker >= RESTART_0 && marker <= RESTART_7);
      if (marker == PREFIX) {
        at++;
      } else if (inData || at + 4 > file.length) {
        at += 2;
      } else {
        int length = (file[at + 2] & 0xff) << 8 | file[at + 3] & 0xff;
        if (marker == SCAN && at + 2 + length <= file.length && length > 6) {
          noteExact(file, at + 4, exact);
        }
        at += 2 + length;
      }
    }
    return exact.size() == components * COEFFICIENTS;
  }

  /** Notes which coefficients of which components are exact after a scan (T.81, B.2.3 and G.1). */
  private static void noteExact(byte[] file, int header, Set<Integer> exact) {
    int count = file[header];
    int selection = header + 1 + 2 * count;
    if (selection + 2 >= file.length || (file[selection + 2] & 0xf) != 0) {
      return; // of some bits, more follow
    }
    for (int i = 0; i < count; i++) {
      int component = file[header + 1 + 2 * i] & 0xff;
      for (int k = file[selection]; k <= file[selection + 1] && k < COEFFICIENTS; k++) {
        exact.add(component * COEFFICIENTS + k);
      }
    }
  }
}
