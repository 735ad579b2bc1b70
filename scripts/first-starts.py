#!/usr/bin/env python3
"""Starts the first processes of a new database at the same time: scripts/first-starts.py [BINARY] [--rounds 5] [--processes 3]

Each round uses two new databases: `migrate up` and `serve --sample` run on the first, `migrate up` and `mirror --once` on the
second, several of each at the same moment. All must succeed, every server must answer, and both databases must contain the
sample at the end and pass the doctor.

Uses SQLite, or the PostgreSQL server in POMOST_TEST_DATABASE. Requires Python, and psql for PostgreSQL.
"""

import argparse
import os
import sys
import tempfile
import threading
from pathlib import Path

from servers import ROOT, Database, Server

QUESTION = "{ cities(first: 1) { totalCount } }"


def all_at_once(tasks):
    """Runs the tasks at the same moment, and returns their errors."""
    faults, barrier = [], threading.Barrier(len(tasks))

    def run(name, task):
        barrier.wait()
        try:
            if fault := task():
                faults.append(f"{name}: {fault}")
        except BaseException as error:
            faults.append(f"{name}: {error!r}")

    threads = [threading.Thread(target=run, args=task) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults


def command(binary, database, *words):
    ended = Server(binary, database).command(*words, timeout=300)
    return None if ended.returncode == 0 else f"ended with {ended.returncode}: {ended.stdout}{ended.stderr}"


def serve(server):
    server.start("--sample")
    answer = server.ask(None, QUESTION)
    return None if answer.get("data", {}).get("cities", {}).get("totalCount") else f"answers {answer}"


def migrations(binary, database, processes):
    return [("migrate up", lambda: command(binary, database, "migrate", "up")) for _ in range(processes)]


def compare(binary, databases):
    texts = []
    for database in databases:
        exported = Server(binary, database).command("export", check=True)
        texts.append(exported.stdout)
    return [] if texts[0] == texts[1] and "karvina" in texts[0] else ["the copy differs from its source"]


def run(binary, processes):
    with tempfile.TemporaryDirectory() as folder:
        source, copy = Database(folder, "first"), Database(folder, "copy")
        servers = [Server(binary, source) for _ in range(processes)]
        try:
            faults = all_at_once(migrations(binary, source, processes) + [("serve --sample", lambda s=server: serve(s)) for server in servers])
            if not faults:
                url = f"http://127.0.0.1:{servers[0].port}"
                mirrors = [("mirror --once", lambda: command(binary, copy, "mirror", url, "--once")) for _ in range(processes)]
                faults = all_at_once(migrations(binary, copy, processes) + mirrors)
        finally:
            for server in servers:
                if server.process:
                    server.kill()
        if not faults:
            faults = [fault for database in (source, copy) if (fault := command(binary, database, "doctor"))]
        if not faults:
            faults = compare(binary, (source, copy))
        for database in (source, copy):
            database.drop()
    return faults


def main():
    parser = argparse.ArgumentParser()
    default = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug/pomost"
    parser.add_argument("binary", nargs="?", default=default)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--processes", type=int, default=3, help="number of processes of each command")
    arguments = parser.parse_args()
    binary = str(Path(arguments.binary).resolve())
    failed = 0
    for number in range(1, arguments.rounds + 1):
        faults = run(binary, arguments.processes)
        failed += bool(faults)
        for fault in faults:
            print(f"round {number}: {fault}", file=sys.stderr)
    kind = "PostgreSQL" if os.environ.get("POMOST_TEST_DATABASE") else "SQLite"
    print(f"{kind}: {arguments.rounds - failed} of {arguments.rounds} rounds with {4 * arguments.processes} first processes succeeded")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
