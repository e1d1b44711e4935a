#!/usr/bin/env bash
# pkg_config.sh PREFIX FOLDER: builds programs in FOLDER against what is installed in PREFIX.
set -euo pipefail
sources=$(dirname "$(realpath "$0")")
prefix=$(realpath "$1")
mkdir -p "$2"
cd "$2"
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name chatbot.pc)")
libraries=$(dirname "$PKG_CONFIG_PATH")
export PKG_CONFIG_PATH

# program MODULE COMPILER... SOURCE: builds and runs it.
program() {
  local module=$1 flags
  shift
  # The folder is realpath's, so that no part of it is a blank.
  read -ra flags < <(pkg-config --cflags --libs "$module")
  "$@" "${flags[@]}" -Wl,-rpath,"$libraries" -o program
  ./program
}

# needs PATTERN: what the program is linked to at run time.
needs() {
  readelf -d program | grep -q "NEEDED.*\[$1" || {
    echo "the program does not need $1" >&2
    exit 1
  }
}

program chatbot "${CC:-cc}" -std=c99 "$sources/capi.c"
needs libchatbot.so
program chatbot "${CXX:-c++}" "$sources/capi_from_cpp.cpp"
needs libchatbot.so
program chatbot-static "${CC:-cc}" -std=c99 "$sources/capi.c"
needs libsqlite3.so
program chatbot-cpp "${CXX:-c++}" -std=c++20 "$sources/cpp.cpp"
needs libsqlite3.so

# A program without any shared library is linked to all of these.
everything=" $(pkg-config --static --libs chatbot) "
for library in chatbot chatbot-cpp fmt sqlite3 crypto stdc++; do
  [[ $everything == *" -l$library "* ]] || {
    echo "pkg-config --static: no $library in$everything" >&2
    exit 1
  }
done
[ "$(pkg-config --libs-only-l chatbot | xargs)" = -lchatbot ] || {
  echo "the shared library's users are linked to more than it" >&2
  exit 1
}
