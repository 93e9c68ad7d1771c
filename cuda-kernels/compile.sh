#!/usr/bin/env bash
# Compiles the kernels by nvcc: compile.sh SOURCES OUT [ARCHITECTURES]. Of each .cu file and precision OUT
# receives a .fatbin with machine code for the named architectures ("75 90", or "all" of them; 90 by default)
# and PTX that the driver compiles for every other one, and report.txt what ptxas says of registers and
# spills. Warnings are errors, and so is wgmma whose instructions would wait for each other. What has not changed is not compiled again. Without nvcc nothing is done: the
# sources are in the artifact, and NVRTC compiles them at run time.
#
# NVCC names another compiler; where there is none of that name, there is none.
set -euo pipefail
sources=$1
out=$2
wanted=${3:-90}
nvcc=${NVCC:-nvcc}

if ! command -v "$nvcc" > /dev/null; then
  echo "compile.sh: there is no nvcc, so the kernels will be compiled at run time" >&2
  exit 0
fi

if [[ $wanted == all ]]; then
  wanted="75 80 86 89 90 100 120"
fi
known=$("$nvcc" --list-gpu-code)
architectures=()
for architecture in $wanted; do
  if grep -qx "sm_$architecture" <<< "$known"; then
    architectures+=("$architecture")
  fi
done
((${#architectures[@]} > 0)) || { echo "compile.sh: $nvcc knows none of the architectures $wanted" >&2; exit 1; }

mkdir -p "$out"
version=$("$nvcc" --version | tail -2)
headers=$(cat "$sources"/*.cuh | sha256sum)

compile() {
  local source=$1 precision=$2 name stamp architecture older=compute_75 newer=compute_80 hopper=no
  local options=(-std=c++17 -fatbin "-DPRECISION_${precision^^}" -Werror all-warnings -Xptxas -v)
  name=$(basename "$source" .cu)_$precision
  # The sources know two generations, before 8.0 and since: the PTX of each is compiled to machine code. Products of
  # 16 bits know 9.0 by itself, whose code (sm_90a) runs nowhere else.
  for architecture in "${architectures[@]}"; do
    if ((architecture < 80)); then
      older+=,sm_$architecture
    elif [[ $architecture == 90 && $name =~ ^(matmul|conv)_b?f16$ ]]; then
      hopper=yes
    else
      newer+=,sm_$architecture
    fi
  done
  # Older tensor cores have float16 only.
  if [[ $precision == f32 || $precision == f16 ]]; then
    options+=(-gencode "arch=compute_75,code=[$older]")
  fi
  options+=(-gencode "arch=compute_80,code=[$newer]")
  if [[ $hopper == yes ]]; then
    options+=(-gencode arch=compute_90a,code=sm_90a)
  fi
  stamp=$(echo "$version" "${options[*]}" "$headers" "$(sha256sum < "$source")" | sha256sum)
  if [[ -f $out/$name.fatbin && -f $out/$name.stamp && $(< "$out/$name.stamp") == "$stamp" ]]; then
    return
  fi
  rm -f "$out/$name".*
  "$nvcc" "${options[@]}" -o "$out/$name.part" "$source" > "$out/$name.log" 2>&1 || {
    cat "$out/$name.log" >&2
    return 1
  }
  if grep "instructions are serialized" "$out/$name.log" >&2; then
    return 1
  fi
  mv "$out/$name.part" "$out/$name.fatbin"
  echo "$stamp" > "$out/$name.stamp"
}

jobs=()
for source in "$sources"/*.cu; do
  case $(basename "$source" .cu) in
    matmul | conv) precisions="f32 tf32 f16 bf16" ;;
    *) precisions="f32 f16 bf16" ;;
  esac
  for precision in $precisions; do
    jobs+=("$source $precision")
  done
done
running=0
for job in "${jobs[@]}"; do
  if ((running >= $(nproc))); then
    wait -n
    running=$((running - 1))
  fi
  # shellcheck disable=SC2086
  compile $job &
  running=$((running + 1))
done
while ((running > 0)); do
  wait -n
  running=$((running - 1))
done

# Registers and spills of each kernel on each architecture.
for log in "$out"/*.log; do
  awk -v module="$(basename "$log" .log)" '
    /Compiling entry function/ { split($0, part, "\047"); kernel = part[2]; target = part[4] }
    /bytes spill stores/ { spills = $5 + $9 }
    /Used [0-9]+ registers/ { match($0, /Used [0-9]+/); printf "%-16s %-32s %-7s %3d registers %5d bytes spilled\n",
      module, kernel, target, substr($0, RSTART + 5, RLENGTH - 5), spills }
  ' "$log"
done > "$out/report.txt"
awk '{ if ($4 > most) most = $4; if ($6 > 0) { spilling++; if ($6 > worst) worst = $6 } }
  END { printf "%d kernels: at most %d registers; %d of them spill, at most %d bytes\n", NR, most, spilling, worst }' \
  "$out/report.txt"
