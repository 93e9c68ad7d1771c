#!/usr/bin/env bash
# Runs what pack.sh has packed, on a machine with an NVIDIA GPU: run.sh [suite] [memcheck] [racecheck]
# [parity] [times], all of them by default. Ends with the status of the first that fails.
#
# JAVA_OPTIONS and CLASSES are put before the options and the class path; SUITE names other tests of the suite,
# TREE another checkout than this folder lies in, PYTHON another python3. TOY=yes makes the models of parity
# and times small, to try them without a GPU.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=${WORK:-/tmp/pix2pix-zero-gpu}
export LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$here/natives

# The tests look for models and reference vectors from their module's folder.
tree=$here/tree
[[ -d $tree ]] || tree=$(cd "${TREE:-$here/../../..}" && pwd)
if [[ ! -d $tree/toy-world/model ]]; then
  echo "run.sh: there is no checkout at $tree; pack by TREE=yes, or name one in TREE" >&2
  exit 2
fi
if [[ ! -x $work/runtime/bin/java ]]; then
  mkdir -p "$work"
  tar -xzf "$here/runtime.tar.gz" -C "$work"
fi

classpath=${CLASSES:+$CLASSES:}$(printf '%s:' "$here"/classes/* "$here"/jars/*.jar)
# shellcheck disable=SC2206
java=("$work/runtime/bin/java" ${JAVA_OPTIONS:-} --add-modules jdk.incubator.vector -cp "$classpath")
package=io.github.pix2pixzero.cuda

suite() {
  # shellcheck disable=SC2086
  (cd "$tree/cuda-kernels" && "${java[@]}" "$package.GpuSuite" \
    ${SUITE:-CudaBackendTest HalfBackendTest BrainBackendTest PrecisionTest CudaGraphTest ModelsTest})
}

# Blocks of just the size asked for, so that their ends are seen.
sanitize() {
  local tool=$1
  (cd "$tree/cuda-kernels" && compute-sanitizer --tool "$tool" --target-processes all --error-exitcode 9 \
    "${java[@]}" -Dpix2pixzero.poison=true "$package.GpuSuite" CudaBackendTest HalfBackendTest CudaGraphTest)
}

reference() {
  if [[ -f $work/io.safetensors ]]; then
    return
  fi
  mkdir -p "$work"
  PYTHONPATH=$here/site${PYTHONPATH:+:$PYTHONPATH} PYTHONUNBUFFERED=1 "${PYTHON:-python3}" "$here/reference.py" "$work" ${TOY:+--cpu}
}

for task in "${@:-suite memcheck racecheck parity times}"; do
  for part in $task; do
    echo "== $part"
    case $part in
      suite) suite ;;
      memcheck | racecheck) sanitize "$part" ;;
      parity)
        reference
        "${java[@]}" "$package.GpuTrial" ${TOY:+--toy} "$work" cpu float32
        ;;
      times)
        reference
        "${java[@]}" "$package.GpuTrial" ${TOY:+--toy} "$work" tf32 float16 bfloat16
        ;;
      *)
        echo "run.sh: what is $part? suite, memcheck, racecheck, parity or times" >&2
        exit 2
        ;;
    esac
  done
done
