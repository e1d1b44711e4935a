#!/bin/sh
# in_folder.sh FOLDER COMMAND...: runs the command in the folder, which is made empty first.
set -eu
rm -rf "$1"
mkdir -p "$1"
cd "$1"
shift
exec "$@"
