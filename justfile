# The commands of the workspace: the same cargo commands as in `.ci/run`.

binary := env("CARGO_TARGET_DIR", "target") / "release/pomost"

# List the recipes
default:
    @{{ just_executable() }} --list --unsorted

# Serve the sample on http://127.0.0.1:8080
run:
    cargo run --release -- serve --sample

# All checks without a complete build: format, dependencies, words, lints
check:
    cargo fmt --all --check
    scripts/fences.sh
    scripts/words.py
    cargo clippy --workspace --all-targets --all-features --locked -- -D warnings

# All tests, on SQLite
test:
    cargo test --workspace --locked

# The behavioural suite on PostgreSQL: on the server in POMOST_TEST_DATABASE, or else on a new one
test-pg:
    scripts/with-postgres.sh cargo test --workspace --locked --test it

# Write schema.graphql and data/exchange.schema.json from the code
schema:
    UPDATE_EXPECTED=1 cargo test -p pomost-tests --locked --test it schema

# Write docs/founding-letter.json from the code; check the difference before you commit it
letter:
    UPDATE_EXPECTED=1 cargo test -p pomost-tests --locked --test it founding_letter

# Licences, sources, duplicate versions and dependencies (requires cargo-deny)
deny:
    cargo deny --locked check bans licenses sources

# Start the release binary like a user: time to the first answer, idle memory
figures:
    cargo build --release --locked
    scripts/smoke.sh {{ binary }}

# Build the binary that is published: with link-time optimization, in target/dist
dist:
    cargo build --profile dist --locked

# The size of the program, its idle memory, the lines of the schema and the time of building it, with bounds
weight:
    cargo build --release --locked
    scripts/weight.py {{ binary }} --code-mb 40 --memory-mb 40 --cpu-s 320

# Generate records, import them on SQLite and PostgreSQL, print seconds and memory
import-bench records="100000":
    cargo build --release --locked
    scripts/import-bench.sh {{ binary }} {{ records }}

# Real clients of npm and Python against the debug binary
clients:
    cargo build --workspace --bins --examples --locked
    scripts/clients.sh

# Compare the registry with graphql-js on more requests than in the gate, optionally with another seed
graphql-js documents="20000" seed="15":
    cargo build --workspace --bins --examples --locked
    CLIENT=graphql-js CLIENT_SECONDS=7200 GRAPHQL_JS_DOCUMENTS={{ documents }} GRAPHQL_JS_SEED={{ seed }} scripts/clients.sh

# Hostile requests to the release binary: status, code, time and memory; the most expensive accepted filters
hostile records="100000":
    cargo build --release --locked
    scripts/hostile.py {{ binary }}
    scripts/filters.py {{ binary }} --records {{ records }}
    scripts/with-postgres.sh scripts/filters.py {{ binary }} --records {{ records }}

# 5 000 idle WebSockets and 1 000 slow clients of the release binary
sockets:
    cargo build --release --locked
    scripts/sockets.py {{ binary }}

# Kill the server 200 times on SQLite, 50 times on PostgreSQL, and PostgreSQL itself 20 times, during writes
crash:
    cargo build --release --locked
    scripts/crash.py {{ binary }} --kills 200
    scripts/with-postgres.sh scripts/crash.py {{ binary }} --kills 50 --database-kills 20

# Writes per second by 1, 8 and 64 clients, on SQLite and PostgreSQL
writes:
    cargo build --release --locked
    for writers in 1 8 64; do scripts/crash.py {{ binary }} --kills 0 --seconds 10 --writers $writers; done
    for writers in 1 8 64; do scripts/with-postgres.sh scripts/crash.py {{ binary }} --kills 0 --seconds 10 --writers $writers; done

# Mirror 10 000 records 50 times and 100 000 records 10 times, on both databases, during writes and while both sides are killed
mirror:
    cargo build --release --locked
    scripts/mirror.py {{ binary }} --records 10000 --runs 50 --seconds 15
    scripts/with-postgres.sh scripts/mirror.py {{ binary }} --records 10000 --runs 50 --seconds 15
    scripts/mirror.py {{ binary }} --records 100000 --runs 10 --seconds 60
    scripts/with-postgres.sh scripts/mirror.py {{ binary }} --records 100000 --runs 10 --seconds 60

# The first processes of new databases, at the same time
first-starts:
    cargo build --release --locked
    scripts/first-starts.py {{ binary }} --rounds 50 --processes 5
    scripts/with-postgres.sh scripts/first-starts.py {{ binary }} --rounds 20 --processes 5

# 2 000 subscribers and 100 writes per second, then the same beside subscribers that do not read
subscribers:
    cargo build --release --locked --package pomost --package pomost-tests --bins
    ulimit -n "$(ulimit -Hn)" && {{ binary }}-subscribers {{ binary }}

# 10 000 rounds of reading, incrementing and writing back, on SQLite and on PostgreSQL: no update is lost
rounds:
    cargo build --release --locked
    scripts/rounds.py {{ binary }}
    scripts/with-postgres.sh scripts/rounds.py {{ binary }}

# The registry cold, warm and hot beside one-statement servers, a static body and PostGraphile (requires wrk, npm and psql)
bench records="100000" *options:
    cargo build --release --locked --package pomost --package pomost-bench --bins
    scripts/with-postgres.sh bench/bench.py {{ binary }} {{ binary }}-bench-peer --records {{ records }} {{ options }}

# Compare this commit with another build of the registry, such as the last release
before-after before *options:
    cargo build --release --locked --package pomost
    scripts/with-postgres.sh bench/before-after.py {{ binary }} {{ before }} {{ options }}

# Run the gate
ci:
    .ci/run
