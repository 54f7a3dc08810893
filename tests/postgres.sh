#!/usr/bin/env bash
# postgres.sh COMMAND…: run COMMAND against a PostgreSQL server of its own, started here and removed afterwards.
# In CI a missing server is installed; elsewhere the run is skipped, and says so.
set -u
find_bin() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1; }
bin=$(find_bin)
if [ -z "$bin" ] && [ -n "${CI:-}" ]; then
  bash "$(dirname "$0")/need.sh" initdb-not-on-path postgresql >/dev/null 2>&1
  bin=$(find_bin)
fi
if [ -z "$bin" ]; then
  echo "SKIPPED: the PostgreSQL run. No server is installed here (apt-get install postgresql)."
  exit 0
fi
# In memory, where there is room: every test makes a database and drops it, and none has to outlive the machine.
room=$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)
[ "${room:-0}" -gt 4000000 ] && base=/dev/shm || base=/tmp
folder=$(mktemp -d "$base/mingbai-postgres.XXXXXX")
as_owner() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; else "$@"; fi; }
[ "$(id -u)" = 0 ] && chown postgres "$folder"
cd "$folder" || exit 1
stop() { as_owner "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1; rm -rf "$folder"; }
trap stop EXIT
as_owner "$bin/initdb" -D "$folder/data" -U mingbai --auth=trust --encoding=UTF8 --locale=C.UTF-8 >"$folder/initdb.log" 2>&1 \
  || { cat "$folder/initdb.log"; exit 1; }
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
as_owner "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/server.log" \
  -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder -c fsync=off -c full_page_writes=off \
-c wal_level=minimal -c max_wal_senders=0 -c max_wal_size=2GB -c autovacuum=off -c jit=off -c max_connections=200" start >/dev/null \
  || { cat "$folder/server.log"; exit 1; }
cd "$OLDPWD" || exit 1
echo "PostgreSQL $("$bin/postgres" --version | awk '{print $3}') on port $port"
MINGBAI_TEST_POSTGRES="postgresql://mingbai@127.0.0.1:$port" "$@"
