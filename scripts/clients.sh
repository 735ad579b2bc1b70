#!/usr/bin/env bash
# Runs real clients against a running server: scripts/clients.sh [BINARY] [TRANSPORTS-BINARY]
#
# Builds nothing in Rust. Installs the packages of tests/clients beside the target folder, starts the server on the sample, a
# second one for known documents only, a third one for the comparison with graphql-js, and the small server of the
# transports. Requires Node.js 20, npm, Python and Chromium. CLIENT runs only the client with that name, for at most
# CLIENT_SECONDS.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
binary=$(realpath "${1:-$target/debug/pomost}")
transports=$(realpath "${2:-$target/debug/examples/pomost-transports}")
work=$target/clients
folder=$(mktemp -d)
servers=()
failed=0

finish() {
    kill "${servers[@]}" 2>/dev/null || true
    rm -rf "$folder"
}
trap finish EXIT

# Packages are reused, and installed again when their list changes.
mkdir -p "$work"
if ! cmp -s "$root/tests/clients/package-lock.json" "$work/installed.json"; then
    rm -rf "$work/node_modules"
    cp "$root"/tests/clients/{package.json,package-lock.json,.npmrc} "$work"
    (cd "$work" && npm ci --ignore-scripts --loglevel=error)
    cp "$root/tests/clients/package-lock.json" "$work/installed.json"
fi
if ! cmp -s "$root/tests/clients/requirements.txt" "$work/installed.txt"; then
    rm -rf "$work/python"
    python3 -m venv "$work/python"
    "$work/python/bin/pip" install --quiet --disable-pip-version-check -r "$root/tests/clients/requirements.txt"
    cp "$root/tests/clients/requirements.txt" "$work/installed.txt"
fi
rm -rf "$work/relay" "$work/codegen"
cp -r "$root"/tests/clients/* "$root/schema.graphql" "$work"
cd "$work"
export PATH=$work/node_modules/.bin:$work/python/bin:$PATH

# The documents that tools generate from the schema are needed before the servers start.
echo '{}' >relay/documents.json
mkdir -p relay/__generated__
(cd relay && relay-compiler relay.config.json >"$folder/relay.log" 2>&1) || { cat "$folder/relay.log"; exit 1; }
graphql-codegen --config codegen/codegen.ts >"$folder/codegen.log" 2>&1 || { cat "$folder/codegen.log"; exit 1; }

# Starts a program and waits for the address that it prints: sets `address`.
start() {
    local out=$folder/out${#servers[@]}
    (cd "$folder" && exec env -u POMOST_CONFIG POMOST_RATE_BURST=0 POMOST_LOG=warn "$@" >"$out" 2>>"$folder/log") &
    servers+=($!)
    for _ in $(seq 500); do
        address=$(grep -om1 'http://127.0.0.1:[0-9]*' "$out" || true)
        [[ -z $address ]] || return 0
        sleep 0.02
    done
    echo "$0: $1 did not start" >&2
    cat "$folder/log" >&2
    exit 1
}

serve() { start "$binary" serve --sample --listen 127.0.0.1:0 --database "sqlite://$folder/$1.db" "${@:2}"; }

serve open --documents "$work/codegen/generated/persisted-documents.json"
export POMOST_URL=$address/graphql
token=$("$binary" token create --role admin --database "sqlite://$folder/open.db" 2>>"$folder/log")
serve closed --documents "$work/relay/documents.json" --documents-only
export DOCUMENTS_URL=$address/graphql
node graphql-js/pairs.mjs >"$folder/pairs.json"
serve compared --documents "$folder/pairs.json"
compared=$address/graphql
compared_token=$("$binary" token create --role admin --database "sqlite://$folder/compared.db" 2>>"$folder/log")
start "$transports"
export TRANSPORTS_URL=$address/graphql

# Runs a client and prints one line about it, and its figures; its whole output if it fails.
client() {
    local name=$1 begin=$SECONDS
    shift
    [[ -z ${CLIENT:-} || $CLIENT == "$name" ]] || return 0
    if timeout --kill-after=10 "${CLIENT_SECONDS:-600}" "$@" >"$folder/client.log" 2>&1; then
        printf 'pass  %3d s  %s%s\n' $((SECONDS - begin)) "$name" "$(sed -n 's/^# pass \([0-9]*\)$/ (\1 tests)/p' "$folder/client.log")"
        sed -n 's/^# figure: /             /p' "$folder/client.log"
    else
        printf 'FAIL  %3d s  %s\n' $((SECONDS - begin)) "$name"
        sed -n 's/^# figure: /             /p' "$folder/client.log"
        tail -n 200 "$folder/client.log"
        failed=1
    fi
}

for name in graphql-http graphql-ws graphql-sse apollo urql relay explorer; do
    client "$name" node --test --test-reporter=tap "$name.test.mjs"
done
client 'graphql-js' env POMOST_URL="$compared" ADMIN_TOKEN="$compared_token" \
    node --test --test-reporter=tap graphql-js.test.mjs
client 'graphql-codegen: tsc --strict' tsc -p codegen/tsconfig.json
client 'graphql-codegen: the program' node codegen/built/program.js
client 'gql (Python)' python client_gql.py
client 'graphql-eslint' eslint schema.graphql
# As an administrator, so that mutations are not only refused; last, because it writes random data.
export SCHEMATHESIS_HOOKS=schemathesis_hooks
client 'schemathesis' st run "$POMOST_URL" --header "Authorization: Bearer $token" --checks not_a_server_error --phases fuzzing --max-examples "${SCHEMATHESIS_EXAMPLES:-3}" --seed 1
if [[ -s $folder/log ]] && grep -q '"panic"' "$folder/log"; then
    echo 'FAIL  a server panicked:'
    grep '"panic"' "$folder/log"
    failed=1
fi
exit "$failed"
