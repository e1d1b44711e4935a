# The steps that run, test and .ci/run share. To be sourced by bash, in the project's root folder.

# What each purpose needs: a Debian package, or PACKAGE:COMMAND where the command will do, wherever
# it came from.
runPackages=(cmake:cmake g++:g++ ninja-build:ninja pkg-config:pkg-config
  ca-certificates libcpp-httplib-dev libcurl4-openssl-dev libfmt-dev libicu-dev libpq-dev
  libsqlite3-dev libssl-dev nlohmann-json3-dev)
testPackages=("${runPackages[@]}" abigail-tools:abidw chromium:chromium doctest-dev doxygen:doxygen
  curl:curl gcc:gcc golang-go:go libevent-dev nodejs:node nginx-light:nginx npm:npm postgresql
  python3:python3 python3-fastapi python3-flask
  python3-pip python3-setuptools python3-uvicorn python3-wheel sqlite3:sqlite3)
checkPackages=("${testPackages[@]}" ccache:ccache clang:clang++ clang-format:clang-format
  clang-tidy:clang-tidy dpkg-dev:dpkg-shlibdeps libbenchmark-dev libclang-rt-dev)

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

isInstalled() {
  case $1 in
    *:*) command -v "${1#*:}" >/dev/null ;;
    *) [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ] ;;
  esac
}

# Runs a command and shows its output only if it fails.
quietly() {
  local log
  log=$(mktemp)
  if ! "$@" >"$log" 2>&1 </dev/null; then
    cat "$log" >&2
    rm -f "$log"
    fail "Failed: $*"
  fi
  rm -f "$log"
}

asRoot() {
  if [ "$(id -u)" = 0 ]; then
    env DEBIAN_FRONTEND=noninteractive "$@"
  else
    sudo env DEBIAN_FRONTEND=noninteractive "$@"
  fi
}

# Installs those of the given packages that are missing. Other systems than Debian and Ubuntu are
# told what is needed.
setUp() {
  local entry missing=()
  for entry in "$@"; do
    isInstalled "$entry" || missing+=("${entry%%:*}")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if ! command -v apt-get >/dev/null; then
    echo "Make sure that what these Debian packages hold is installed: ${missing[*]}" >&2
    return 0
  fi
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
    fail "Neither root nor sudo: please install ${missing[*]}"
  echo "Installing ${missing[*]}"
  quietly asRoot apt-get update
  quietly asRoot apt-get install --yes --no-install-recommends "${missing[@]}"
}

# Installs what the tests in JavaScript use, where it is missing or older than its list.
setUpNodeTests() {
  local folder
  for folder in tests/browser tests/sdk; do
    [ "$folder/node_modules/.package-lock.json" -nt "$folder/package-lock.json" ] && continue
    echo "Installing the packages of $folder"
    quietly npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund
  done
}

# build PRESET [OPTION...]: configures and builds.
build() {
  local preset=$1
  shift
  quietly cmake --preset "$preset" "$@"
  quietly cmake --build --preset "$preset"
}

# runTests PRESET [CTEST-OPTION...]: what has failed, then a line with the numbers.
runTests() {
  local preset=$1 good=true output failed skipped
  shift
  output=$(ctest --preset "$preset" --parallel 2 --no-tests=error --output-junit test.xml "$@" \
    </dev/null 2>&1) || good=false
  $good || grep -avE ' Passed |^ +Start +[0-9]+:|^ok ' <<<"$output"
  failed=$(resultOf "$preset" failures)
  skipped=$(resultOf "$preset" skipped)
  echo "$(($(resultOf "$preset" tests) - failed - skipped)) passed, $failed failed, $skipped skipped"
  $good
}

# fuzz TARGET SECONDS: starts from the stored inputs; an input that fails is kept in build/fuzz.
fuzz() {
  local found=build/fuzz/found/$1 made=build/fuzz/tests/fuzz/corpus/$1
  rm -rf "$found"
  mkdir -p "$found" "$made"
  "build/fuzz/tests/fuzz/$1_fuzz" -seed=1 -max_total_time="$2" -timeout=10 \
    -dict=tests/fuzz/words.dict -artifact_prefix="build/fuzz/$1-" "$found" "tests/fuzz/corpus/$1" "$made"
}

# resultOf PRESET NAME: a number of the last test run: tests, failures or skipped. The preset slow
# runs tests of the build dev.
resultOf() {
  sed -n "s/^\t$2=\"\([0-9]*\)\"$/\1/p" "build/${1/#slow/dev}/test.xml"
}
