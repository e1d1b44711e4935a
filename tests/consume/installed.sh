#!/usr/bin/env bash
# installed.sh PREFIX FOLDER: uses what is installed in PREFIX from other projects, built in FOLDER.
set -euo pipefail
sources=$(dirname "$(realpath "$0")")
prefix=$(realpath "$1")
for project in find_package find_capi; do
  cmake -S "$sources/$project" -B "$2/$project" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF
  # An installed library elsewhere would be found as well.
  grep "^chatbot_DIR:PATH=$prefix/" "$2/$project/CMakeCache.txt"
  cmake --build "$2/$project"
  ctest --test-dir "$2/$project" --no-tests=error --output-on-failure
done
"$sources/pkg_config.sh" "$prefix" "$2/pkg_config"
