#!/usr/bin/env bash
# Runs a command with its own PostgreSQL server: scripts/with-postgres.sh COMMAND...
#
# The server has its data in a new folder, listens on a free port of 127.0.0.1, has no durability (fsync is off), and is
# stopped and removed when the command ends. The command gets its address in POMOST_TEST_DATABASE. If that variable is
# already set, the command uses that server.
set -euo pipefail

if [[ $# -eq 0 ]]; then
    echo "usage: $0 COMMAND..." >&2
    exit 2
fi
if [[ -n ${POMOST_TEST_DATABASE:-} ]]; then
    exec "$@"
fi

# The folder of the newest PostgreSQL version on this machine. Debian does not put it into the PATH.
find_binaries() {
    local folder
    for folder in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV); do
        [[ -x $folder/initdb && -x $folder/pg_ctl ]] && echo "$folder" && return
    done
    folder=$(command -v initdb) && dirname "$folder"
}

if ! binaries=$(find_binaries); then
    echo "$0: no PostgreSQL server is installed: apt-get install postgresql, or set POMOST_TEST_DATABASE" >&2
    exit 3
fi

# PostgreSQL refuses to run as root.
as_server() { "$@"; }
# Not in TMPDIR: the path of the socket must be short, and another user must have access to the folder.
folder=$(mktemp -d /tmp/pomost-pg.XXXXXX)
if [[ $(id -u) -eq 0 ]]; then
    as_server() { runuser -u postgres -- "$@"; }
    chown postgres "$folder"
fi

# shellcheck disable=SC2329  # called by the trap
stop() {
    cd /
    if [[ -f $folder/data/postmaster.pid ]]; then
        as_server timeout 60 "$binaries/pg_ctl" -D "$folder/data" -m immediate -w -t 30 stop >/dev/null || true
    fi
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

cd "$folder"
as_server timeout 120 "$binaries/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync \
    >"$folder/initdb.log" 2>&1 || { cat "$folder/initdb.log" >&2; exit 3; }

started=
for _ in 1 2 3 4 5; do
    # Below the system's range of ephemeral ports.
    port=$((20000 + RANDOM % 10000))
    if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
        continue
    fi
    options="-p $port -k $folder -c listen_addresses=127.0.0.1 -c max_connections=200"
    options+=" -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    if as_server timeout 90 "$binaries/pg_ctl" -D "$folder/data" -l "$folder/server.log" -w -t 60 -o "$options" start \
        >"$folder/start.log" 2>&1; then
        started=$port
        break
    fi
done
if [[ -z $started ]]; then
    cat "$folder/start.log" "$folder/server.log" >&2 || true
    echo "$0: the PostgreSQL server did not start" >&2
    exit 3
fi
cd "$OLDPWD"

status=0
POMOST_TEST_DATABASE=postgres://postgres@127.0.0.1:$started/postgres "$@" || status=$?
exit "$status"
