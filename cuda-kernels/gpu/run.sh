#!/usr/bin/env bash
# Runs what pack.sh has packed, on a machine with an NVIDIA GPU: run.sh [TASK...], all of them by default. In a
# checkout it is called where it lies, beside pack.sh.
#
#   suite      the tests                                memcheck, racecheck  some of them under compute-sanitizer
#   parity     the models against PyTorch in float32    times     the models and attention, ours and PyTorch's
#   edit       a whole edit, ours and diffusers'        compiled  torch.compile's UNet
#   jmh        attention under JMH                      tiles     products and convolutions by each size of tile
#   launched   our edit without graphs                  table     what was measured so far, beside the targets
#
# Tasks are run one after the other until LIMIT seconds are over, 570 by default; whatever goes on then is ended,
# and the rest is named. A task that fails stops no other one; the status is 1 if any did. Each says how long it took.
# The log, the results of JMH and of compute-sanitizer, and the table gather in WORK/results, over several calls,
# and are copied to OUT, if there is one, after each task. Models are written and reference vectors are computed
# once.
#
# SUITE, CHECKED  names of other test classes, for suite and for memcheck and racecheck
# PRECISIONS      of times, "float16 tf32 bfloat16" by default
# STEPS           of an edit, 50 by default            MODES   of torch.compile, "reduce-overhead" by default
# JMH             which rows                           PYTHON  another python3
# TREE            another checkout than this script lies in
# JAVA_OPTIONS and CLASSES are put before the options and the class path. TOY=yes makes everything small, to try it
# on the emulated driver.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=${WORK:-/tmp/pix2pix-zero-gpu}
results=$work/results
end=$((SECONDS + ${LIMIT:-570}))
mkdir -p "$results"

# ------------------------------------------------------------------ unpacking

unpack() {
  if command -v xz > /dev/null; then
    tar -xJf "$1" -C "$work"
  else
    python3 -W ignore -c 'import sys, tarfile; tarfile.open(sys.argv[1], "r:xz").extractall(sys.argv[2])' "$1" "$work"
  fi
}

for archive in "$here"/*.tar.xz "$here"/../target/gpu/*.tar.xz; do
  [[ -f $archive ]] || continue
  name=$(basename "$archive" .tar.xz)
  sum=$(sha256sum < "$archive")
  if [[ ! -f $work/$name.sum || $(< "$work/$name.sum") != "$sum" ]]; then
    rm -rf "${work:?}/$name" "$work/$name.sum"
    unpack "$archive"
    echo "$sum" > "$work/$name.sum"
  fi
done
if [[ ! -x $work/base/runtime/bin/java || ! -d $work/ours ]]; then
  echo "run.sh: neither $here nor $here/../target/gpu nor $work has what pack.sh makes" >&2
  exit 2
fi

# The tests look for models and reference vectors from their module's folder.
for tree in "${TREE:-$work/tree}" "$here/../.." "$here/../../.." ''; do
  [[ ! -d $tree/unet/src/test/resources/goldens ]] || break
done
if [[ -z $tree ]]; then
  echo "run.sh: there is no checkout around $here; pack by TREE=yes, or name one in TREE" >&2
  exit 2
fi
tree=$(cd "$tree" && pwd)

# Kernels that have changed since they were packed are compiled here: a matter of a minute on 16 processors.
kernels=$work/kernels
sources=$tree/cuda-kernels/src/main/cuda
if [[ -z ${TOY:-} && -d $sources ]] && command -v nvcc > /dev/null; then
  sum=$(find "$sources" "$tree/cuda-kernels/compile.sh" -type f -print0 | LC_ALL=C sort -z | xargs -0 cat | sha256sum)
  if [[ ! -f $kernels/sources || $(< "$kernels/sources") != "$sum" ]]; then
    kernels=$work/compiled
    mkdir -p "$kernels/io/github/pix2pixzero/cuda/kernels"
    "$tree/cuda-kernels/compile.sh" "$sources" "$kernels/io/github/pix2pixzero/cuda/kernels" \
      "${CUDA_ARCHITECTURES:-90}"
  fi
fi

# ------------------------------------------------------------------ programs

classpath=${CLASSES:+$CLASSES:}$kernels:$(printf '%s:' "$work"/ours/* "$work"/base/jars/*.jar)
libraries=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$work/base/natives:/usr/local/nvidia/lib64:/usr/local/nvidia/lib
# shellcheck disable=SC2206
java=("$work/base/runtime/bin/java" ${JAVA_OPTIONS:-} --add-modules jdk.incubator.vector -Djava.awt.headless=true
  -cp "$classpath")
tests=io.github.pix2pixzero.cuda
benchmarks=io.github.pix2pixzero.benchmarks.Main
if [[ -z ${TOY:-} ]]; then
  toy=() cpu=() family=sd15 steps=${STEPS:-50}
else
  toy=(--toy) cpu=(--cpu) family=tiny steps=${STEPS:-2}
fi

# Until the time of the call is over.
limited() {
  timeout -k 5 $((end > SECONDS ? end - SECONDS : 1)) "$@"
}

# In a folder: arguments of java, which a program named in "under" starts.
under=()
run_java() {
  (cd "$1" && LD_LIBRARY_PATH=$libraries limited "${under[@]}" "${java[@]}" "${@:2}")
}

peer() {
  PYTHONPATH=$work/base/site${PYTHONPATH:+:$PYTHONPATH} PYTHONUNBUFFERED=1 PYTHONWARNINGS=ignore HF_HUB_OFFLINE=1 \
    limited "${PYTHON:-python3}" "$here/peer.py" "$1" "$work" "${cpu[@]}" "${@:2}"
}

model() {
  if [[ ! -f $work/model.done ]]; then
    run_java "$work" "$benchmarks" random-model "$family" "$work/model" && touch "$work/model.done"
  fi
}

vectors() {
  model && { [[ -f $work/io.safetensors ]] || peer vectors; }
}

# ------------------------------------------------------------------ tasks

suite() {
  local name failed=() names=${SUITE:-CudaBackendTest HalfBackendTest BrainBackendTest PrecisionTest CudaGraphTest RepeatedPassTest ModelsTest}
  if [[ -z ${SUITE:-} && -d $tree/toy-world/model ]]; then
    names+=" ToyEditTest"
  fi
  # A fault ends a process's use of the device, and is told of where it is waited for: hence a process for each
  # class, and launches that are waited for.
  for name in $names; do
    CUDA_LAUNCH_BLOCKING=1 run_java "$tree/cuda-kernels" "$tests.GpuSuite" "$name" || failed+=("$name")
  done
  if ((${#failed[@]} > 0)); then
    echo "failed: ${failed[*]}"
    return 1
  fi
}

# Blocks of just the size asked for, so that their ends are seen. The backend checks every status by itself; of
# some calls it expects that they fail.
sanitize() {
  local under=(compute-sanitizer --tool "$1" --target-processes all --launch-timeout 600 --report-api-errors no
    --error-exitcode 9 --log-file "$results/$1.txt")
  # shellcheck disable=SC2086
  run_java "$tree/cuda-kernels" -Dpix2pixzero.poison=true "$tests.GpuSuite" \
    ${CHECKED:-CudaBackendTest HalfBackendTest CudaGraphTest}
  local status=$?
  tail -3 "$results/$1.txt"
  return $status
}

memcheck() {
  sanitize memcheck
}

racecheck() {
  sanitize racecheck
}

parity() {
  vectors && run_java "$work" "$tests.GpuTrial" "${toy[@]}" parity "$work" cpu float32
}

times() {
  # shellcheck disable=SC2086
  vectors && run_java "$work" "$tests.GpuTrial" "${toy[@]}" times "$work" ${PRECISIONS:-float16 tf32 bfloat16} &&
    peer times
}

compiled() {
  local mode
  vectors || return
  for mode in ${MODES:-reduce-overhead}; do
    peer compiled --mode "$mode" || return
  done
}

# Each set of options in a process of its own, for its peak of memory.
edit() {
  local options=(whole-edit "$work/model" --device cuda --steps "$steps")
  model && run_java "$work" -Dpix2pixzero.cuda.precision=float16 "$benchmarks" "${options[@]}" --published &&
    peer edit --steps "$steps" &&
    run_java "$work" -Dpix2pixzero.cuda.precision=float16 "$benchmarks" "${options[@]}"
}

jmh() {
  local small=() quick=()
  [[ -z ${TOY:-} ]] || { small=(-Dbenchmark.queries=64) && quick=(--quick); }
  run_java "$work" -Dpix2pixzero.cuda.precision=float16 "${small[@]}" "-Dbenchmark.command=run.sh jmh" \
    "$benchmarks" kernels --device cuda --results "$results/jmh.json" "${quick[@]}" "${JMH:-^(self|cross)-attention}"
}

# For the speeds that Tiling estimates.
tiles() {
  run_java "$work" "$tests.TileTrial" "${toy[@]}"
}

# What graphs save: the same edit, each kernel launched by itself.
launched() {
  model && run_java "$work" -Dpix2pixzero.cuda.precision=float16 -Dpix2pixzero.cuda.graphs=false "$benchmarks" \
    whole-edit "$work/model" --device cuda --steps "$steps" | sed 's/"row": "/&launched, /'
}

table() {
  "${PYTHON:-python3}" "$here/table.py" "$results/log.txt" "$steps" | tee "$results/table.md"
}

# ------------------------------------------------------------------ all of them

publish() {
  if [[ -n ${OUT:-} ]]; then
    cp "$results"/* "$OUT/"
  fi
}

perform() {
  local task start failed=()
  echo "== $(date -u +%FT%TZ) run.sh $*"
  nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader 2> /dev/null ||
    echo "there is no nvidia-smi"
  for task; do
    if ((SECONDS + 5 >= end)); then
      echo "== $task: not begun, the time is over"
      failed+=("$task")
      continue
    fi
    echo "== $task"
    start=$SECONDS
    if ! "$task"; then
      failed+=("$task")
    fi
    echo "== $task took $((SECONDS - start)) s"
    publish
  done
  if ((${#failed[@]} > 0)); then
    echo "== failed or not begun: ${failed[*]}"
    return 1
  fi
}

all=(suite parity times edit compiled jmh tiles launched memcheck racecheck table)
tasks=("${@:-${all[@]}}")
for task in "${tasks[@]}"; do
  if [[ " ${all[*]} " != *" $task "* ]]; then
    echo "run.sh: what is $task? There are ${all[*]}" >&2
    exit 2
  fi
done
status=0
perform "${tasks[@]}" 2>&1 | tee -a "$results/log.txt" || status=$?
publish
exit "$status"
