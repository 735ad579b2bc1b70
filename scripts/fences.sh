#!/usr/bin/env bash
# Checks the fences between the crates: an arrow downward is the only import (docs/architecture.md).
#
# `deny.toml` says the same to cargo-deny; this needs nothing but cargo, and takes a second.
set -euo pipefail
cd "$(dirname "$0")/.."

broken=0

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

may_name pomost-document apollo-compiler async-graphql-parser async-graphql-value
may_name pomost-domain
may_name pomost-migrations sea-orm-migration
may_name pomost-persistence pomost-domain pomost-migrations sea-orm sea-orm-migration sea-query-sqlx sqlx tokio
may_name pomost-generator
may_name pomost-api pomost-document pomost-domain pomost-generator pomost-persistence async-graphql axum hyper hyper-util tokio tower tower-http
# The suite talks to the servers of the databases, to make and drop databases of its own.
may_name pomost-tests pomost-api pomost-document pomost-domain pomost-generator pomost-persistence async-graphql axum sqlx tokio tokio-tungstenite tower
# What the registry is measured against knows nothing of it.
may_name pomost-bench axum sqlx tokio

must_not_reach pomost-document sea-orm sqlx async-graphql axum hyper tokio
must_not_reach pomost-domain sea-orm sea-query sqlx sqlx-core async-graphql axum hyper tokio
must_not_reach pomost-migrations async-graphql axum hyper
must_not_reach pomost-persistence async-graphql axum hyper

[[ $broken -eq 0 ]] && echo 'The fences between the crates hold.'
exit "$broken"
