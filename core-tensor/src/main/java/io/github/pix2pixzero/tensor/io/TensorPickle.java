package io.github.pix2pixzero.tensor.io;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Runs the pickle of one tensor, as <a
 * href="https://docs.python.org/3/library/pickletools.html">Python</a> would, but for plain values
 * alone: the functions and classes it may name are those of {@link #STORAGES} and the two of {@link
 * #call}, and they are known here, never looked up.
 *
 * <p>What a tensor needs is known here; {@link StateDictPickle} knows more.
 *
 * <p>Stack, memo and strings cannot outgrow the pickle, whose length the caller limits, and no
 * value is ever walked through recursively, however deep a file nests its tuples.
 */
class TensorPickle {
  static final String REBUILD = "torch._utils._rebuild_tensor_v2";
  static final String ORDERED_DICT = "collections.OrderedDict";
  private static final Map<String, StoredType> STORAGES =
      Map.of(
          "torch.FloatStorage", StoredType.F32,
          "torch.HalfStorage", StoredType.F16,
          "torch.BFloat16Storage", StoredType.BF16,
          "torch.DoubleStorage", StoredType.F64);

  private static final String ONE_TENSOR =
      "supported is one tensor of torch.float32, float16, bfloat16 or float64, as torch.save"
          + " writes it";
  private static final int MAX_PROTOCOL = 5;
  private static final int MAX_RANK = 8;

  /** How much of a name, which may fill the whole pickle, a message repeats. */
  private static final int MAX_SHOWN = 100;

  /** A tensor as a view of a storage; checked to lie within it. */
  record View(
      StoredType type,
      String key,
      long storageCount,
      long offset,
      long[] shape,
      long[] strides,
      long count) {}

  record Global(String name) {}

  record Storage(StoredType type, String key, long count) {}

  /** Values that carry nothing. */
  enum Atom {
    MARK,
    NONE,
    HOOKS,
    OTHER
  }

  final ByteBuffer in;
  private final String name;
  private final List<Object> stack = new ArrayList<>();
  private final Map<Integer, Object> memo = new HashMap<>();

  /**
   * @param name what to call it in messages
   * @param in where it begins; left where it ends
   */
  TensorPickle(String name, ByteBuffer in) {
    this.name = name;
    this.in = in.order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Runs a pickle.
   *
   * @param name what to call it in messages
   * @throws IOException if it is malformed or makes anything but a tensor
   */
  static View parse(String name, byte[] pickle) throws IOException {
    var machine = new TensorPickle(name, ByteBuffer.wrap(pickle));
    Object result = machine.run();
    if (!(result instanceof View view)) {
      throw machine.unexpected("a tensor");
    }
    if (machine.in.hasRemaining()) {
      throw machine.leftOver();
    }
    return view;
  }

  /** Runs the pickle and returns what it makes. */
  final Object run() throws IOException {
    try {
      return execute();
    } catch (BufferUnderflowException e) {
      throw failure("truncated after %s bytes".formatted(in.capacity()), e);
    }
  }

  private Object execute() throws IOException {
    while (true) {
      int at = in.position();
      int opcode = in.get() & 0xff;
      switch (opcode) {
        case 0x80 -> protocol(); // PROTO
        case 0x95 -> in.getLong(); // FRAME: only helps to read ahead
        case 'c' -> push(global(line(), line())); // GLOBAL
        case 0x93 -> stackGlobal(); // STACK_GLOBAL
        case 'q' -> store(in.get() & 0xff); // BINPUT
        case 'r' -> store(in.getInt()); // LONG_BINPUT
        case 0x94 -> store(memo.size()); // MEMOIZE
        case 'h' -> push(recall(in.get() & 0xff)); // BINGET
        case 'j' -> push(recall(in.getInt())); // LONG_BINGET
        case '(' -> push(Atom.MARK); // MARK
        case 't' -> push(popAll(sinceMark())); // TUPLE
        case ')' -> push(popAll(0)); // EMPTY_TUPLE
        case 0x85 -> push(popAll(1)); // TUPLE1
        case 0x86 -> push(popAll(2)); // TUPLE2
        case 0x87 -> push(popAll(3)); // TUPLE3
        case 'X' -> push(text(in.getInt())); // BINUNICODE
        case 0x8c -> push(text(in.get() & 0xff)); // SHORT_BINUNICODE
        case 'J' -> push((long) in.getInt()); // BININT
        case 'K' -> push((long) (in.get() & 0xff)); // BININT1
        case 'M' -> push((long) (in.getShort() & 0xffff)); // BININT2
        case 0x8a -> push(number(in.get() & 0xff)); // LONG1
        case 0x88 -> push(true); // NEWTRUE
        case 0x89 -> push(false); // NEWFALSE
        case 'N' -> push(Atom.NONE); // NONE
        case 'Q' -> push(storage(pop(List.class, "an identifier of a storage"))); // BINPERSID
        case 'R' -> reduce(); // REDUCE
        case '.' -> { // STOP
          Object result = pop(Object.class, "a value");
          if (!stack.isEmpty()) {
            throw leftOver();
          }
          return result;
        }
        default -> {
          if (!execute(opcode)) {
            throw failure(
                "the pickle instruction 0x%s at %s is not supported; %s"
                    .formatted(HexFormat.of().toHexDigits((byte) opcode), at, supported()));
          }
        }
      }
    }
  }

  /** Runs an instruction that one tensor does not need; says whether it is known. */
  boolean execute(int opcode) throws IOException {
    return false;
  }

  /** What the pickle may hold, for messages. */
  String supported() {
    return ONE_TENSOR;
  }

  private void protocol() throws IOException {
    int version = in.get() & 0xff;
    if (version > MAX_PROTOCOL) {
      throw failure("pickle protocol %s, at most %s is known".formatted(version, MAX_PROTOCOL));
    }
  }

  private void stackGlobal() throws IOException {
    String member = pop(String.class, "a name");
    push(global(pop(String.class, "a module"), member));
  }

  private Global global(String module, String member) throws IOException {
    String full = module + "." + member;
    if (!isKnown(full)) {
      String shown = full.length() <= MAX_SHOWN ? full : full.substring(0, MAX_SHOWN) + "…";
      throw failure("names %s, which is not supported; %s".formatted(shown, supported()));
    }
    return new Global(full);
  }

  /** Whether a function or class may be named. */
  boolean isKnown(String global) {
    return global.equals(REBUILD) || global.equals(ORDERED_DICT) || storageType(global) != null;
  }

  /** The type of a class of storages; null if there is no such class. */
  StoredType storageType(String global) {
    return STORAGES.get(global);
  }

  private void reduce() throws IOException {
    List<?> arguments = pop(List.class, "arguments");
    push(call(pop(Global.class, "a function").name(), arguments));
  }

  Object call(String function, List<?> arguments) throws IOException {
    if (function.equals(ORDERED_DICT) && arguments.isEmpty()) {
      return Atom.HOOKS;
    }
    if (function.equals(REBUILD)
        && arguments.size() == 6
        && arguments.get(4) instanceof Boolean
        && arguments.get(5) == Atom.HOOKS) {
      return rebuild(function, arguments);
    }
    throw badArguments(function);
  }

  /** A tensor from storage, offset, shape and strides. */
  final View rebuild(String function, List<?> arguments) throws IOException {
    if (arguments.get(0) instanceof Storage storage
        && arguments.get(1) instanceof Long offset
        && arguments.get(2) instanceof List<?> shape
        && arguments.get(3) instanceof List<?> strides) {
      return view(storage, offset, numbers(shape), numbers(strides));
    }
    throw badArguments(function);
  }

  final IOException badArguments(String function) {
    return failure("calls %s with arguments that are not supported".formatted(function));
  }

  Storage storage(List<?> id) throws IOException {
    if (id.size() == 5
        && "storage".equals(id.get(0))
        && id.get(1) instanceof Global type
        && storageType(type.name()) != null
        && id.get(2) instanceof String key
        && id.get(3) instanceof String // the device it was on
        && id.get(4) instanceof Long count) {
      return new Storage(storageType(type.name()), key, count);
    }
    throw failure("refers to something that is not a supported storage; " + supported());
  }

  private View view(Storage storage, long offset, long[] shape, long[] strides) throws IOException {
    if (shape.length != strides.length || shape.length > MAX_RANK) {
      throw failure(
          "a tensor of %s sizes and %s strides; equally many were expected, at most %s"
              .formatted(shape.length, strides.length, MAX_RANK));
    }
    long count = 1;
    for (long size : shape) {
      count = size == 0 ? 0 : count;
    }
    long last = offset;
    try {
      for (int d = 0; d < shape.length && count != 0; d++) {
        count = Math.multiplyExact(count, shape[d]);
        last = Math.addExact(last, Math.multiplyExact(shape[d] - 1, strides[d]));
      }
    } catch (ArithmeticException e) {
      throw failure("a tensor larger than any storage", e);
    }
    if (offset < 0 || (count != 0 && last >= storage.count())) {
      throw failure(
          "a tensor that reaches from element %s to %s of a storage of %s"
              .formatted(offset, last, storage.count()));
    }
    if (count > storage.count()) {
      throw failure(
          "a tensor of %s elements that repeats those of a storage of %s; save a contiguous copy"
              .formatted(count, storage.count()));
    }
    return new View(storage.type(), storage.key(), storage.count(), offset, shape, strides, count);
  }

  /** Sizes or strides, none negative. */
  private long[] numbers(List<?> tuple) throws IOException {
    long[] numbers = new long[tuple.size()];
    for (int i = 0; i < numbers.length; i++) {
      if (!(tuple.get(i) instanceof Long number) || number < 0) {
        throw failure("a tensor's sizes and strides should be whole numbers from 0 on");
      }
      numbers[i] = number;
    }
    return numbers;
  }

  final String line() {
    int start = in.position();
    while (in.get() != '\n') {}
    return new String(
        in.array(), in.arrayOffset() + start, in.position() - 1 - start, StandardCharsets.UTF_8);
  }

  final String text(int length) throws IOException {
    if (length < 0 || length > in.remaining()) {
      throw failure(
          "a text of %s bytes where %s are left"
              .formatted(Integer.toUnsignedString(length), in.remaining()));
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** Little-endian, two's complement. */
  final long number(int length) throws IOException {
    if (length > Long.BYTES) {
      throw failure("a number of %s bytes, at most 8 are supported".formatted(length));
    }
    long number = 0;
    for (int i = 0; i < length; i++) {
      number |= (in.get() & 0xffL) << 8 * i;
    }
    int unused = Long.SIZE - 8 * length;
    return length == 0 ? 0 : number << unused >> unused;
  }

  /** Takes so many values off the stack; the first is the one that was put there first. */
  final List<Object> popAll(int count) throws IOException {
    if (count > stack.size()) {
      throw failure("takes more off its stack than there is");
    }
    List<Object> end = stack.subList(stack.size() - count, stack.size());
    List<Object> values = List.copyOf(end);
    end.clear();
    return values;
  }

  final void store(int index) throws IOException {
    memo.put(index, top());
  }

  /** How many values lie above the topmost mark, which is taken away. */
  final int sinceMark() throws IOException {
    int mark = stack.lastIndexOf(Atom.MARK);
    if (mark < 0) {
      throw failure("ends a tuple that never began");
    }
    stack.remove(mark);
    return stack.size() - mark;
  }

  final void push(Object value) {
    stack.add(value);
  }

  final Object top() throws IOException {
    if (stack.isEmpty()) {
      throw failure("takes more off its stack than there is");
    }
    return stack.get(stack.size() - 1);
  }

  final <T> T pop(Class<T> type, String expected) throws IOException {
    Object top = top();
    if (!type.isInstance(top)) {
      throw unexpected(expected);
    }
    stack.remove(stack.size() - 1);
    return type.cast(top);
  }

  final Object recall(int index) throws IOException {
    Object value = memo.get(index);
    if (value == null) {
      throw failure("recalls value %s, which it never stored".formatted(index));
    }
    return value;
  }

  private IOException unexpected(String expected) {
    return failure(
        "holds something else where %s was expected; %s".formatted(expected, supported()));
  }

  private IOException leftOver() {
    return failure("something is left over at its end");
  }

  final IOException failure(String reason) {
    return failure(reason, null);
  }

  private IOException failure(String reason, Throwable cause) {
    return new IOException(name + ": " + reason, cause);
  }
}
