#!/usr/bin/env python3
"""Mirrors a registry during writes while both sides are killed:
scripts/mirror.py [BINARY] [--records 2000] [--runs 1] [--seconds 10] [--writers 2] [--names 0.3]

Each run imports generated records, serves them, and starts `pomost mirror` on an empty database. Meanwhile records are created,
published, corrected, hidden and shown, withdrawn and erased, many are imported at once, and both the server and the mirror are
killed at random moments and started again. A share of the writes (--names) concerns records that a copy derives from names
(sessions, officials) and the councils and cities that these depend on. After the last write the mirror must reach the same
export, byte by byte, confirm it by counts and checksums, and have a feed and references without faults.

Uses SQLite, or the PostgreSQL server in POMOST_TEST_DATABASE. Requires Python, and psql for PostgreSQL.
"""

import argparse
import filecmp
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from servers import ROOT, Database, Server

COLLECTIONS = {  # Kinds whose records are written to, with their lists, and a field of each that is changed.
    "City": ("cities", "website"), "Organization": ("organizations", "website"), "Project": ("projects", "registrationNumber"),
    "Document": ("documents", "reference"), "Agreement": ("agreements", "note"), "Interpellation": ("interpellations", "note"),
    "Partnership": ("partnerships", "note"), "Meeting": ("meetings", "note"), "LetterOfIntent": ("lettersOfIntent", "note"),
}
RECORD = "id slug version publication visibility"
NAMING = f"""query ($after: String) {{ found: interpellations(first: 50, after: $after) {{ pageInfo {{ endCursor }} nodes {{ {RECORD}
  council {{ organization {{ {RECORD} }} }} session {{ {RECORD} number }} city {{ {RECORD} }} councillors {{ {RECORD} }} }} }} }}"""
TARGET = "$id: ID!, $version: Int!"
AT = "id: $id, expectedVersion: $version"


class Writer(threading.Thread):
    """Writes random changes."""

    def __init__(self, server, token, seed, over, names):
        super().__init__()
        self.server, self.token, self.chance, self.over, self.names = server, token, random.Random(seed), over, names
        self.seed, self.done, self.refused, self.seen = seed, {}, {}, {}

    def ask(self, query, **variables):
        while not self.over.is_set():
            try:
                answer = self.server.ask(self.token, query, **variables)
            except (OSError, ValueError):
                time.sleep(0.05)
                continue
            if answer.get("data"):
                return answer["data"]
            code = answer["errors"][0]["extensions"]["code"]
            if code not in ("TIMEOUT", "UNAVAILABLE"):
                raise SystemExit(f"the server refuses: {answer}\n{query}")
            time.sleep(0.05)
        return None

    def pick(self, kind):
        """A random record of a kind."""
        return self.pick_by(kind, f"query ($after: String) {{ found: {COLLECTIONS[kind][0]}(first: 50, after: $after) {{ nodes {{ {RECORD} }} pageInfo {{ endCursor }} }} }}")

    def pick_by(self, kind, query):
        after = self.seen.get(kind) if self.chance.random() < 0.8 else None
        data = self.ask(query, after=after)
        if not data:
            return None
        self.seen[kind] = data["found"]["pageInfo"]["endCursor"]
        nodes = data["found"]["nodes"]
        return self.chance.choice(nodes) if nodes else None

    def command(self, name, arguments, variables, **more):
        declared = "".join(f", ${key}: {kind}" for key, (kind, _) in more.items())
        query = f"mutation ({TARGET}{declared}) {{ {name}({AT}{arguments}) {{ errors {{ code }} }} }}"
        data = self.ask(query, **variables, **{key: value for key, (_, value) in more.items()})
        if data:
            errors = data[name]["errors"]
            counts = self.refused if errors else self.done
            counts[name] = counts.get(name, 0) + 1
            return not errors
        return False

    def correct(self, kind, record, changes, reason="wrong"):
        variables = {"id": record["id"], "version": record["version"]}
        if done := self.command(f"update{kind}", f', changes: $changes, reason: "{reason}"', variables, changes=(f"{kind}Changes!", changes)):
            record["version"] += 1
        return done

    def hide_and_show(self, kind, record):
        """The mirror may read the state in between."""
        if record["visibility"] != "PUBLIC" or self.correct(kind, record, {"visibility": self.chance.choice(["INTERNAL", "PARTNERS"])}, "visibility"):
            time.sleep(self.chance.choice([0, 0.1, 0.5, 1]))
            if self.chance.random() < 0.9:
                self.correct(kind, record, {"visibility": "PUBLIC"}, "visibility")

    def write_names(self, number):
        """Changes records that are derived from names, and the records that they depend on."""
        found = self.pick_by("names", NAMING)
        if not found:
            return
        council, session, city = (found["council"] or {}).get("organization"), found["session"], found["city"]
        what = self.chance.random()
        if what < 0.4 and council:
            self.hide_and_show("Organization", council)
        elif what < 0.5 and city:
            self.hide_and_show("City", city)
        elif what < 0.6 and session:
            self.hide_and_show("Session", session)
        elif what < 0.7 and session:
            self.correct("Session", session, {"number": None if session["number"] else f"{number}"})
        elif what < 0.9:
            other = self.pick_by("names", NAMING) or found
            other = (other["council"] or {}).get("organization")
            council = self.chance.choice([council, other, None])
            title = self.chance.choice(["First session", "Second session", session["slug"] if session else None, None])
            self.correct("Interpellation", found, {"session": title, "council": council["slug"] if council else None})
        else:
            kind, record = self.chance.choice([("Session", session), ("Interpellation", found), ("Official", (found["councillors"] or [None])[0]), ("Organization", council)])
            if record and (kind == "Official" or self.chance.random() < 0.5):
                self.command("eraseRecord", ', reason: "privacy"', {"id": record["id"], "version": record["version"]})
            elif record:
                self.command("withdrawRecord", ', reason: "a mistake"', {"id": record["id"], "version": record["version"]})

    def run(self):
        number = 0
        while not self.over.is_set():
            number += 1
            if self.chance.random() < self.names:
                self.write_names(number)
                continue
            kind = self.chance.choice(list(COLLECTIONS))
            field = COLLECTIONS[kind][1]
            what = self.chance.random()
            if what < 0.15:
                slug = f"new-{self.seed}-{number}"
                data = self.ask("mutation ($slug: String!, $city: ID) { createOrganization(input: {slug: $slug, name: $slug, city: $city, kind: \"school\"}) "
                                "{ record { id version } errors { code } } }",
                                slug=slug, city=(self.pick("City") or {}).get("slug"))
                if data and not data["createOrganization"]["errors"] and self.chance.random() < 0.8:
                    record = data["createOrganization"]["record"]
                    self.command("publishRecord", "", {"id": record["id"], "version": record["version"]})
                continue
            if what < 0.2:
                file = {"cities": [{"slug": f"bulk-{self.seed}-{number}-{at}", "country": "DE", "names": {"de": f"Bulk {at}"}} for at in range(20)]}
                self.ask("mutation ($file: String!) { importRecords(file: $file, publish: true) { created errors { code message } } }", file=json.dumps(file))
                continue
            record = self.pick(kind)
            if not record:
                continue
            variables = {"id": record["id"], "version": record["version"]}
            if record["publication"] in ("DRAFT", "IN_REVIEW"):
                self.command("publishRecord", "", variables)
            elif what < 0.6:
                changes = {field: f"{number} by {self.seed}"}
                if kind == "Meeting":  # Officials come, go, and are named by a city that may be hidden.
                    city = (self.pick("City") or {}).get("slug")
                    people = [{"name": self.chance.choice(["Ada N", "Bo K", "Cy L"]), "office": "guest"} for _ in range(self.chance.randrange(3))]
                    if people and city and self.chance.random() < 0.5:
                        people[0]["city"] = city
                    changes["attendees"] = people
                self.command(f"update{kind}", ', changes: $changes, reason: "wrong"', variables, changes=(f"{kind}Changes!", changes))
            elif what < 0.9:
                changes = {"visibility": "PUBLIC" if record["visibility"] != "PUBLIC" else self.chance.choice(["INTERNAL", "PARTNERS"])}
                self.command(f"update{kind}", ', changes: $changes, reason: "visibility"', variables, changes=(f"{kind}Changes!", changes))
            elif what < 0.97:
                if record["publication"] != "WITHDRAWN":
                    self.command("withdrawRecord", ', reason: "a mistake"', variables)
            else:
                self.command("eraseRecord", ', reason: "privacy"', variables)


class Mirror:
    """`pomost mirror` on a database of its own."""

    def __init__(self, binary, database, url):
        self.binary, self.database, self.url, self.process = binary, database, url, None
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("POMOST_")}
        self.log = open(f"{database.folder}/mirror.log", "ab")

    def words(self, *more):
        return [self.binary, "mirror", self.url, "--database", self.database.url, *more]

    def start(self):
        self.process = subprocess.Popen(self.words("--poll", "1"), cwd=self.database.folder, env=self.environment, stdout=self.log, stderr=self.log)

    def kill(self):
        if self.process.poll() is not None:
            return f"the mirror ended by itself with {self.process.returncode}"
        self.process.kill()
        self.process.wait()
        return None

    def once(self):
        return subprocess.run(self.words("--once"), cwd=self.database.folder, env=self.environment, capture_output=True, text=True, timeout=600)


def export(binary, database, path):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("POMOST_")}
    with open(path, "wb") as file:
        subprocess.run([binary, "export", "--database", database.url], cwd=database.folder, env=environment, stdout=file, check=True)


def side_by_side(*tasks):
    """Runs tasks in parallel."""
    threads = [threading.Thread(target=task) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def run(binary, arguments, seed, template):
    chance = random.Random(seed)
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = Database(folder, "source"), Database(folder, "mirror")
        server = Server(binary, ours)
        ours.copy(template)
        token = server.command("token", "create", "--role", "admin", check=True).stdout.strip()
        server.start()
        mirror = Mirror(binary, theirs, f"http://127.0.0.1:{server.port}")
        begin = time.monotonic()
        mirror.start()
        over = threading.Event()
        writers = [Writer(server, token, seed * 100 + at, over, arguments.names) for at in range(arguments.writers)]
        for writer in writers:
            writer.start()
        kills = [0, 0]
        end = time.monotonic() + arguments.seconds
        while time.monotonic() < end:
            time.sleep(chance.uniform(0.5, max(1.0, arguments.seconds / 6)))
            if chance.random() < 0.5:
                server.kill()
                server.start()
                kills[0] += 1
            else:
                if fault := mirror.kill():
                    faults.append(fault)
                mirror.start()
                kills[1] += 1
        over.set()
        for writer in writers:
            writer.join()
        rest = time.monotonic()
        if fault := mirror.kill():
            faults.append(fault)
        compared = mirror.once()
        caught_up = time.monotonic() - rest
        if compared.returncode != 0 or "The copy equals its source." not in compared.stdout:
            faults.append(f"the mirror: {compared.stdout}{compared.stderr}")
        # Reading everything again repairs a copy that differs; here it must never differ.
        log = Path(mirror.log.name).read_text() + compared.stdout + compared.stderr
        if differing := [line for line in log.splitlines() if "differs from its source" in line]:
            faults.append("the copy differed during the run: " + "; ".join(differing))
        side_by_side(lambda: export(binary, ours, f"{folder}/source.json"), lambda: export(binary, theirs, f"{folder}/mirror.json"))
        if not filecmp.cmp(f"{folder}/source.json", f"{folder}/mirror.json", shallow=False):
            faults.append("the exports differ")
            if target := os.environ.get("KEEP"):
                subprocess.run(["cp", "-r", folder, target], check=False)
        server.kill()

        def check(database):
            doctor = Server(binary, database).command("doctor")
            if doctor.returncode != 0:
                faults.append(f"the doctor: {doctor.stdout}{doctor.stderr}")

        side_by_side(lambda: check(ours), lambda: check(theirs))
        records = sum(int(line.split()[-2]) for line in compared.stdout.splitlines()[1:-1])
        written = sum(sum(writer.done.values()) for writer in writers)
        acts = sorted({name for writer in writers for name in writer.done})
        size = os.path.getsize(f"{folder}/source.json")
        for database in (ours, theirs):
            database.drop()
    print(f"run {seed}: {records} records, {written} commands of {len(acts)} kinds, {kills[0]} kills of the server, {kills[1]} of the mirror, "
          f"{rest - begin:.0f} s; caught up and compared {caught_up:.0f} s after the last write; exports of {size / 1e6:.1f} MB "
          f"{'equal' if not faults else 'NOT EQUAL or at fault'}", flush=True)
    for fault in faults:
        print("fault:", fault, file=sys.stderr)
    return faults


def main():
    parser = argparse.ArgumentParser()
    default = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug/pomost"
    parser.add_argument("binary", nargs="?", default=default)
    parser.add_argument("--records", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--writers", type=int, default=2)
    parser.add_argument("--names", type=float, default=0.3, help="share of the writes that concern records derived from names")
    parser.add_argument("--first-seed", type=int, default=1)
    arguments = parser.parse_args()
    binary = str(Path(arguments.binary).resolve())
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/records.json"
        subprocess.run([binary, "generate", "--records", str(arguments.records), "--out", file], check=True, capture_output=True)
        template = Database(folder, "template")
        filled = Server(binary, template)
        filled.command("migrate", "up", check=True)
        filled.command("import", file, check=True)
        for seed in range(arguments.first_seed, arguments.first_seed + arguments.runs):
            failed += bool(run(binary, arguments, seed, template))
        template.drop()
    kind = "PostgreSQL" if os.environ.get("POMOST_TEST_DATABASE") else "SQLite"
    print(f"{kind}: {arguments.runs - failed} of {arguments.runs} mirrors reached an equal export")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
