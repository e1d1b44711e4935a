#!/bin/sh
# if_built.sh PROGRAM COMMAND...: ends with 77, skipped, where the program could not be built.
[ -x "$1" ] || exit 77
shift
exec "$@"
