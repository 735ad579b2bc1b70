#!/usr/bin/env bash
# Checks the fences between the crates: an arrow downward is the only import (docs/architecture.md).
#
# The calls of `may_name` below are the list of what each package may depend on. `deny.toml` has the same list the other way
# round, for cargo-deny: this checks that its `wrappers` are those of the list. It needs nothing but cargo, and takes seconds.
set -euo pipefail
cd "$(dirname "$0")/.."

broken=0
# All that is allowed so far: a line "PACKAGE CRATE" for each arrow.
allowed=

# What a crate depends on, by name, one per line: `dependencies PACKAGE DEPTH KINDS`.
dependencies() {
    local tree
    tree=$(cargo tree --locked --package "$1" --all-features --edges "$3" --depth "$2" --prefix none --format '{p}')
    # The first line is the package itself.
    awk 'NR > 1 { print $1 }' <<<"$tree" | sort -u
}

# Of the crates that a fence watches, a package may name these in its Cargo.toml: `may_name PACKAGE CRATE...`.
may_name() {
    local package=$1 names found
    shift
    allowed+=$(printf "$package %s\n" "$@")$'\n'
    names=$(dependencies "$package" 1 normal,build,dev)
    found=$(grep -E '^(pomost-|sea-|sqlx|apollo-|async-graphql|axum|hyper|tower|tokio)' <<<"$names" || true)
    found=$(grep -vxF -f <(printf '%s\n' none "$@") <<<"$found" || true)
    report "$package may not name" "$found"
}

# A package may not have these beneath it, however deep: `must_not_reach PACKAGE CRATE...`.
must_not_reach() {
    local package=$1 names found
    shift
    names=$(dependencies "$package" 99 normal,build)
    found=$(grep -xF -f <(printf '%s\n' "$@") <<<"$names" || true)
    report "$package may not depend, even by a detour, on" "$found"
}

report() {
    local crate
    while read -r crate; do
        [[ -z $crate ]] && continue
        printf 'fence: %s %s\n' "$1" "$crate" >&2
        broken=1
    done <<<"$2"
}

# The wrappers of a crate in `deny.toml` have to be the packages of ours that may name it: `wrappers_agree CRATE`.
wrappers_agree() {
    local listed found
    listed=$(awk -v crate="$1" '$2 == crate { print $1 }' <<<"$allowed" | sort)
    found=$(sed -n "s/.*{ crate = \"$1\", wrappers = \[\([^]]*\)\].*/\1/p" deny.toml | grep -o 'pomost[a-z-]*' | sort || true)
    [[ $listed == "$found" ]] && return
    printf 'fence: deny.toml lets these name %s: %s; this script lets: %s\n' "$1" "${found//$'\n'/ }" "${listed//$'\n'/ }" >&2
    broken=1
}

may_name pomost-document apollo-compiler async-graphql-parser async-graphql-value
may_name pomost-domain
may_name pomost-generator
may_name pomost-migrations sea-orm-migration
may_name pomost-persistence pomost-domain pomost-migrations sea-orm sea-orm-migration sea-query-sqlx sqlx tokio
may_name pomost-edge pomost-document async-graphql axum hyper hyper-util tokio tokio-tungstenite tower tower-http
may_name pomost-mirror pomost-domain pomost-persistence tokio
may_name pomost-api pomost-document pomost-domain pomost-edge pomost-persistence async-graphql tokio
# The tests of the program read a document.
may_name pomost pomost-api pomost-document pomost-domain pomost-edge pomost-generator pomost-mirror pomost-persistence tokio
# The suite talks to the servers of the databases, to make and drop databases of its own.
may_name pomost-tests pomost-api pomost-document pomost-domain pomost-edge pomost-generator pomost-mirror pomost-persistence \
    async-graphql axum sqlx tokio tokio-tungstenite tower
# What the registry is measured against knows nothing of it.
may_name pomost-bench axum sqlx tokio

must_not_reach pomost-document sea-orm sqlx async-graphql axum hyper tokio
must_not_reach pomost-domain sea-orm sea-query sqlx sqlx-core async-graphql axum hyper tokio
must_not_reach pomost-migrations async-graphql axum hyper
must_not_reach pomost-persistence async-graphql axum hyper
must_not_reach pomost-edge pomost-domain pomost-persistence pomost-api sea-orm sqlx
must_not_reach pomost-mirror pomost-edge pomost-api async-graphql axum

for crate in sea-orm sea-orm-migration async-graphql apollo-compiler axum pomost-{api,document,domain,edge,generator,migrations,mirror,persistence}; do
    wrappers_agree "$crate"
done

[[ $broken -eq 0 ]] && echo 'The fences between the crates hold.'
exit "$broken"
