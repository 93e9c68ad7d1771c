#!/usr/bin/env bash
# Packs what a machine needs that has nothing but an NVIDIA driver: a Java runtime, the class path with the
# presets' natives for linux-x86_64, kernels for one architecture, models and reference vectors, and what
# PyTorch's side of the comparison lacks there. On such a machine gpu/run.sh runs it.
#
#   gpu/pack.sh [FOLDER]        FOLDER is target/gpu by default, which git ignores
#
# CUDA_ARCHITECTURES  what to compile for, 90 by default; see compile.sh
# KERNELS=no          leaves the kernels out, to try the rest on the emulated driver
# TREE=yes            takes along the models and reference vectors of the checkout, 43 MiB; without, FOLDER
#                     must lie where it is in a checkout, or run.sh be told of one
# CUDART              a libcudart.so.12 to take along. By default that of org.bytedeco:cuda-redist where the
#                     local repository has it (mvn dependency:get; 450 MB), or else an empty library of that
#                     name: the binding asks for the library, but the backend calls the driver alone.
# DIFFUSERS           a checkout of diffusers; by default pip fetches it
set -euo pipefail
module=$(cd "$(dirname "$0")/.." && pwd)
root=$(cd "$module/.." && pwd)
out=$(realpath -m "${1:-$module/target/gpu}")
maven=${MVN:-mvn -B -ntp -q}
java_home=${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")}

rm -rf "$out"
mkdir -p "$out/jars" "$out/classes" "$out/natives"

echo "pack.sh: compiling" >&2
# Kernels are compiled further down, for one architecture.
(cd "$root" && NVCC=none $maven -pl cuda-kernels -am test-compile dependency:build-classpath -DskipTests \
  -Dmdep.outputFile=target/classpath.txt -Dmdep.includeScope=test > /dev/null)

# In the order of the class path, so that what comes first there comes first here.
number=0
while read -r entry; do
  case $entry in
    */cuda-*-linux-x86_64.jar)
      # Of the presets' natives only the two that the backend calls.
      mkdir "$out/presets"
      (cd "$out/presets" && "$java_home/bin/jar" xf "$entry" \
        org/bytedeco/cuda/linux-x86_64/libjni{cudart,nvrtc}.so)
      "$java_home/bin/jar" cf "$out/jars/$(basename "$entry")" -C "$out/presets" .
      rm -r "$out/presets"
      redist=${entry//\/cuda\//\/cuda-redist\/}
      redist=${redist//\/cuda-12/\/cuda-redist-12}
      ;;
    */byte-buddy-*.jar | */error_prone_annotations-*.jar) ;; # of no test here
    *linux-x86_64.jar) cp "$entry" "$out/jars/" ;;
    *-linux-*.jar | *-windows-*.jar | *-macosx-*.jar | *-android-*.jar | *-ios-*.jar) ;;
    *.jar) cp "$entry" "$out/jars/" ;;
    *)
      number=$((number + 1))
      cp -r "$entry" "$out/classes/$number"
      ;;
  esac
done < <(echo "$module/target/test-classes:$module/target/classes:$(< "$module/target/classpath.txt")" | tr ':' '\n')
find "$out/classes" -name '*.fatbin' -delete
find "$out/classes" -path '*goldens*' -delete

if [[ ${KERNELS:-yes} == yes ]]; then
  echo "pack.sh: compiling kernels" >&2
  kernels=$out/kernels/io/github/pix2pixzero/cuda/kernels
  "$module/compile.sh" "$module/src/main/cuda" "$module/target/gpu-fatbins" "${CUDA_ARCHITECTURES:-90}"
  mkdir -p "$kernels"
  cp "$module"/target/gpu-fatbins/*.fatbin "$kernels/"
  "$java_home/bin/jar" cf "$out/jars/kernels.jar" -C "$out/kernels" . # a fraction of their size
  rm -r "$out/kernels"
fi

echo "pack.sh: linking a Java runtime" >&2
"$java_home/bin/jlink" --output "$out/runtime" --compress=2 --strip-debug --no-header-files --no-man-pages \
  --vm=server --add-modules java.base,java.logging,java.management,java.xml,jdk.unsupported,jdk.incubator.vector
tar -czf "$out/runtime.tar.gz" -C "$out" runtime
rm -r "$out/runtime"

if [[ -z ${CUDART:-} && -f ${redist:-} ]]; then
  (cd "$out/natives" && "$java_home/bin/jar" xf "$redist" org/bytedeco/cuda/linux-x86_64/libcudart.so.12)
  mv "$out/natives/org/bytedeco/cuda/linux-x86_64/libcudart.so.12" "$out/natives/"
  rm -r "$out/natives/org"
elif [[ -n ${CUDART:-} ]]; then
  cp "$CUDART" "$out/natives/libcudart.so.12"
else
  echo 'libcudart.so.12 {};' > "$out/natives/versions"
  g++ -shared -Wl,-soname,libcudart.so.12 "-Wl,--version-script=$out/natives/versions" -x c /dev/null \
    -o "$out/natives/libcudart.so.12"
  rm "$out/natives/versions"
fi

if [[ ${TREE:-no} == yes ]]; then
  mkdir -p "$out/tree/cuda-kernels"
  for folder in {unet,vae,clip-text}/src/test/resources/goldens toy-world/model; do
    mkdir -p "$out/tree/$(dirname "$folder")"
    cp -r "$root/$folder" "$out/tree/$folder"
  done
fi

cp "$module/gpu/run.sh" "$module/gpu/reference.py" "$out/"
if [[ -n ${DIFFUSERS:-} ]]; then
  mkdir -p "$out/site"
  cp -r "$DIFFUSERS/src/diffusers" "$out/site/"
else
  python3 -m pip install -q --no-deps --no-compile --target "$out/site" diffusers ||
    echo "pack.sh: pip could not install diffusers; PyTorch's side will not run" >&2
fi
# Its models do without its pipelines.
rm -rf "$out"/site/diffusers/{modular_,}pipelines/*/
find "$out" -name '__pycache__' -prune -exec rm -r {} +
du -sh "$out" >&2
