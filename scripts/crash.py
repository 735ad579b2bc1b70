#!/usr/bin/env python3
"""Kills a server during writes: scripts/crash.py [BINARY] [--kills 10] [--database-kills 0] [--writers 4] [--seconds 0]

Writes records, each with an idempotency key, kills the server with SIGKILL at random moments, starts it again, and repeats
unacknowledged requests. At the end every acknowledged record must exist exactly once, the feed must have no gap, and
`pomost doctor` must find no fault. First, an import is killed, which must leave no data behind.

Uses SQLite, or the PostgreSQL server in POMOST_TEST_DATABASE. There `--database-kills` also kills the database, and the server
must meanwhile answer with coded errors and recover by itself. With `--kills 0 --seconds 10` it only measures the rate of writes,
each writer with its own connection. Requires Python, and psql for PostgreSQL.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from servers import ROOT, Database, Server

CREATE = """mutation ($input: OrganizationInput!, $key: String!) {
  createOrganization(input: $input, idempotencyKey: $key) { record { slug version } errors { code message } changeSeq } }"""


def killed_import(server):
    """A killed import leaves no data behind."""
    file = f"{server.database.folder}/large.json"
    subprocess.run([server.binary, "generate", "--records", "20000", "--out", file], check=True, capture_output=True)
    before = server.command("export").stdout
    running = subprocess.Popen([server.binary, "import", file, "--database", server.database.url], cwd=server.database.folder,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(1.2)
    alive = running.poll() is None
    running.kill()
    running.wait()
    if not alive:
        return "the import ended before it was killed"
    return None if server.command("export").stdout == before else "the killed import left data behind"


def main():
    parser = argparse.ArgumentParser()
    default = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug/pomost"
    parser.add_argument("binary", nargs="?", default=default)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--database-kills", type=int, default=0)
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=0.5, help="seconds of writes after the last kill")
    arguments = parser.parse_args()
    faults, codes = [], {}
    random.seed(1)
    with tempfile.TemporaryDirectory() as folder:
        database = Database(folder, "crash")
        server = Server(str(Path(arguments.binary).resolve()), database)
        server.command("migrate", "up", check=True)
        server.command("import", str(ROOT / "data/jastrzebie-zdroj.json"), check=True)
        if fault := killed_import(server):
            faults.append(fault)
        token = server.command("token", "create", "--role", "admin", check=True).stdout.strip()
        server.start()
        acknowledged, tried, lock, over = {}, [0], threading.Lock(), threading.Event()

        def write():
            while not over.is_set():
                with lock:
                    tried[0] += 1
                    number = tried[0]
                slug = f"crash-{number}"
                while True:  # Repeat an unacknowledged request with the same key.
                    try:
                        answer = server.ask(token, CREATE, input={"slug": slug, "name": f"Office {number}"}, key=slug)
                    except (OSError, ValueError):
                        time.sleep(0.02)
                        continue
                    done = (answer.get("data") or {}).get("createOrganization")
                    if done and not done["errors"]:
                        with lock:
                            acknowledged[slug] = done
                        break
                    if done:
                        with lock:
                            faults.append(f"{slug}: {done['errors']}")
                        break
                    code = answer["errors"][0]["extensions"]["code"]
                    with lock:
                        codes[code] = codes.get(code, 0) + 1
                        if code not in ("UNAVAILABLE", "TIMEOUT"):
                            faults.append(f"{slug}: {answer['errors']}")
                    time.sleep(0.02)

        writers = [threading.Thread(target=write) for _ in range(arguments.writers)]
        for writer in writers:
            writer.start()
        begin = time.monotonic()
        for _ in range(arguments.kills):
            time.sleep(random.uniform(0.05, 0.6))
            server.kill()
            server.start()
        for _ in range(arguments.database_kills):
            time.sleep(random.uniform(0.3, 1.0))
            database.kill()
        time.sleep(arguments.seconds)
        took, written = time.monotonic() - begin, len(acknowledged)
        over.set()
        for writer in writers:
            writer.join(60)
        if any(writer.is_alive() for writer in writers):
            faults.append("the server did not recover")
        # The records at the end.
        found, after = {}, None
        while True:
            page = server.ask(token, "query ($after: String) { organizations(first: 100, after: $after, filter: {name: {startsWith: \"Office\"}}) "
                                     "{ nodes { slug version } pageInfo { hasNextPage endCursor } } }", after=after)["data"]["organizations"]
            for node in page["nodes"]:
                if not node["slug"].startswith("crash-"):
                    continue
                if node["slug"] in found:
                    faults.append(f"{node['slug']} exists twice")
                found[node["slug"]] = node["version"]
            if not page["pageInfo"]["hasNextPage"]:
                break
            after = page["pageInfo"]["endCursor"]
        lost = [slug for slug in acknowledged if slug not in found]
        if lost:
            faults.append(f"{len(lost)} acknowledged writes are lost: {lost[:5]}")
        if len(found) != tried[0]:
            faults.append(f"{len(found)} records, but {tried[0]} keys")
        if any(version != 1 for version in found.values()):
            faults.append("a retry was executed again")
        server.kill()
        doctor = server.command("doctor")
        if doctor.returncode != 0:
            faults.append(f"the doctor: {doctor.stdout}{doctor.stderr}")
        database.drop()
    kind = "PostgreSQL" if os.environ.get("POMOST_TEST_DATABASE") else "SQLite"
    print(f"{kind}: {arguments.kills} kills of the server, {arguments.database_kills} of the database in {took:.0f} s: "
          f"{written / took:.0f} writes/s by {arguments.writers}, {len(acknowledged)} acknowledged, {len(found)} found, errors in the meantime {codes or 'none'}")
    for fault in faults:
        print("fault:", fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
