package io.github.pix2pixzero.tensor.io;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Runs the pickle of a checkpoint: dictionaries of tensors, and beside them what training leaves
 * there. Of that, nothing is made: where the pickle names one of {@link #INERT}, a value that
 * carries nothing takes its place, whatever the arguments. Every other name is refused, as no
 * weights need it.
 *
 * <p>Only entries of dictionaries under texts are kept, so that no value is ever hashed or compared
 * but a text.
 */
final class StateDictPickle extends TensorPickle {
  private static final String UNTYPED = "torch.storage.UntypedStorage";
  private static final String REBUILD_V1 = "torch._utils._rebuild_tensor";
  private static final String REBUILD_V3 = "torch._utils._rebuild_tensor_v3";
  private static final String DTYPE = "torch.";

  private static final ImmutableMap<String, StoredType> STORAGES =
      ImmutableMap.<String, StoredType>builder()
          .put("torch.FloatStorage", StoredType.F32)
          .put("torch.HalfStorage", StoredType.F16)
          .put("torch.BFloat16Storage", StoredType.BF16)
          .put("torch.DoubleStorage", StoredType.F64)
          .put("torch.LongStorage", StoredType.I64)
          .put("torch.IntStorage", StoredType.I32)
          .put("torch.ShortStorage", StoredType.I16)
          .put("torch.CharStorage", StoredType.I8)
          .put("torch.ByteStorage", StoredType.U8)
          .put("torch.BoolStorage", StoredType.BOOL)
          .put("torch.ComplexFloatStorage", StoredType.C64)
          .put(UNTYPED, StoredType.U8)
          .buildOrThrow();

  private static final ImmutableMap<String, StoredType> DTYPES =
      ImmutableMap.<String, StoredType>builder()
          .put("float32", StoredType.F32)
          .put("float16", StoredType.F16)
          .put("bfloat16", StoredType.BF16)
          .put("float64", StoredType.F64)
          .put("float8_e4m3fn", StoredType.F8_E4M3)
          .put("float8_e5m2", StoredType.F8_E5M2)
          .put("float8_e4m3fnuz", StoredType.F8_E4M3FNUZ)
          .put("float8_e5m2fnuz", StoredType.F8_E5M2FNUZ)
          .put("float8_e8m0fnu", StoredType.F8_E8M0)
          .put("int64", StoredType.I64)
          .put("int32", StoredType.I32)
          .put("int16", StoredType.I16)
          .put("int8", StoredType.I8)
          .put("uint64", StoredType.U64)
          .put("uint32", StoredType.U32)
          .put("uint16", StoredType.U16)
          .put("uint8", StoredType.U8)
          .put("bool", StoredType.BOOL)
          .put("complex64", StoredType.C64)
          .buildOrThrow();

  private static final ImmutableSet<String> DICTIONARIES =
      ImmutableSet.of(
          ORDERED_DICT, "collections.defaultdict", "torch.nn.modules.container.ParameterDict");

  private static final ImmutableSet<String> REBUILT =
      ImmutableSet.of(
          REBUILD,
          REBUILD_V1,
          REBUILD_V3,
          "torch._utils._rebuild_parameter",
          "torch._utils._rebuild_parameter_with_state");

  /** What stands in checkpoints beside the weights. */
  private static final Pattern INERT =
      Pattern.compile(
          "(?:__builtin__|builtins)\\.(?:set|frozenset|list|dict|tuple|int|float|bool|str|bytes"
              + "|bytearray|complex|slice|range|object)"
              + "|_codecs\\.encode|copyreg\\._reconstructor|copy_reg\\._reconstructor"
              + "|numpy\\.(?:_?core)\\.multiarray\\.(?:scalar|_reconstruct)"
              + "|numpy\\.(?:dtype|ndarray)|numpy\\.dtypes\\.\\w+"
              + "|torch\\.(?:Size|device)"
              + "|argparse\\.Namespace|collections\\.Counter|datetime\\.\\w+|pathlib\\.\\w+"
              + "|(?:pytorch_lightning|lightning|lightning_fabric|omegaconf|typing)\\.[\\w.]+");

  /** A dictionary's entries whose keys are texts; it has a table only when it needs one. */
  static final class Dict {
    private Map<String, Object> entries = Map.of();

    Map<String, Object> entries() {
      return entries;
    }

    private void put(Object key, Object value) {
      if (key instanceof String text) {
        if (entries.isEmpty()) {
          entries = new LinkedHashMap<>();
        }
        entries.put(text, value);
      }
    }
  }

  /** A list's values, which has as little as it needs, too. */
  static final class Items {
    private List<Object> values = List.of();

    List<Object> values() {
      return values;
    }

    private void addAll(List<Object> more) {
      if (values.isEmpty()) {
        values = new ArrayList<>();
      }
      values.addAll(more);
    }
  }

  private final Map<String, Storage> storages = new HashMap<>();

  /** As {@link TensorPickle#TensorPickle}. */
  StateDictPickle(String name, ByteBuffer in) {
    super(name, in);
  }

  @Override
  String supported() {
    return "supported are dictionaries of tensors, as torch.save writes a state_dict or a"
        + " checkpoint that holds one";
  }

  @Override
  boolean execute(int opcode) throws IOException {
    switch (opcode) {
      case '}' -> push(new Dict()); // EMPTY_DICT
      case 'd' -> { // DICT
        List<Object> items = popAll(sinceMark());
        push(new Dict());
        putAll(items);
      }
      case 's' -> putAll(popAll(2)); // SETITEM
      case 'u' -> putAll(popAll(sinceMark())); // SETITEMS
      case ']', 0x8f -> push(new Items()); // EMPTY_LIST, EMPTY_SET
      case 'l', 0x91 -> { // LIST, FROZENSET
        List<Object> values = popAll(sinceMark());
        push(new Items());
        addAll(values);
      }
      case 'a' -> addAll(popAll(1)); // APPEND
      case 'e', 0x90 -> addAll(popAll(sinceMark())); // APPENDS, ADDITEMS
      case 'b' -> build(); // BUILD
      case 0x81 -> { // NEWOBJ
        pop(Object.class, "arguments");
        push(call(pop(Global.class, "a class").name(), List.of()));
      }
      case 'G' -> { // BINFLOAT
        in.getLong();
        push(Atom.OTHER);
      }
      case 'I', 'L', 'F', 'S', 'V' -> { // INT, LONG, FLOAT, STRING, UNICODE
        line();
        push(Atom.OTHER);
      }
      case 'C' -> skip(in.get() & 0xff); // SHORT_BINBYTES
      case 'B', 0x8b -> skip(in.getInt()); // BINBYTES, LONG4
      case 'U' -> push(text(in.get() & 0xff)); // SHORT_BINSTRING
      case 'T' -> push(text(in.getInt())); // BINSTRING
      case 'p' -> store(lineNumber()); // PUT
      case 'g' -> push(recall(lineNumber())); // GET
      case '0' -> popAll(1); // POP
      case '1' -> popAll(sinceMark()); // POP_MARK
      case '2' -> push(top()); // DUP
      default -> {
        return false;
      }
    }
    return true;
  }

  private void skip(int length) throws IOException {
    text(length);
    push(Atom.OTHER);
  }

  private int lineNumber() throws IOException {
    String line = line();
    try {
      return Integer.parseInt(line);
    } catch (NumberFormatException e) {
      throw failure("numbers a value in no way that is supported");
    }
  }

  /** Puts keys and values by turns into the dictionary below them. */
  private void putAll(List<Object> items) throws IOException {
    if (items.size() % 2 != 0) {
      throw failure("has a key without a value");
    }
    if (top() instanceof Dict dict) {
      for (int i = 0; i < items.size(); i += 2) {
        dict.put(items.get(i), items.get(i + 1));
      }
    }
  }

  private void addAll(List<Object> values) throws IOException {
    if (top() instanceof Items items) {
      items.addAll(values);
    }
  }

  /** Gives an object its state; of use where that is what a dictionary of parameters holds. */
  private void build() throws IOException {
    Object state = pop(Object.class, "a state");
    if (top() instanceof Dict dict
        && state instanceof Dict attributes
        && attributes.entries().get("_parameters") instanceof Dict parameters) {
      parameters.entries().forEach(dict::put);
    }
  }

  @Override
  boolean isKnown(String global) {
    return DICTIONARIES.contains(global)
        || REBUILT.contains(global)
        || storageType(global) != null
        || dtype(global) != null
        || INERT.matcher(global).matches();
  }

  @Override
  StoredType storageType(String global) {
    return STORAGES.get(global);
  }

  private static StoredType dtype(String global) {
    return global.startsWith(DTYPE) ? DTYPES.get(global.substring(DTYPE.length())) : null;
  }

  @Override
  Object call(String function, List<?> arguments) throws IOException {
    if (DICTIONARIES.contains(function)) {
      return new Dict();
    }
    if (!REBUILT.contains(function)) {
      if (!INERT.matcher(function).matches()) {
        throw badArguments(function);
      }
      return Atom.OTHER;
    }
    if (function.startsWith("torch._utils._rebuild_parameter")) {
      if (arguments.size() < 3 || !(arguments.get(0) instanceof View view)) {
        throw badArguments(function);
      }
      return view;
    }
    int most = function.equals(REBUILD_V1) ? 4 : 7;
    int fewest = function.equals(REBUILD) ? 6 : most;
    if (arguments.size() < fewest || arguments.size() > most) {
      throw badArguments(function);
    }
    if (!function.equals(REBUILD_V3)) {
      return rebuild(function, arguments);
    }
    StoredType type = arguments.get(6) instanceof Global global ? dtype(global.name()) : null;
    if (type == null || !(arguments.get(0) instanceof Storage untyped)) {
      throw badArguments(function);
    }
    Storage typed = new Storage(type, untyped.key(), untyped.count() / type.byteSize());
    return rebuild(function, List.of(typed, arguments.get(1), arguments.get(2), arguments.get(3)));
  }

  /** As it is written today, or before PyTorch 1.6, where it may be part of another one. */
  @Override
  Storage storage(List<?> id) throws IOException {
    boolean old = id.size() == 6 && id.get(5) == Atom.NONE;
    Storage storage = super.storage(old ? id.subList(0, 5) : id);
    storages.putIfAbsent(storage.key(), storage);
    return storage;
  }

  /** All storages that were referred to, by their keys. */
  Map<String, Storage> storages() {
    return storages;
  }
}
