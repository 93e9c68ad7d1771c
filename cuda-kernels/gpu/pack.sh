#!/usr/bin/env bash
# Packs what a machine lacks that has an NVIDIA driver, PyTorch and a checkout of this repository, but neither
# Java nor a network: a Java runtime, the class path with the presets' natives for linux-x86_64, kernels for one
# architecture, and diffusers. There gpu/run.sh unpacks and runs it.
#
#   gpu/pack.sh [FOLDER]        FOLDER is target/gpu by default, which git ignores
#
# It holds archives for what changes at different times: base, ours (classes of this project) and kernels. What is
# there already need not be brought again.
#
# CUDA_ARCHITECTURES  what to compile for, 90 by default; see compile.sh
# KERNELS=no          leaves the kernels out: run.sh compiles them where there is nvcc
# TREE=yes            takes along the models and reference vectors of the checkout, for where there is none
# CUDART              a libcudart.so.12 to take along. By default that of org.bytedeco:cuda-redist where the
#                     local repository has it (mvn dependency:get; 360 MB), or else an empty library of that
#                     name: the binding asks for the library, but the backend calls the driver alone.
# DIFFUSERS           a checkout of diffusers; by default pip fetches it
# LIMIT_MIB           what may travel, checkout included; it is said whether that is kept. 64 by default.
set -euo pipefail
module=$(cd "$(dirname "$0")/.." && pwd)
root=$(cd "$module/.." && pwd)
out=$(realpath -m "${1:-$module/target/gpu}")
maven=${MVN:-mvn -B -ntp -q}
java_home=${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")}

for tool in xz python3 g++ sha256sum; do
  command -v $tool > /dev/null || { echo "pack.sh: there is no $tool" >&2; exit 1; }
done
rm -rf "$out"
mkdir -p "$out"
work=$(mktemp -d "$out/work.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{base/{jars,natives,site},ours,kernels}

echo "pack.sh: compiling" >&2
# Kernels are compiled further down, for one architecture.
(cd "$root" && NVCC=none $maven -pl cuda-kernels,benchmarks -am test-compile dependency:build-classpath \
  -DskipTests -Dmdep.outputFile=target/classpath.txt -Dmdep.includeScope=test > /dev/null)

# The tests of this module first, then what the benchmarks add: their peers on the CPU stay here, and with them
# another JavaCPP. Folders keep the order of the class path.
classpath=$module/target/test-classes:$module/target/classes:$(< "$module/target/classpath.txt")
classpath+=:$root/benchmarks/target/classes:$(grep -o '[^:]*' "$root/benchmarks/target/classpath.txt" |
  grep -v -e /org/bytedeco/ -e /toy-world/ -e /ejml- | paste -sd:)
number=100
while read -r entry; do
  case $entry in
    */cuda-*-linux-x86_64.jar)
      # Of the presets' natives only the two that the backend calls.
      mkdir "$work/presets"
      (cd "$work/presets" && "$java_home/bin/jar" xf "$entry" \
        org/bytedeco/cuda/linux-x86_64/libjni{cudart,nvrtc}.so)
      "$java_home/bin/jar" c0f "$work/base/jars/$(basename "$entry")" -C "$work/presets" .
      redist=${entry//\/cuda\//\/cuda-redist\/}
      redist=${redist//\/cuda-12/\/cuda-redist-12}
      ;;
    */byte-buddy-*.jar | */error_prone_annotations-*.jar) ;; # of no test here
    *linux-x86_64.jar) cp "$entry" "$work/base/jars/" ;;
    *-linux-*.jar | *-windows-*.jar | *-macosx-*.jar | *-android-*.jar | *-ios-*.jar) ;;
    *.jar) cp "$entry" "$work/base/jars/" ;;
    *)
      number=$((number + 1))
      cp -r "$entry" "$work/ours/$number"
      ;;
  esac
done < <(tr ':' '\n' <<< "$classpath" | awk '!seen[$0]++')
find "$work/ours" -name '*.fatbin' -delete
find "$work/ours" -path '*goldens*' -delete
# Stored jars become smaller in an archive than compressed ones.
python3 - "$work"/base/jars/*.jar << 'END'
import io, sys, zipfile

for name in sys.argv[1:]:
    with zipfile.ZipFile(name) as jar:
        entries = [(entry, jar.read(entry)) for entry in jar.infolist() if not entry.is_dir()]
    with zipfile.ZipFile(name, "w", zipfile.ZIP_STORED) as jar:
        for entry, data in entries:
            jar.writestr(zipfile.ZipInfo(entry.filename, entry.date_time), data)
END

if [[ ${KERNELS:-yes} == yes ]]; then
  echo "pack.sh: compiling kernels" >&2
  fatbins=$work/kernels/io/github/pix2pixzero/cuda/kernels
  mkdir -p "$fatbins"
  "$module/compile.sh" "$module/src/main/cuda" "$module/target/gpu-fatbins" "${CUDA_ARCHITECTURES:-90}"
  cp "$module"/target/gpu-fatbins/*.fatbin "$fatbins/"
  find "$module/src/main/cuda" "$module/compile.sh" -type f -print0 | LC_ALL=C sort -z | xargs -0 cat |
    sha256sum > "$work/kernels/sources"
fi

echo "pack.sh: linking a Java runtime" >&2
# Pictures need java.desktop.
"$java_home/bin/jlink" --output "$work/base/runtime" --strip-debug --no-header-files --no-man-pages --vm=server \
  --add-modules java.base,java.desktop,java.logging,java.management,java.xml,jdk.unsupported,jdk.incubator.vector

natives=$work/base/natives
if [[ -n ${CUDART:-} ]]; then
  cp "$CUDART" "$natives/libcudart.so.12"
elif [[ -f ${redist:-} ]]; then
  (cd "$work" && "$java_home/bin/jar" xf "$redist" org/bytedeco/cuda/linux-x86_64/libcudart.so.12)
  mv "$work/org/bytedeco/cuda/linux-x86_64/libcudart.so.12" "$natives/"
else
  echo 'libcudart.so.12 {};' > "$work/versions"
  g++ -shared -Wl,-soname,libcudart.so.12 "-Wl,--version-script=$work/versions" -x c /dev/null \
    -o "$natives/libcudart.so.12"
fi

if [[ -n ${DIFFUSERS:-} ]]; then
  cp -r "$DIFFUSERS/src/diffusers" "$work/base/site/"
else
  python3 -m pip install -q --no-deps --no-compile --target "$work/base/site" diffusers ||
    echo "pack.sh: pip could not install diffusers; PyTorch's side will not run" >&2
fi
find "$work" -name '__pycache__' -prune -exec rm -r {} +

archives=(base ours kernels)
if [[ ${TREE:-no} == yes ]]; then
  mkdir -p "$work/tree/cuda-kernels"
  for folder in {unet,vae,clip-text}/src/test/resources/goldens toy-world/model; do
    mkdir -p "$work/tree/$(dirname "$folder")"
    cp -r "$root/$folder" "$work/tree/$folder"
  done
  archives+=(tree)
fi
echo "pack.sh: compressing" >&2
for archive in "${archives[@]}"; do
  tar --sort=name --owner=0 --group=0 -C "$work" -cf - "$archive" | xz -9 > "$out/$archive.tar.xz"
done
cp "$module"/gpu/{run.sh,peer.py,table.py} "$out/"
rm -rf "$work"

# ------------------------------------------------------------------ what travels

bytes() {
  (cd "$root" && git ls-files -z --cached --others --exclude-standard "$@" | sort -zu |
    xargs -0 stat -c %s 2> /dev/null | awk '{ sum += $1 } END { print sum + 0 }') || true
}
packed=$(cat "$out"/* | wc -c)
checkout=$(bytes)
thin=$(bytes -- ':!toy-world/model')
limit=$((${LIMIT_MIB:-64} * 1048576))
(cd "$out" && wc -c -- *) >&2
echo "pack.sh: the checkout has $checkout bytes, together $((checkout + packed)) of $limit" >&2
if ((checkout + packed > limit)); then
  cat >&2 << END
pack.sh: that is too much for one call. Without toy-world/model it is $((thin + packed)):
  git sparse-checkout set --no-cone '/*' '!/toy-world/model/'    before the first call, which carries the folder
  git sparse-checkout disable                                    before the next, which carries nothing
END
  ((thin + packed <= limit)) || { echo "pack.sh: which is too much, too; KERNELS=no leaves more out" >&2; exit 1; }
fi
