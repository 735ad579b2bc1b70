#!/usr/bin/env bash
# Starts a binary like a user and checks its answers: scripts/smoke.sh [BINARY]
#
# Builds nothing. Prints the time from the start to the first answer, and the memory of the idle server. Requires curl and
# python3.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
binary=$(realpath "${1:-${CARGO_TARGET_DIR:-$root/target}/debug/pomost}")
folder=$(mktemp -d)
server=

fail() {
    printf 'smoke: %s\n' "$1" >&2
    if [[ -s $folder/log ]]; then
        printf -- '--- end of the server log:\n' >&2
        tail -n 20 "$folder/log" >&2
    fi
    exit 1
}

finish() {
    if [[ -n $server ]]; then
        kill -KILL "$server" 2>/dev/null || true
    fi
    rm -rf "$folder"
}
trap finish EXIT

milliseconds() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

get() { curl --silent --show-error --fail --max-time 10 "$@"; }

post() {
    get --header 'content-type: application/json' --header 'accept: application/graphql-response+json' --data "@$1" \
        "$address/graphql"
}

# Starts the server with these flags and waits for its first answer: sets `server`, `address` and `took`.
start() {
    local begin
    : >"$folder/out"
    begin=$(milliseconds)
    # In a folder of its own, so that no configuration file of the caller is read; on any free port.
    (cd "$folder" && exec env -u POMOST_CONFIG -u POMOST_ADMIN_LISTEN -u POMOST_LOG \
        "$binary" serve "$@" --database "sqlite://$folder/pomost.db" --listen 127.0.0.1:0 >out 2>>log) &
    server=$!
    while true; do
        address=$(sed -n 's|^ *\(http://[0-9.]*:[0-9]*\)/graphql$|\1|p' "$folder/out")
        if [[ -n $address ]] && get "$address/readyz" >/dev/null 2>&1; then
            break
        fi
        kill -0 "$server" 2>/dev/null || fail "the server ended before it answered (serve $*)"
        (($(milliseconds) - begin < 30000)) || fail "the server did not answer within 30 s (serve $*)"
        sleep 0.01
    done
    post "$folder/home.json" >"$folder/home.answer" || fail 'the first query was not answered'
    took=$(($(milliseconds) - begin))
    grep -q '"slug":"jastrzebie-zdroj"' "$folder/home.answer" || fail "the home city is missing: $(cat "$folder/home.answer")"
}

# Stops the server and waits for its end.
stop() {
    local begin status=0
    begin=$(milliseconds)
    kill -TERM "$server"
    while kill -0 "$server" 2>/dev/null; do
        (($(milliseconds) - begin < 5000)) || fail 'the server did not end within 5 s of SIGTERM'
        sleep 0.02
    done
    wait "$server" || status=$?
    server=
    [[ $status -eq 0 ]] || fail "the server ended with status $status on SIGTERM"
    is_whole
}

# The whole database is in one file, which may be copied now.
is_whole() { [[ -z $(find "$folder" -name '*-wal') ]] || fail 'a write-ahead log was left beside the database'; }

resident() { awk '/^VmRSS:/ { printf "%.1f", $2 / 1024 }' "/proc/$server/status"; }

# A GraphQL document as the body of a request.
body() { python3 -c 'import json, sys; json.dump({"query": sys.stdin.read()}, sys.stdout)'; }
echo '{ homeCity { slug } }' | body >"$folder/home.json"
body <"$root/docs/founding-letter.graphql" >"$folder/letter.json"

start --sample
sleep 1
printf 'serve --sample on no database: first answer after %s ms; idle memory %s MB\n' "$took" "$(resident)"

post "$folder/letter.json" >"$folder/letter.answer" || fail 'the query of the founding letter was refused'
python3 - "$folder/letter.answer" "$root/docs/founding-letter.json" <<'PY' || fail 'the founding letter has another answer'
import json, sys
answer, expected = (json.load(open(path, encoding="utf-8")) for path in sys.argv[1:])
if "errors" in answer or answer.get("data") != expected:
    sys.exit(f"errors: {answer.get('errors')}; equal to docs/founding-letter.json: {answer.get('data') == expected}")
PY
# Like the README.
get --get "$address/graphql" --data-urlencode "query@$root/docs/founding-letter.graphql" | cmp -s - "$folder/letter.answer" ||
    fail 'GET and POST answer the founding letter differently'

get "$address/schema.graphql" | cmp -s - "$root/schema.graphql" || fail '/schema.graphql is not the committed schema.graphql'
get "$address/livez" >/dev/null || fail '/livez does not answer'

get --header 'accept: text/html' --dump-header "$folder/headers" "$address/graphql" >"$folder/page.html" ||
    fail 'GET /graphql does not show the explorer'
grep -qi '^content-type: text/html' "$folder/headers" || fail 'the explorer is not text/html'
if hosts=$(grep -oE 'https?://[^/"'"'"' <>)]+' "$folder/page.html" | grep -vE '^https?://(www\.)?w3\.org$'); then
    fail "the explorer names other hosts: $hosts"
fi
grep -qi "^content-security-policy:.*connect-src 'self'" "$folder/headers" || fail 'the explorer may contact other hosts'
while read -r asset; do
    get "$address$asset" >/dev/null || fail "$asset is not served"
done < <(grep -oE '/graphql/assets/[^"]+' "$folder/page.html")
printf 'after these requests: memory %s MB\n' "$(resident)"
stop

(cd "$folder" && "$binary" import "$root/data/jastrzebie-zdroj.json" --database "sqlite://$folder/pomost.db" >/dev/null 2>&1) || fail 'the second import of the sample failed'
is_whole

# Sends SIGHUP, and waits until the log reports the result.
hang_up() {
    local begin seen
    begin=$(milliseconds)
    seen=$(grep -c "$1" "$folder/log" || true)
    kill -HUP "$server"
    while (($(grep -c "$1" "$folder/log" || true) == seen)); do
        kill -0 "$server" 2>/dev/null || fail 'SIGHUP ended the server'
        (($(milliseconds) - begin < 5000)) || fail "the log does not contain \"$1\" within 5 s of SIGHUP"
        sleep 0.02
    done
}

known() { get --get "$address/graphql" --data-urlencode "documentId=$1" | cmp -s - "$folder/home.answer"; }

echo '{"old": "{ homeCity { slug } }"}' >"$folder/documents.json"
start --documents "$folder/documents.json"
known old || fail 'a known document is not answered'
echo '{"new": "{ homeCity { slug } }"}' >"$folder/documents.json"
hang_up 'reloaded the log filter and the documents'
{ known new && ! known old 2>/dev/null; } || fail 'SIGHUP does not replace the documents'
echo '{"new": "{ homeCity {"}' >"$folder/documents.json"
hang_up 'the reload failed'
known new || fail 'a failed reload lost the documents'
rm "$folder/documents.json"
hang_up 'the reload failed'
for _ in 1 2 3; do
    kill -HUP "$server"
    sleep 0.05
done
known new || fail 'the server does not answer after several SIGHUPs'
stop

# The steps of a service manager: migrate, check the status by its exit code, serve, check the health.
code() {
    local status=0
    (cd "$folder" && env -u POMOST_CONFIG "$binary" "$@" --database "sqlite://$folder/pomost.db" >/dev/null 2>&1) || status=$?
    echo "$status"
}
[[ $(code migrate status) -eq 0 ]] || fail 'migrate status of a database that is up to date is not 0'
change() { python3 -c 'import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit()' "$folder/pomost.db" "$1"; }
change "INSERT INTO seaql_migrations VALUES ('m29991231_000001_later', 0)"
[[ $(code migrate status) -eq 5 ]] || fail 'migrate status of a newer database is not 5'
[[ $(code serve --migrate --listen 127.0.0.1:0) -eq 3 ]] || fail 'a newer database is served'
change "DELETE FROM seaql_migrations WHERE version LIKE 'm2999%'"

start --migrate
[[ $(code health --url "$address") -eq 0 ]] || fail 'a ready server is reported as unhealthy'
sleep 1
printf 'serve on an existing database: first answer after %s ms; idle memory %s MB\n' "$took" "$(resident)"
stop
[[ $(code health --url "$address") -eq 1 ]] || fail 'a stopped server is reported as healthy'
echo 'The smoke test passes.'
