#!/bin/sh
# format.sh FOLDER...: names the files that gofmt would change. Ends with 77 where there is no gofmt.
command -v gofmt >/dev/null || exit 77
unformatted=$(gofmt -l "$@")
[ -z "$unformatted" ] || {
  echo "$unformatted"
  exit 1
}
