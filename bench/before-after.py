#!/usr/bin/env python3
"""Measures two builds of the registry side by side: bench/before-after.py AFTER BEFORE [--records N] [--rounds N]

Both are `pomost`, of two commits, built with the same profile. Requires wrk, psql and a PostgreSQL server in
POMOST_TEST_DATABASE. Each build imports the sample and N generated records into its own SQLite and PostgreSQL databases. In each
round each query is sent to all servers in turn, first to one build and then to the other, because the load of the machine varies.
Prints requests per second and the median of the ratios of the rounds.
"""

import argparse
import os
import random
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from bench import BENCH, CACHES, QUESTIONS, Database, bodies_of, load, parameters, post, registry, rest  # noqa: E402


def build(name, binary, folder, records):
    """The servers of a build, one for each database and cache setting, with their queries."""
    own = Path(folder, name)
    own.mkdir()
    server, found, databases = os.environ["POMOST_TEST_DATABASE"], {}, []
    for on in ("SQLite", "PostgreSQL"):
        os.environ["POMOST_TEST_DATABASE"] = server if on == "PostgreSQL" else ""
        database = Database(own, f"bench_{name}")
        os.environ["POMOST_TEST_DATABASE"] = server
        load(binary, database, records, own)
        databases.append(database)
        for caches in CACHES:
            found[f"{caches} {on}"] = registry(f"{name} {caches} {on}", binary, database, caches)
    slugs, after, change = parameters(next(iter(found.values())).urls["w1"])
    named = [{"slug": slug} for slug in slugs]
    variables = {"w1": named, "w2": [{}], "w3": named, "w4": [{"after": None}], "w4page1000": [{"after": after}],
             "w4count": [{"after": None}], "w5": [{}], "w6": [{}], "w7": [{"after": change}]}
    for peer in found.values():
        peer.bodies = bodies_of(BENCH / "queries", variables)
    return found, databases


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("after")
    parser.add_argument("before")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--questions", nargs="*", default=QUESTIONS)
    arguments = parser.parse_args()
    if not os.environ.get("POMOST_TEST_DATABASE"):
        raise SystemExit("POMOST_TEST_DATABASE must be the address of a PostgreSQL server: scripts/with-postgres.sh starts one")
    folder = tempfile.mkdtemp(prefix="pomost-before-after-")
    builds, databases = {}, []
    try:
        for name in ("after", "before"):
            builds[name], made = build(name, os.path.abspath(getattr(arguments, name)), folder, arguments.records)
            databases += made
        print(f"{arguments.records} records, {arguments.connections} connections, {arguments.rounds} rounds of {arguments.seconds} s. "
              "Requests/s: medians; after/before: median of the rounds (lowest-highest).\n\n"
              f"{'question':12} {'registry':18} {'before':>9} {'after':>9}   after/before", flush=True)
        for question in arguments.questions:
            for peers in builds.values():
                for peer in peers.values():
                    for sent in peer.bodies[question]:
                        if "errors" in (answer := post(peer.urls[question], sent)):
                            raise SystemExit(f"{peer.name} answers {question}: {answer['errors']}")
            for where in builds["after"]:
                rates = {"after": [], "before": []}
                for _ in range(arguments.rounds):
                    for name in random.sample(list(rates), 2):
                        rates[name].append(builds[name][where].measure(question, arguments.connections, arguments.seconds, folder)[0])
                        rest(databases[1])
                ratios = [after / before for after, before in zip(rates["after"], rates["before"])]
                print(f"{question:12} {where:18} {statistics.median(rates['before']):9.0f} {statistics.median(rates['after']):9.0f}   "
                      f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})", flush=True)
    finally:
        for peers in builds.values():
            for peer in peers.values():
                peer.process.kill()
        for database in databases:
            database.drop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
