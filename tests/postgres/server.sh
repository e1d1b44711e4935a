#!/bin/sh
# A PostgreSQL server for tests, on a socket in its own folder and nowhere else.
#
# server.sh start BIN FOLDER   makes the cluster where it is not there yet, and starts it
# server.sh stop BIN FOLDER    stops it and removes the folder
# server.sh immediate|fast|restart BIN FOLDER   stops it so, or starts it again
#
# BIN has initdb and pg_ctl. PostgreSQL refuses to run as root: then it runs as the user postgres,
# whom its packages make.
set -eu
action=$1 bin=$2 folder=$3

as_user() {
  if [ "$(id -u)" = 0 ]; then
    (cd / && exec setpriv --reuid=postgres --regid=postgres --clear-groups "$@")
  else
    "$@"
  fi
}

make() {
  mkdir -p "$folder"
  if [ "$(id -u)" = 0 ]; then chown postgres "$folder"; fi
  as_user "$bin/initdb" --pgdata="$folder/data" --username=postgres --auth=trust \
    --encoding=UTF8 --no-locale --no-sync >"$folder.log" 2>&1 || { cat "$folder.log" >&2; exit 1; }
  rm -f "$folder.log"
  # Tests end processes, not machines: nothing needs to reach the disk.
  as_user tee -a "$folder/data/postgresql.conf" >/dev/null <<EOF
listen_addresses = ''
unix_socket_directories = '$folder'
max_connections = 300
fsync = off
full_page_writes = off
logging_collector = off
EOF
}

start() {
  as_user "$bin/pg_ctl" --pgdata="$folder/data" --log="$folder/log" --silent --wait start
}

halt() {
  as_user "$bin/pg_ctl" --pgdata="$folder/data" --mode="$1" --silent --wait stop
}

case $action in
  start)
    if [ -e "$folder/data/postmaster.pid" ]; then halt immediate || true; fi
    [ -d "$folder/data" ] || make
    start
    ;;
  stop)
    halt immediate || true
    rm -rf "$folder"
    ;;
  restart) start ;;
  *) halt "$action" ;;
esac
