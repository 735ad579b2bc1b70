#!/usr/bin/env python3
"""Measures the registry and reference servers side by side: bench/bench.py BINARY PEER [--records N] [--rounds N]

BINARY is `pomost`, PEER is `pomost-bench-peer`. Requires wrk, psql, a PostgreSQL server in POMOST_TEST_DATABASE, and npm for
PostGraphile (without it, PostGraphile is left out and the table reports that). Imports the sample and N generated records into
SQLite and PostgreSQL, checks that all servers give equal answers, and sends them the same queries in shuffled rounds. The load
generator, the servers and the databases share this machine. Prints a table of requests per second, latencies and ratios.
"""

import argparse
import base64
import json
import os
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.request import Request, urlopen

BENCH = Path(__file__).resolve().parent
sys.path.insert(0, str(BENCH.parent / "scripts"))
from servers import Database, Server  # noqa: E402

# Cache sizes of the registry: megabytes of records and of answers.
CACHES = {"cold": (0, 0), "warm": (64, 0), "hot": (64, 64)}
# Servers with other types.
FOREIGN = ("PostGraphile", "Seaography")
QUESTIONS = ["w1", "w2", "w3", "w4", "w4page1000", "w4count", "w5", "w6", "w7"]


def post(url, body):
    return json.load(urlopen(Request(url, body.encode(), {"content-type": "application/json"}), timeout=120))


class Peer:
    """A server that is measured: its process, and the address and bodies of each query."""

    def __init__(self, name, process, urls, bodies):
        self.name, self.process, self.urls, self.bodies = name, process, urls, bodies
        self.memory = [0, 0]

    def pids(self):
        children = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True).stdout.split()
        return [self.process.pid, *map(int, children)]

    def measure(self, question, connections, seconds, folder):
        path = Path(folder) / f"{self.name.replace(' ', '-')}-{question}.txt"
        path.write_text("\n".join(self.bodies[question]) + "\n")
        out = subprocess.run(["wrk", "-t2", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "-s", BENCH / "wrk.lua",
                              self.urls[question], "--", path], capture_output=True, text=True, check=True).stdout
        found = json.loads(out.strip().splitlines()[-1])
        self.memory = [*map(max, self.memory, memory(self.pids()))]
        if found["failed"]:
            raise SystemExit(f"{self.name} failed {found['failed']} times at {question}")
        return found["requests"] / found["us"] * 1e6, found["p50"] / 1000, found["p99"] / 1000


def memory(pids):
    """Memory of processes in MB: anonymous, and with mapped files, which the system reclaims on demand."""
    found = [0, 0]
    for pid in pids:
        try:
            status = Path(f"/proc/{pid}/status").read_text()
            found = [sum_ + int(re.search(rf"{name}:\s+(\d+)", status)[1]) // 1024 for sum_, name in zip(found, ("RssAnon", "VmRSS"))]
        except (FileNotFoundError, TypeError):
            pass
    return found


def first_line(process, pattern):
    for line in process.stdout:
        if found := re.search(pattern, line):
            return found
    raise SystemExit(f"a server did not start: {process.args}")


def registry(name, binary, database, caches):
    server = Server(binary, database)
    records, answers = CACHES[caches]
    server.start(POMOST_CACHE_RECORDS_MB=str(records), POMOST_CACHE_ANSWERS_MB=str(answers))
    url = f"http://127.0.0.1:{server.port}/graphql"
    return Peer(name, server.process, dict.fromkeys(QUESTIONS, url), {})


def one_statement(name, peer, database, dialect, bodies):
    # Like the registry on the same machine.
    url = database.url + ("?sslmode=disable" if database.server else "")
    process = subprocess.Popen([peer, "--database", url, "--statements", BENCH / "sql" / dialect,
                                *(["--bodies", bodies] if bodies else [])], stdout=subprocess.PIPE, text=True)
    url = first_line(process, r"(http://\S+)")[1]
    return Peer(name, process, {q: f"{url}/{q.removesuffix('page1000')}" for q in QUESTIONS}, {}), url


def postgraphile(database, folder):
    source, target = BENCH / "postgraphile", Path(folder) / "postgraphile"
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("node_modules"))
    subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=target, check=True, timeout=600)
    subprocess.run(["psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-f", target / "functions.sql", database.url], check=True,
                   stdout=subprocess.DEVNULL)
    port = "5678"
    process = subprocess.Popen([target / "node_modules/.bin/node", "server.mjs"], cwd=target, stdout=subprocess.PIPE, text=True, start_new_session=True,
                               env={**os.environ, "PORT": port, "DATABASE_URL": database.url, "NODE_ENV": "production"})
    first_line(process, "listening")
    return Peer("PostGraphile", process, dict.fromkeys(QUESTIONS, f"http://127.0.0.1:{port}/graphql"), {})


class Reused(Database):
    """A database that is loaded once and reused by the next run."""

    def __init__(self, folder, server, name):
        self.server, self.folder = server, folder
        self.url = f"{server.rsplit('/', 1)[0]}/{name}" if server else f"sqlite://{folder}/{name}.db"
        self.mark = Path(folder) / f"{name}-{'postgres' if server else 'sqlite'}.loaded"
        if self.is_loaded():
            return
        if server:
            self.psql(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            self.psql(server, f"CREATE DATABASE {name}")
        else:
            for path in Path(folder).glob(f"{name}.db*"):
                path.unlink()

    def is_loaded(self):
        """True if it is marked as loaded at this address, and still exists."""
        if not self.mark.exists() or self.mark.read_text() != self.url:
            return False
        if not self.server:
            return Path(self.url.removeprefix("sqlite://")).exists()
        name = self.url.rsplit("/", 1)[1]
        return self.psql(self.server, f"SELECT 1 FROM pg_database WHERE datname = '{name}'") != ""

    def drop(self):
        """It is reused."""


def databases(folder, keep, records):
    """The two databases, on SQLite and on PostgreSQL."""
    server = os.environ["POMOST_TEST_DATABASE"]
    if keep:
        Path(keep).mkdir(parents=True, exist_ok=True)
        return [Reused(os.path.abspath(keep), at, f"pomost_bench_{records}") for at in (None, server)]
    postgres = Database(folder, "bench")
    os.environ["POMOST_TEST_DATABASE"] = ""
    sqlite = Database(folder, "bench")
    os.environ["POMOST_TEST_DATABASE"] = server
    return [sqlite, postgres]


def seaography(database):
    source = BENCH / "seaography"
    target = Path(os.environ.get("CARGO_TARGET_DIR", BENCH.parent / "target")) / "seaography"
    subprocess.run(["cargo", "build", "--release", "--locked", "--quiet", "--manifest-path", source / "Cargo.toml", "--target-dir", target],
                   check=True)
    subprocess.run(["psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-f", source / "views.sql", database.url], check=True)
    process = subprocess.Popen([target / "release/pomost-bench-seaography", f"{database.url}?sslmode=disable"], stdout=subprocess.PIPE, text=True)
    url = first_line(process, r"(http://\S+)")[1]
    return Peer("Seaography", process, dict.fromkeys(QUESTIONS, url), {})


def load(binary, database, records, folder):
    if isinstance(database, Reused) and database.is_loaded():
        return
    server, begin = Server(binary, database), time.monotonic()
    file = Path(folder) / "records.json"
    if not file.exists():
        server.command("generate", "--records", str(records), "--seed", "42", "--out", str(file), check=True)
    for words in (["migrate", "up"], ["import", BENCH.parent / "data/jastrzebie-zdroj.json"], ["import", file]):
        done = server.command(*map(str, words))
        if done.returncode:
            raise SystemExit(f"{words} failed: {done.stderr}")
    if database.server:
        database.psql(database.url, "VACUUM ANALYZE", seconds=600)
    print(f"Loaded {'PostgreSQL' if database.server else 'SQLite'} in {time.monotonic() - begin:.0f} s.", flush=True)
    if isinstance(database, Reused):
        database.mark.write_text(database.url)


def first_answers(binary, database, sent, starts=10):
    """Milliseconds from the start of a process to its first answer, several times."""
    found = []
    for _ in range(starts):
        server = Server(binary, database)
        begin = time.monotonic()
        server.start()
        post(f"http://127.0.0.1:{server.port}/graphql", sent)
        found.append((time.monotonic() - begin) * 1000)
        server.kill()
    return found


def body(query, variables):
    return json.dumps({"query": query, "variables": variables}, ensure_ascii=False)


def parameters(url):
    """The variables of the queries: cities with many records, positions in lists and in the feed."""
    def ask(query, **variables):
        answer = post(url, body(query, variables))
        if "errors" in answer:
            raise SystemExit(answer["errors"])
        return answer["data"]

    # Not the home city, which is corrected during the run.
    cities = ask("{ cities(first: 100) { nodes { slug isHome projects { totalCount } } } }")["cities"]["nodes"]
    slugs = [city["slug"] for city in cities if city["projects"]["totalCount"] >= 10 and not city["isHome"]][:20]
    after = None
    w4 = "query($after: String, $first: Int) { projects(first: $first, after: $after, filter: { status: { eq: COMPLETED } }, " \
         "orderBy: [{ field: STARTS_ON, direction: DESC }]) { edges { cursor } pageInfo { hasNextPage } } }"
    # Up to page 1 000 of ten records.
    read = 0
    while read < 9_990:
        page = ask(w4, after=after, first=min(100, 9_990 - read))["projects"]
        read += len(page["edges"])
        after = page["edges"][-1]["cursor"]
        if not page["pageInfo"]["hasNextPage"]:
            raise SystemExit(f"there are only {read} completed projects, too few for page 1 000: load more records")
    change = ask("{ changes(first: 100) { nodes { cursor } } }")["changes"]["nodes"][-1]["cursor"]
    return slugs, after, change


def opaque(cursor):
    return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()


def position(cursor):
    """The position of a cursor of the registry, in the form of the statements: days and the id."""
    def plain(key):
        return None if key == "-" else key[1:]

    return json.dumps([plain(key) for key in json.loads(opaque(cursor))[1:]])


def bodies_of(folder, variables):
    """The bodies: each query of the folder, with each of its variables."""
    made = {}
    for question in QUESTIONS:
        file = Path(folder) / f"{question.removesuffix('page1000')}.graphql"
        if file.exists():
            made[question] = [body(file.read_text(), values) for values in variables[question]]
    return made


def slugs_of(value, name="slug"):
    """The values under a key, in the order of the document."""
    if isinstance(value, dict):
        return [x for key, inner in value.items() for x in ([inner] if key == name else slugs_of(inner, name))]
    return [x for inner in value for x in slugs_of(inner, name)] if isinstance(value, list) else []


def check(peers, reference):
    """Checks that every peer gives the answers of the registry: equal ones, or the same records if its types differ."""
    for question in QUESTIONS:
        key = "version" if question == "w7" else "slug"
        for at, sent in enumerate(reference.bodies[question]):
            expected = post(reference.urls[question], sent)
            if "errors" in expected:
                raise SystemExit(f"{question}: {expected['errors']}")
            for peer in peers:
                if question not in peer.bodies:
                    continue
                answer = post(peer.urls[question], peer.bodies[question][at])
                is_equal = slugs_of(answer, key) == slugs_of(expected, key) if peer.name in FOREIGN else answer == expected
                if not is_equal:
                    raise SystemExit(f"{peer.name} answers {question} differently:\n{json.dumps(answer)[:2000]}\n{json.dumps(expected)[:2000]}")


class Writer(threading.Thread):
    """Corrects a city this many times per second, until it is stopped."""

    def __init__(self, server, token, per_second):
        super().__init__(daemon=True)
        self.server, self.token, self.pause, self.done, self.stop = server, token, 1 / per_second, 0, threading.Event()

    def run(self):
        read = "{ homeCity { id version } }"
        write = "mutation($id: ID!, $version: Int!, $note: TextInput) { updateCity(id: $id, expectedVersion: $version, " \
                "reason: \"bench\", changes: { note: $note }) { record { version } errors { message } } }"
        home = self.server.ask(self.token, read)["data"]["homeCity"]
        begin = time.monotonic()
        while not self.stop.wait(max(0, begin + self.done * self.pause - time.monotonic())):
            done = self.server.ask(self.token, write, **home, note=f"note {self.done}")["data"]["updateCity"]
            if done["errors"]:
                raise SystemExit(f"a write was refused: {done['errors']}")
            home["version"] = done["record"]["version"]
            self.done += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("peer")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--questions", nargs="*", default=QUESTIONS)
    parser.add_argument("--keep", metavar="FOLDER", help="load the databases once and reuse them in the next run: the SQLite file "
                        "in this folder, the other on the PostgreSQL server in POMOST_TEST_DATABASE")
    parser.add_argument("--out", help="file for the results as JSON")
    parser.add_argument("--compare", metavar="FILE", help="results of another run with fewer records, to print the ratio")
    arguments = parser.parse_args()
    binary, peer = (os.path.abspath(path) for path in (arguments.binary, arguments.peer))
    if not os.environ.get("POMOST_TEST_DATABASE"):
        raise SystemExit("POMOST_TEST_DATABASE must be the address of a PostgreSQL server: scripts/with-postgres.sh starts one")
    folder = tempfile.mkdtemp(prefix="pomost-bench-")
    processes = []
    try:
        sqlite, postgres = databases(folder, arguments.keep, arguments.records)
        for database in (sqlite, postgres):
            load(binary, database, arguments.records, folder)
        registries = []
        on_both = ((sqlite, "SQLite"), (postgres, "PostgreSQL"))
        for database, on in on_both:
            for caches in CACHES:
                found = registry(f"{caches} {on}", binary, database, caches)
                processes.append(found.process)
                registries.append(found)
        slugs, after, change = parameters(registries[0].urls["w1"])
        named = [{"slug": slug} for slug in slugs]

        def variables_of(after, change):
            return {"w1": named, "w2": [{}], "w3": named, "w4": [{"after": None}], "w4page1000": [{"after": after}],
                    "w4count": [{"after": None}], "w5": [{}], "w6": [{}], "w7": [{"after": change}]}

        for found in registries:
            found.bodies = bodies_of(BENCH / "queries", variables_of(after, change))
        # The static bodies: the answers of the registry to the first of each.
        Path(folder, "bodies").mkdir()
        for question in QUESTIONS:
            answer = urlopen(Request(registries[0].urls[question], registries[0].bodies[question][0].encode(),
                                     {"content-type": "application/json"})).read()
            Path(folder, "bodies", f"{question}.json").write_bytes(answer)
        sequence = opaque(change).removeprefix("change:")
        direct = bodies_of(BENCH / "queries", variables_of(position(after), sequence))
        limit_postgres, url = one_statement("one statement PostgreSQL", peer, postgres, "postgres", Path(folder, "bodies"))
        limit_sqlite, _ = one_statement("one statement SQLite", peer, sqlite, "sqlite", None)
        static = Peer("static body", limit_postgres.process, {q: f"{url}/static/{q}" for q in QUESTIONS}, direct)
        limit_postgres.bodies = limit_sqlite.bodies = direct
        processes += [limit_postgres.process, limit_sqlite.process]
        peers = [limit_postgres, limit_sqlite]
        try:
            graphile = postgraphile(postgres, folder)
            processes.append(graphile.process)
            cursor = slugs_of(post(graphile.urls["w4"], body((BENCH / "postgraphile/queries/cursor.graphql").read_text(), {})), "endCursor")
            graphile.bodies = bodies_of(BENCH / "postgraphile/queries", variables_of(cursor[0], int(sequence)))
            peers.append(graphile)
        except (subprocess.CalledProcessError, FileNotFoundError) as error:
            print(f"PostGraphile is left out: {error}")
        try:
            found = seaography(postgres)
            processes.append(found.process)
            found.bodies = bodies_of(BENCH / "seaography/queries", variables_of(None, None))
            peers.append(found)
        except (subprocess.CalledProcessError, FileNotFoundError) as error:
            print(f"Seaography is left out: {error}")
        check([*registries[1:], *peers], registries[0])
        print(f"{arguments.records} records; all answers are equal. {arguments.connections} connections, {arguments.rounds} rounds of "
              f"{arguments.seconds} s. Requests/s: median (lowest-highest).", flush=True)

        token = Server.command(hot_server := Server(binary, sqlite), "token", "create", "--name", f"bench-{os.getpid()}", "--role", "publisher",
                               "--expires", "2099-01-01", check=True).stdout
        hot_server.port = int(re.search(r":(\d+)/", registries[2].urls["w1"])[1])
        token = re.search(r"pomost_[\w-]+", token)[0]
        figures = {}
        everyone = [*registries, *peers, static]
        for question in arguments.questions:
            for round_ in range(arguments.rounds):
                answering = [found for found in everyone if question in found.bodies]
                for found in random.sample(answering, len(answering)):
                    writer = None
                    if found is registries[2]:
                        writer = Writer(hot_server, token, 10)
                        writer.start()
                    figure = found.measure(question, arguments.connections, arguments.seconds, folder)
                    if writer:
                        writer.stop.set()
                        writer.join()
                    figures.setdefault((question, found.name), []).append(figure)
                    rest(postgres)
            table(question, figures, answering)
        print("\nMemory at the most, MB (with mapped files): "
              + ", ".join(f"{found.name} {found.memory[0]} ({found.memory[1]})" for found in everyone))
        starts = {on: first_answers(binary, database, registries[0].bodies["w1"][0]) for database, on in on_both}
        print("Start of a process to its first answer, ms of 10: "
              + ", ".join(f"{on} {statistics.median(found):.0f} ({min(found):.0f}-{max(found):.0f})" for on, found in starts.items()))
        if arguments.compare:
            compare_runs(figures, json.loads(Path(arguments.compare).read_text()))
        if arguments.out:
            Path(arguments.out).write_text(json.dumps({f"{q} {name}": value for (q, name), value in figures.items()}, indent=1))
    finally:
        for process in processes:
            try:
                os.kill(process.pid, signal.SIGKILL) if os.getpgid(process.pid) == os.getpgid(0) else os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        if "postgres" in locals():
            postgres.drop()
        shutil.rmtree(folder, ignore_errors=True)


def median(figures):
    return statistics.median(rate for rate, _, _ in figures)


def ratio(rate, other):
    """The ratio of two rates, unless the second is zero."""
    return f"{rate / other:.2f}" if other else "-"


def compare_runs(figures, others):
    """Prints the ratio to the requests per second of another run."""
    for question in QUESTIONS:
        found = [f"{name} {ratio(median(figures[q, name]), median(others[f'{q} {name}']))}"
                 for q, name in figures if q == question and f"{q} {name}" in others]
        if found:
            print(f"Ratio to the other run, {question}: " + ", ".join(found))


def rest(database, seconds=30):
    """Waits until the database is idle after the previous measurement, at most this long."""
    busy = "SELECT COUNT(*) FROM pg_stat_activity WHERE state = 'active' AND datname = current_database() AND pid <> pg_backend_pid()"
    end = time.monotonic() + seconds
    while database.psql(database.url, busy).strip() != "0" and time.monotonic() < end:
        time.sleep(0.2)


def table(question, figures, everyone):
    names = [found.name for found in everyone]
    against = [name for name in ("static body", "one statement PostgreSQL", "one statement SQLite", "PostGraphile", "Seaography") if name in names]
    print(f"\n{question:12} {'requests/s':>26} {'p50 ms':>8} {'p99 ms':>8}   of: " + ", ".join(against))
    for name in names:
        rates, p50, p99 = zip(*figures[question, name])
        ratios = "  ".join(f"{ratio(median(figures[question, name]), median(figures[question, other])):>8}" for other in against)
        spread = f"{statistics.median(rates):8.0f} ({min(rates):.0f}-{max(rates):.0f})"
        print(f"{name:25} {spread:>22} {statistics.median(p50):8.2f} {statistics.median(p99):8.2f}   {ratios}", flush=True)


if __name__ == "__main__":
    main()
