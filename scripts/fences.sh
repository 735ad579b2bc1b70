#!/usr/bin/env bash
# Checks the dependencies between the crates: every dependency points downward (docs/architecture.md).
#
# The calls of `may_name` below list the allowed dependencies of each package. `deny.toml` contains the same list by
# dependency, for cargo-deny; this script checks that its `wrappers` match the list. It requires only cargo, and takes
# seconds.
set -euo pipefail
cd "$(dirname "$0")/.."

broken=0
# The allowed dependencies so far: a line "PACKAGE CRATE" for each.
allowed=

# The dependencies of a package by name, one per line: `dependencies PACKAGE DEPTH KINDS`.
dependencies() {
    local tree
    tree=$(cargo tree --locked --package "$1" --all-features --edges "$3" --depth "$2" --prefix none --format '{p}')
    # The first line is the package itself.
    awk 'NR > 1 { print $1 }' <<<"$tree" | sort -u
}

# Of the watched crates, a package may depend directly on these only: `may_name PACKAGE CRATE...`.
may_name() {
    local package=$1 names found
    shift
    allowed+=$(printf "$package %s\n" "$@")$'\n'
    names=$(dependencies "$package" 1 normal,build,dev)
    found=$(grep -E '^(pomost-|sea-|sqlx|apollo-|async-graphql|axum|hyper|tower|tokio)' <<<"$names" || true)
    found=$(grep -vxF -f <(printf '%s\n' none "$@") <<<"$found" || true)
    report "$package must not depend on" "$found"
}

# A package must not depend on these, even transitively: `must_not_reach PACKAGE CRATE...`.
must_not_reach() {
    local package=$1 names found
    shift
    names=$(dependencies "$package" 99 normal,build)
    found=$(grep -xF -f <(printf '%s\n' "$@") <<<"$names" || true)
    report "$package must not depend, even transitively, on" "$found"
}

report() {
    local crate
    while read -r crate; do
        [[ -z $crate ]] && continue
        printf 'fence: %s %s\n' "$1" "$crate" >&2
        broken=1
    done <<<"$2"
}

# The wrappers of a crate in `deny.toml` must be the packages that may depend on it: `wrappers_agree CRATE`.
wrappers_agree() {
    local listed found
    listed=$(awk -v crate="$1" '$2 == crate { print $1 }' <<<"$allowed" | sort)
    found=$(sed -n "s/.*{ crate = \"$1\", wrappers = \[\([^]]*\)\].*/\1/p" deny.toml | grep -o 'pomost[a-z-]*' | sort || true)
    [[ $listed == "$found" ]] && return
    printf 'fence: deny.toml allows these to depend on %s: %s; this script allows: %s\n' "$1" "${found//$'\n'/ }" "${listed//$'\n'/ }" >&2
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
# The tests of the program parse a document.
may_name pomost pomost-api pomost-document pomost-domain pomost-edge pomost-generator pomost-mirror pomost-persistence tokio
# The suite connects to database servers, to create and drop its databases.
may_name pomost-tests pomost-api pomost-document pomost-domain pomost-edge pomost-generator pomost-mirror pomost-persistence \
    async-graphql axum sqlx tokio tokio-tungstenite tower
# The reference servers of the benchmark are independent of the registry.
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
