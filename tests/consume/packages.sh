#!/usr/bin/env bash
# packages.sh BUILD FOLDER: makes Debian packages of a build, and uses them from other projects:
# unpacked in a tree of their own, as this machine may have others of their names.
set -euo pipefail
sources=$(dirname "$(realpath "$0")")
rm -rf "$2"
mkdir -p "$2/tree"

cpack --config "$1/CPackConfig.cmake" -G DEB -B "$2"
runtime=$(realpath "$2"/libchatbot[0-9]*_*.deb)
development=$(realpath "$2"/libchatbot-dev_*.deb)

# field PACKAGE NAME PATTERN: the field of the package's description says so.
field() {
  dpkg-deb --field "$1" "$2" | grep -E "$3" || {
    echo "$1: $2 is not $3 but $(dpkg-deb --field "$1" "$2")" >&2
    exit 1
  }
}
version=$(dpkg-deb --field "$runtime" Version)
for library in libc6 libfmt libsqlite3-0 libssl libstdc; do
  field "$runtime" Depends "(^|, )$library[^,]* \(>="
done
field "$development" Depends "^$(dpkg-deb --field "$runtime" Package) \(= $version\)"
field "$development" Version "^$version\$"
dpkg-deb --info "$runtime" shlibs | grep -q '^libchatbot '

# This system can give what they need.
apt-get install --simulate "$runtime" "$development"

for package in "$runtime" "$development"; do dpkg-deb --extract "$package" "$2/tree"; done
"$sources/installed.sh" "$2/tree/usr" "$2/consume"

# The runtime's package alone is enough for a program that was built before.
rm -rf "$2/tree"
dpkg-deb --extract "$runtime" "$2/tree"
ctest --test-dir "$2/consume/find_capi" --no-tests=error --output-on-failure
