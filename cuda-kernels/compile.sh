#!/usr/bin/env bash
# Compiles the kernels by nvcc: compile.sh SOURCES OUT. Of each .cu file OUT receives a .fatbin with machine
# code for every architecture and PTX for those to come, and report.txt what ptxas says of registers and
# spills. What has not changed is not compiled again. Without nvcc nothing is done: the sources are in the
# artifact, and NVRTC compiles them at run time.
set -euo pipefail
sources=$1
out=$2
nvcc=${NVCC:-nvcc}

if ! command -v "$nvcc" > /dev/null; then
  echo "compile.sh: there is no nvcc, so the kernels will be compiled at run time" >&2
  exit 0
fi

# Those that this nvcc knows.
wanted=${CUDA_ARCHITECTURES:-75 80 90 100 120}
known=$("$nvcc" --list-gpu-code)
options=(-std=c++17 -fatbin -Werror all-warnings -Xptxas -v)
last=
for architecture in $wanted; do
  if grep -qx "sm_$architecture" <<< "$known"; then
    options+=(-gencode "arch=compute_$architecture,code=sm_$architecture")
    last=$architecture
  fi
done
[[ -n $last ]] || { echo "compile.sh: $nvcc knows none of the architectures $wanted" >&2; exit 1; }
options+=(-gencode "arch=compute_$last,code=compute_$last")

mkdir -p "$out"
version=$("$nvcc" --version | tail -2)
headers=$(cat "$sources"/*.cuh | sha256sum)

compile() {
  local source=$1 name stamp
  name=$(basename "$source" .cu)
  stamp=$(echo "$version" "${options[*]}" "$headers" "$(sha256sum < "$source")" | sha256sum)
  if [[ -f $out/$name.fatbin && -f $out/$name.stamp && $(< "$out/$name.stamp") == "$stamp" ]]; then
    return
  fi
  rm -f "$out/$name".*
  "$nvcc" "${options[@]}" -o "$out/$name.part" "$source" > "$out/$name.log" 2>&1 || {
    cat "$out/$name.log" >&2
    return 1
  }
  mv "$out/$name.part" "$out/$name.fatbin"
  echo "$stamp" > "$out/$name.stamp"
}

running=0
for source in "$sources"/*.cu; do
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

# Registers and spills of each kernel on each architecture.
for source in "$sources"/*.cu; do
  awk '
    /Compiling entry function/ { split($0, part, "\047"); kernel = part[2]; target = part[4] }
    /bytes spill stores/ { spills = $5 + $9 }
    /Used [0-9]+ registers/ { match($0, /Used [0-9]+/); printf "%-36s %-7s %3d registers %5d bytes spilled\n",
      kernel, target, substr($0, RSTART + 5, RLENGTH - 5), spills }
  ' "$out/$(basename "$source" .cu).log"
done > "$out/report.txt"
awk '{ if ($3 > most) most = $3; if ($5 > 0) spilling++ }
  END { printf "%d kernels for '"$(echo $wanted | wc -w)"' architectures: at most %d registers, %d spill\n", NR, most, spilling }' \
  "$out/report.txt"
