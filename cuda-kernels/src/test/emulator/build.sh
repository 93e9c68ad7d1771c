#!/usr/bin/env bash
# Builds the emulated driver: build.sh KERNELS OUT. Into OUT go libcuda.so.1 and a libcudart.so.12 that is
# empty: JavaCPP's binding asks for it, but of the functions the backend calls none is in it.
# Without g++ nothing is built and the tests that need the driver are skipped.
set -euo pipefail
kernels=$1
out=$2
here=$(cd "$(dirname "$0")" && pwd)

if ! command -v g++ > /dev/null; then
  echo "build.sh: there is no g++, so the CUDA backend will not be tested" >&2
  exit 0
fi

compiler=$(g++ --version | head -1)
stamp=$({ echo "$compiler"; cat "$kernels"/* "$here"/*; } | sha256sum)
if [[ -f $out/libcuda.so.1 && -f $out/stamp && $(< "$out/stamp") == "$stamp" ]]; then
  exit 0
fi
rm -rf "$out"
mkdir -p "$out/objects"

flags=(-std=c++17 -O2 -fPIC -fvisibility=hidden -Wall -Wextra -Wno-unknown-pragmas "-I$here" "-I$kernels")
# -fsanitize=thread has every access announced; vectors and memset would hide some.
kernel=(-x c++ -fsanitize=thread --param tsan-instrument-func-entry-exit=0
  -fno-tree-vectorize -fno-tree-loop-distribute-patterns -fno-strict-aliasing -Wno-tsan)

compile() {
  local source=$1 object
  object=$out/objects/$(basename "$source").o
  case $source in
    *.cu) g++ "${flags[@]}" "${kernel[@]}" -c "$source" -o "$object" ;;
    *) g++ "${flags[@]}" -c "$source" -o "$object" ;;
  esac
}
export -f compile
running=0
for source in "$kernels"/*.cu "$here"/*.cu "$here"/*.cpp; do
  if ((running >= $(nproc))); then
    wait -n
    running=$((running - 1))
  fi
  compile "$source" &
  running=$((running + 1))
done
while ((running > 0)); do
  wait -n
  running=$((running - 1))
done

g++ -shared -Wl,-soname,libcuda.so.1 -o "$out/libcuda.so.1" "$out"/objects/*.o
echo 'libcudart.so.12 {};' > "$out/objects/versions"
g++ -shared -Wl,-soname,libcudart.so.12 "-Wl,--version-script=$out/objects/versions" -x c /dev/null -o "$out/libcudart.so.12"
# The emulated driver takes any module for its own; the backend looks for one of each family.
modules=$out/classes/io/github/pix2pixzero/cuda/kernels
mkdir -p "$modules"
for source in "$kernels"/*.cu "$here"/*.cu; do
  echo emulated > "$modules/$(basename "$source" .cu).fatbin"
done
echo "$stamp" > "$out/stamp"
