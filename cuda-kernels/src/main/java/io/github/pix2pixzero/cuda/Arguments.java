package io.github.pix2pixzero.cuda;

import java.util.Arrays;
import java.util.StringJoiner;
import java.util.stream.Collectors;

/** The arguments of a kernel in the kernel's order, or the members of a struct among them. */
final class Arguments {
  private int[] words = new int[32];
  private int[] offsets = new int[8];
  private int size;
  private int count;

  /** Four bytes. */
  Arguments add(int value) {
    begin(1);
    words[size++] = value;
    return this;
  }

  Arguments add(float value) {
    return add(Float.floatToRawIntBits(value));
  }

  Arguments add(boolean value) {
    return add(value ? 1 : 0);
  }

  /** An address, or 0 for none. */
  Arguments add(long address) {
    begin(2);
    words[size++] = (int) address;
    words[size++] = (int) (address >>> 32);
    return this;
  }

  Arguments add(Divisor divisor) {
    begin(3);
    words[size++] = divisor.divisor();
    words[size++] = divisor.multiplier();
    words[size++] = divisor.shift();
    return this;
  }

  /** A struct of members that take four bytes each, or arrays and structs of such. */
  Arguments add(Struct struct) {
    begin(struct.size);
    System.arraycopy(struct.words, 0, words, size, struct.size);
    size += struct.size;
    return this;
  }

  /** Every argument begins at a multiple of eight bytes. */
  private void begin(int length) {
    size += size & 1;
    if (size + length > words.length) {
      words = Arrays.copyOf(words, Math.max(2 * words.length, size + length));
    }
    if (count == offsets.length) {
      offsets = Arrays.copyOf(offsets, 2 * count);
    }
    offsets[count++] = size;
  }

  int count() {
    return count;
  }

  /** Where an argument begins, in bytes. */
  int offset(int argument) {
    return offsets[argument] * Integer.BYTES;
  }

  int[] words() {
    return words;
  }

  int size() {
    return size;
  }

  /** The arguments as words of 32 bits, those of one argument together. */
  @Override
  public String toString() {
    StringJoiner all = new StringJoiner(", ", "(", ")");
    for (int i = 0; i < count; i++) {
      int end = i + 1 < count ? offsets[i + 1] : size;
      all.add(
          Arrays.stream(words, offsets[i], end)
              .mapToObj(Integer::toString)
              .collect(Collectors.joining(" ")));
    }
    return all.toString();
  }

  /** Members of four bytes each, laid out without gaps. */
  static final class Struct {
    private int[] words = new int[32];
    private int size;

    Struct add(int value) {
      return addAll(value);
    }

    Struct addAll(int... values) {
      if (size + values.length > words.length) {
        words = Arrays.copyOf(words, Math.max(2 * words.length, size + values.length));
      }
      System.arraycopy(values, 0, words, size, values.length);
      size += values.length;
      return this;
    }

    Struct add(float value) {
      return add(Float.floatToRawIntBits(value));
    }

    Struct add(Divisor divisor) {
      return addAll(divisor.divisor(), divisor.multiplier(), divisor.shift());
    }

    Struct add(Struct inner) {
      return addAll(Arrays.copyOf(inner.words, inner.size));
    }
  }
}
