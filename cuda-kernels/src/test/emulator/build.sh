#!/usr/bin/env bash
# Builds the emulated driver: build.sh KERNELS OUT. Into OUT go libcuda.so.1; a libcudart.so.12 that is empty,
# because JavaCPP's binding asks for it, but of the functions the backend calls none is in it; and a
# libnvrtc.so.12 that stands in for the compiler.
# Without g++ this fails: whoever builds without says so, by -Dcuda.skip.
set -euo pipefail
kernels=$1
out=$2
here=$(cd "$(dirname "$0")" && pwd)

if ! command -v g++ > /dev/null; then
  echo "build.sh: there is no g++ to build the emulated CUDA driver; install it, or skip these tests by -Dcuda.skip" >&2
  exit 1
fi

stamp=$({ g++ --version | head -1; cat "$kernels"/* "$here"/*; } | sha256sum)
if [[ -f $out/libcuda.so.1 && -f $out/stamp && $(< "$out/stamp") == "$stamp" ]]; then
  exit 0
fi
mkdir -p "$out/objects"

flags=(-std=c++17 -O2 -fPIC -fvisibility=hidden -Wall -Wextra -Wno-unknown-pragmas "-I$here" "-I$kernels")
# -fsanitize=thread has every access announced; vectors and memset would hide some.
kernel=(-x c++ -fsanitize=thread --param tsan-instrument-func-entry-exit=0
  -fno-gnu-unique -fno-tree-vectorize -fno-tree-loop-distribute-patterns -fno-strict-aliasing -Wno-tsan)
modules=$out/classes/io/github/pix2pixzero/cuda/kernels
mkdir -p "$modules"

# The kernels of a file in one precision. The precisions have functions of the same names, so that each
# object keeps its own to itself: they are found through EXPORT.
compile_kernels() {
  local source=$1 precision=$2 name object
  name=$(basename "$source" .cu)_$precision
  object=$out/objects/$name.o
  # The emulated driver knows a module by the precision; the backend looks for one of each family.
  echo "emulated $precision" > "$modules/$name.fatbin"
  g++ "${flags[@]}" "${kernel[@]}" "-DPRECISION_${precision^^}" "-DVARIANT=\"$precision\"" -c "$source" -o "$object.part"
  ld -r --force-group-allocation -o "$object" "$object.part"
  objcopy --localize-hidden "$object"
  rm "$object.part"
}

# What of the emulator and of each file has changed is compiled again.
compile() {
  local name=$1 sources=$2 stamp
  shift 2
  stamp=$({ g++ --version | head -1; cat $sources; echo "$@"; cat "$here/build.sh"; } | sha256sum)
  if [[ -f $out/objects/$name.o && -f $out/objects/$name.stamp && $(< "$out/objects/$name.stamp") == "$stamp" ]]; then
    return
  fi
  "$@"
  echo "$stamp" > "$out/objects/$name.stamp"
}

headers="$here/emulation.h $kernels/*.cuh"
jobs=()
for source in "$kernels"/*.cu "$here"/faults.cu; do
  name=$(basename "$source" .cu)
  case $name in
    matmul | conv) precisions="f32 tf32 f16 bf16" ;;
    faults) precisions=f32 ;;
    *) precisions="f32 f16 bf16" ;;
  esac
  for precision in $precisions; do
    jobs+=("compile ${name}_$precision '$source $headers' compile_kernels '$source' $precision")
  done
done
for source in "$here"/{bulk,driver,launch,memory,warpgroup}.cpp; do
  name=$(basename "$source" .cpp)
  jobs+=("compile $name '$source $here/*.h' g++ ${flags[*]} -c '$source' -o '$out/objects/$name.o'")
done

running=0
for job in "${jobs[@]}"; do
  if ((running >= $(nproc))); then
    wait -n
    running=$((running - 1))
  fi
  eval "$job" &
  running=$((running + 1))
done
while ((running > 0)); do
  wait -n
  running=$((running - 1))
done

g++ -shared -Wl,-soname,libcuda.so.1 -o "$out/libcuda.so.1" "$out"/objects/*.o
echo 'libcudart.so.12 {};' > "$out/objects/versions"
g++ -shared -Wl,-soname,libcudart.so.12 "-Wl,--version-script=$out/objects/versions" -x c /dev/null -o "$out/libcudart.so.12"
g++ "${flags[@]}" -shared -Wl,-soname,libnvrtc.so.12 "$here/compiler.cpp" -o "$out/libnvrtc.so.12"
echo "$stamp" > "$out/stamp"
