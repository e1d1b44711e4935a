# snippet.sh FOLDER PROGRAM OUTPUT: PROGRAM, run in the new folder FOLDER, succeeds and prints OUTPUT.
rm -rf "$1" && mkdir "$1" && cd "$1" || exit 1
output=$("$2") && printf '%s\n' "$output" | grep -F -- "$3"
