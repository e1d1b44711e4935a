#!/bin/sh
# install.sh BUILD: installs the library in BUILD/go/installed.
set -eu
rm -rf "$1/go/installed"
cmake --install "$1" --prefix "$1/go/installed" >/dev/null
