#!/usr/bin/env bash
# Measures an import on both databases: scripts/import-bench.sh [BINARY] [RECORDS]
#
# Builds nothing. Generates a file, imports it into an empty SQLite database and an empty PostgreSQL database, and into two
# that contain the sample, and prints the seconds and the peak memory of the process (GNU time). Starts its own PostgreSQL
# server. Fails if the exports differ, or if an import beside other records takes several times as long.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
binary=$(realpath "${1:-${CARGO_TARGET_DIR:-$root/target}/release/pomost}")
records=${2:-100000}

if [[ -z ${POMOST_BENCH_FOLDER:-} ]]; then
    [[ -x /usr/bin/time ]] || { echo "$0: GNU time is missing: apt-get install time" >&2; exit 3; }
    POMOST_BENCH_FOLDER=$(mktemp -d)
    export POMOST_BENCH_FOLDER
    trap 'rm -rf "$POMOST_BENCH_FOLDER"' EXIT
    # Runs itself again with a new PostgreSQL server.
    env -u POMOST_TEST_DATABASE "$root/scripts/with-postgres.sh" "$0" "$binary" "$records"
    exit
fi

cd "$POMOST_BENCH_FOLDER"
unset POMOST_CONFIG POMOST_DATABASE
export POMOST_LOG=warn

measured() {
    local what=$1
    shift
    /usr/bin/time -v -o time.txt timeout 1800 "$@" >out.txt 2>log.txt ||
        { tail -n 20 log.txt >&2; echo "$0: failed: $what" >&2; exit 1; }
    awk -v what="$what" -F': ' '
        /Elapsed/ { n = split($NF, part, ":"); for (i = 1; i <= n; i++) seconds = seconds * 60 + part[i] }
        /Maximum resident/ { memory = $NF / 1024 }
        END {
            printf "%-34s %8.1f s %8.1f MB at most\n", what, seconds, memory
            print seconds > "seconds.txt"
        }' time.txt
}

echo "machine: $(nproc) cores, $(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo)"
measured "generate $records records" "$binary" generate --records "$records" --out records.json
echo "the file has $(($(stat -c %s records.json) / 1048576)) MiB"
psql -Xqc 'CREATE DATABASE beside' "$POMOST_TEST_DATABASE"
for database in "sqlite://$PWD/bench.db" "$POMOST_TEST_DATABASE"; do
    kind=${database%%:*}
    "$binary" migrate up --database "$database" >/dev/null
    measured "$kind: import" "$binary" import records.json --database "$database"
    tail -n 1 out.txt
    alone=$(<seconds.txt)
    beside=${database%/*}/beside
    "$binary" migrate up --database "$beside" >/dev/null
    "$binary" import "$root/data/jastrzebie-zdroj.json" --database "$beside" >/dev/null
    measured "$kind: import beside the sample" "$binary" import records.json --database "$beside"
    tail -n 1 out.txt
    if awk -v alone="$alone" -v beside="$(<seconds.txt)" 'BEGIN { exit !(beside > 5 + 3 * alone) }'; then
        echo "$0: existing records make the import on $kind more than three times as slow" >&2
        exit 1
    fi
    measured "$kind: the same import again" "$binary" import records.json --database "$database"
    tail -n 1 out.txt
    measured "$kind: export" "$binary" export --database "$database"
    sha256sum <out.txt >"$kind.sum"
done
if cmp -s sqlite.sum postgres.sum; then
    echo 'The exports of both databases are byte-equal.'
else
    echo 'The exports of the databases differ.' >&2
    exit 1
fi
