#!/usr/bin/env python3
"""Reads, increments and writes back concurrently: scripts/rounds.py [BINARY] [--rounds 10000] [--clients 16]

Each round reads the number and the version of a record, and writes the number plus one for that version. The server accepts it or
answers CONFLICT. One of ten accepted writes is sent again with its key and must get the same answer. Half of the rounds use one
record, half use eight. At the end the number of each record must be that of its accepted rounds, and its history must contain each
of them once. Uses SQLite, or the PostgreSQL server in POMOST_TEST_DATABASE. Requires Python, and psql for PostgreSQL.
"""

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from servers import ROOT, Database, Server

CREATE = "mutation ($input: DocumentInput!) { done: createDocument(input: $input) { record { id version } errors { message } } }"
PUBLISH = """mutation ($id: ID!, $version: Int!) {
  done: publishRecord(id: $id, expectedVersion: $version) { record { id version } errors { message } } }"""
READ = "query ($slug: String!) { document(by: { slug: $slug }) { id version printRun } }"
WRITE = """mutation ($id: ID!, $version: Int!, $number: Int!, $key: String!) {
  done: updateDocument(id: $id, expectedVersion: $version, changes: { printRun: $number }, reason: "counted", idempotencyKey: $key) {
    changeSeq record { version printRun } errors { code message } } }"""
HISTORY = """query ($slug: String!, $before: ChangeCursor) { document(by: { slug: $slug }) {
  history(first: 100, before: $before) { nodes { act version differences { field before after } } older } } }"""


class Client:
    """A client with a persistent connection."""

    def __init__(self, port, token):
        self.connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}

    def ask(self, query, **variables):
        self.connection.request("POST", "/graphql", json.dumps({"query": query, "variables": variables}), self.headers)
        answer = json.load(self.connection.getresponse())
        if "errors" in answer:
            raise ValueError(f"it was refused: {answer}")
        return answer["data"]

    def round(self, slug, number):
        """True if a round was accepted, and an error or None."""
        key = f"{slug}/{number}"
        found = self.ask(READ, slug=slug)["document"]
        words = {"id": found["id"], "version": found["version"], "number": found["printRun"] + 1, "key": key}
        done = self.ask(WRITE, **words)["done"]
        if done["errors"]:
            is_conflict = [error["code"] for error in done["errors"]] == ["CONFLICT"] and done["changeSeq"] is None
            return False, None if is_conflict else f"{key}: {done}"
        if done["record"]["version"] <= found["version"]:
            return True, f"{key}: accepted, but {done}"
        if number % 10 == 0 and (again := self.ask(WRITE, **words)["done"])["changeSeq"] != done["changeSeq"]:
            return True, f"{key}: {done} at first, {again} for the retry"
        return True, None


def proof(client, slug, accepted):
    """The errors of a record after this number of accepted rounds."""
    found = client.ask(READ, slug=slug)["document"]
    if found["printRun"] != accepted or found["version"] != accepted + 2:
        yield f"{slug}: {accepted} were accepted, but it is {found}"
    steps, before = [], None
    while True:
        history = client.ask(HISTORY, slug=slug, before=before)["document"]["history"]
        steps += [node for node in history["nodes"] if node["act"] == "updateDocument"]
        before = history["older"]
        if before is None:
            break
    steps.reverse()
    steps = [(step["version"], [(field["before"], field["after"]) for field in step["differences"] if field["field"] == "printRun"])
            for step in steps]
    if steps != [(number + 3, [(number, number + 1)]) for number in range(accepted)]:
        yield f"{slug}: {accepted} were accepted, but its history has {len(steps)} steps: {steps[:3]} ... {steps[-3:]}"


def main():
    parser = argparse.ArgumentParser()
    default = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug/pomost"
    parser.add_argument("binary", nargs="?", default=default)
    parser.add_argument("--rounds", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=16)
    arguments = parser.parse_args()
    faults, lock, kind = [], threading.Lock(), "PostgreSQL" if os.environ.get("POMOST_TEST_DATABASE") else "SQLite"
    with tempfile.TemporaryDirectory() as folder:
        database = Database(folder, "rounds")
        server = Server(str(Path(arguments.binary).resolve()), database)
        server.command("migrate", "up", check=True)
        token = server.command("token", "create", "--role", "admin", check=True).stdout.strip()
        server.start()
        try:
            for slugs in ([["one"], [f"of-eight-{number}" for number in range(8)]]):
                first = Client(server.port, token)
                for slug in slugs:
                    record = first.ask(CREATE, input={"slug": slug, "title": slug, "printRun": 0})["done"]["record"]
                    first.ask(PUBLISH, id=record["id"], version=record["version"])
                rounds, accepted, conflicts = iter(range(arguments.rounds // 2)), dict.fromkeys(slugs, 0), dict.fromkeys(slugs, 0)

                def work():
                    client = Client(server.port, token)
                    while True:
                        with lock:
                            number = next(rounds, None)
                        if number is None:
                            return
                        slug = slugs[number % len(slugs)]
                        try:
                            is_accepted, fault = client.round(slug, number)
                        except (OSError, ValueError, HTTPException) as error:
                            faults.append(f"{slug}/{number}: {error}")
                            return
                        with lock:
                            (accepted if is_accepted else conflicts)[slug] += 1
                            faults.extend([fault] if fault else [])

                clients, begin = [threading.Thread(target=work) for _ in range(arguments.clients)], time.monotonic()
                for client in clients:
                    client.start()
                for client in clients:
                    client.join()
                took = time.monotonic() - begin
                # The first connection was idle for too long.
                last = Client(server.port, token)
                wrong = [fault for slug in slugs for fault in proof(last, slug, accepted[slug])]
                faults += wrong
                print(f"{kind}: {arguments.rounds // 2} rounds by {arguments.clients} on {len(slugs)} records in {took:.0f} s: "
                      f"{sum(accepted.values())} accepted, {sum(conflicts.values())} conflicts, {len(wrong)} records with lost writes")
        finally:
            server.kill()
        doctor = server.command("doctor")
        if doctor.returncode != 0:
            faults.append(f"the doctor: {doctor.stdout}{doctor.stderr}")
        database.drop()
    for fault in faults[:20]:
        print("fault:", fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
