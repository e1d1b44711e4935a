#!/bin/sh
# run.sh BUILD FOLDER ARGUMENT...: `go ARGUMENT...` in FOLDER, with the library of the build folder as
# `cmake --install` gives it. Ends with 77, skipped, where there is no Go.
set -eu
build=$1
folder=$2
shift 2
command -v go >/dev/null || exit 77
export CGO_ENABLED=1 GOFLAGS="-mod=mod -buildvcs=false" GOPROXY=off GOCACHE="$build/go/cache" GOPATH="$build/go/path"
PKG_CONFIG_PATH=$(dirname "$(find "$build/go/installed" -name chatbot.pc)")
export PKG_CONFIG_PATH
cd "$folder"
exec go "$@"
