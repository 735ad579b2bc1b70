#!/usr/bin/env python3
"""Sends the most expensive accepted filters and orders: scripts/filters.py BINARY [--records 30000] [--limit-ms MS]

Generates and imports records, serves them without caches, and sends filters of many shapes, each repeated or nested up to the
default limits. Prints the time of each and the maximum, with a usual query running beside them. With --limit-ms, a longer time is
a fault. Uses SQLite, or the PostgreSQL server in POMOST_TEST_DATABASE. Requires Python, and psql for PostgreSQL.
"""

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from servers import Database, Server

# The relations that filters can follow: from a type, by a field, to a type.
MANY = {
    "activities": {"cities": "cities", "organizations": "organizations", "projects": "projects"},
    "cities": {"activities": "activities", "projects": "projects", "agreements": "agreements", "partnerships": "partnerships"},
    "projects": {"activities": "activities", "cities": "cities", "organizations": "organizations"},
    "agreements": {"parties": "cities"},
    "partnerships": {"cities": "cities", "activities": "activities", "agreements": "agreements"},
}
ONE = {"activities": {"hostCity": "cities", "partnership": "partnerships"}, "organizations": {"city": "cities"}}

ANY = '{updatedAt:{gte:"2000-01-01T00:00:00Z"}}'
RARE = '{slug:{eq:"no-such-slug"}}'
COMMON = '{name:{contains:"a"}}'
# The number of nested relations that the server accepts in a filter.
STEPS = 9


def chain(start, steps, quantifier, leaf):
    """A filter along relations, each time to the type with the most records."""
    fields, at = [], start
    for _ in range(steps):
        field = "activities" if "activities" in MANY.get(at, {}) else "cities" if "cities" in MANY.get(at, {}) else "parties"
        fields.append(field)
        at = MANY[at][field]
    for field in reversed(fields):
        leaf = "{%s:{%s:%s}}" % (field, quantifier, leaf)
    return leaf


def lists(name, filters="", order="", fields="nodes{id}", count=1):
    arguments = ",".join(part for part in (filters and f"filter:{filters}", order and f"orderBy:{order}") if part)
    arguments = f"({arguments})" if arguments else ""
    return "{" + " ".join(f"a{n}:{name}{arguments}{{{fields}}}" for n in range(count)) + "}"


def shapes():
    """Names of shapes, each with its requests in the order of repetition."""
    for quantifier in ("some", "none", "every"):
        for leaf_name, leaf in (("any", ANY), ("rare", RARE), ("common", COMMON)):
            for start in ("activities", "projects", "cities"):
                filters = [chain(start, steps, quantifier, leaf) for steps in range(1, STEPS + 1)]
                yield f"{start}: {quantifier} nested, {leaf_name}", [lists(start, one) for one in filters]
        wide = [f"{{{field}:{{{quantifier}:{ANY}}}}}" for field in MANY["activities"]]
        for word in ("and", "or"):
            yield f"activities: {quantifier} side by side, {word}", [
                lists("activities", "{%s:[%s]}" % (word, ",".join(wide[n % 3] for n in range(times)))) for times in range(1, 25)]
        yield f"activities: {quantifier} under many aliases", [
            lists("activities", chain("activities", 1, quantifier, ANY), count=times) for times in range(1, 31)]
        yield f"activities: {quantifier} counted", [
            lists("activities", chain("activities", steps, quantifier, ANY), fields="totalCount") for steps in range(1, STEPS + 1)]
    mixed = ["{cities:{every:{activities:{some:{hostCity:{projects:{every:{cities:{some:%s}}}}}}}}}" % ANY,
             "{partnership:{activities:{every:{hostCity:{activities:{some:%s}}}}}}" % COMMON]
    yield "activities: mixed", [lists("activities", "{or:[%s]}" % ",".join(mixed[n % 2] for n in range(times))) for times in range(1, 12)]
    refers = ANY
    steps = []
    for _ in range(4):
        refers = "{hostCity:{activities:{some:%s}}}" % refers
        steps.append(lists("activities", refers))
    yield "activities: hosts and their activities", steps
    opposite, opposites = ANY, []
    for _ in range(18):
        opposite = "{not:%s}" % opposite
        opposites.append(lists("activities", opposite))
    yield "activities: not nested", opposites
    yield "activities: not side by side", [
        lists("activities", "{or:[%s]}" % ",".join(["{not:%s}" % ANY] * times)) for times in range(1, 80)]
    for name in ("activities", "projects", "officials"):
        yield f"{name}: without a filter", [lists(name, count=times) for times in range(1, 31)]
        yield f"{name}: counted", [lists(name, fields="totalCount", count=times) for times in range(1, 31)]
        yield f"{name}: texts", [
            lists(name, "{or:[%s]}" % ",".join('{name:{contains:"zq%d"}}' % n for n in range(times))) for times in range(1, 21)]
        yield f"{name}: orders", [
            lists(name, order="[{field:UPDATED_AT},{field:NAME,direction:DESC}]", count=times) for times in range(1, 31)]
        yield f"{name}: conditions", [
            lists(name, "{and:[%s]}" % ",".join(['{updatedAt:{gte:"2000-01-01T00:00:00Z",lt:"2100-01-01T00:00:00Z"}}'] * times))
            for times in range(10, 130, 10)]
    yield "activities: by the names of hosts", [lists("activities", order="[{field:HOST_CITY}]", count=times) for times in range(1, 31)]
    yield "projects: by budget", [lists("projects", order="[{field:BUDGET_TOTAL}]", count=times) for times in range(1, 31)]
    yield "cities: many values", [
        lists("cities", "{country:{in:[%s]}}" % ",".join(f'"x{n}"' for n in range(times))) for times in range(100, 2000, 100)]
    under = "{cities(first:%d){nodes{activities(first:1,filter:%s){nodes{id}}}}}"
    yield "under a page: every", [under % (100, chain("activities", steps, "every", ANY)) for steps in range(1, STEPS + 1)]


class Client:
    def __init__(self, port):
        self.address = f"http://127.0.0.1:{port}/graphql"

    def ask(self, query):
        """The code of the first error, the cost that was requested, and the milliseconds until the answer."""
        body = json.dumps({"query": query, "extensions": {"cost": True}}).encode()
        begin = time.perf_counter()
        try:
            answer = json.load(urlopen(Request(self.address, body, {"content-type": "application/json"}), timeout=60))
        except HTTPError as error:
            answer = json.load(error)
        took = (time.perf_counter() - begin) * 1_000
        code = answer["errors"][0]["extensions"]["code"] if "errors" in answer else ""
        return code, answer.get("extensions", {}).get("cost", {}).get("requested", 0), took


def slowest_accepted(client, requests):
    """The slowest of the largest accepted requests of a shape, as (milliseconds, cost, code)."""
    low, high = -1, len(requests) - 1
    taken = {}
    while low < high:
        middle = (low + high + 1) // 2
        code, cost, took = client.ask(requests[middle])
        if code in ("QUERY_TOO_COMPLEX", "QUERY_TOO_DEEP", "BAD_USER_INPUT"):
            high = middle - 1
        else:
            taken[middle] = (took, cost, code)
            low = middle
    return max(taken.values(), default=None)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--records", type=int, default=30_000)
    parser.add_argument("--limit-ms", type=float)
    arguments = parser.parse_args()
    kind = "PostgreSQL" if os.environ.get("POMOST_TEST_DATABASE") else "SQLite"
    faults, times = [], []
    with tempfile.TemporaryDirectory() as folder:
        database = Database(folder, "filters")
        server = Server(str(Path(arguments.binary).resolve()), database)
        file = Path(folder) / "records.json"
        for words in (["migrate", "up"], ["generate", "--records", str(arguments.records), "--out", str(file)], ["import", str(file)]):
            done = server.command(*words)
            if done.returncode:
                raise SystemExit(f"{words[0]}: {done.stderr[-500:]}")
        server.start(POMOST_CACHE_RECORDS_MB="0", POMOST_CACHE_ANSWERS_MB="0")
        client, usual, over = Client(server.port), [], threading.Event()

        def ask_usually():
            while not over.wait(0.2):
                code, _, took = client.ask("{cities(first:20){nodes{slug}}}")
                usual.append(took)
                if code:
                    faults.append(f"the usual query: {code}")

        beside = threading.Thread(target=ask_usually)
        beside.start()
        try:
            for name, requests in shapes():
                found = slowest_accepted(client, requests)
                if not found:
                    faults.append(f"{name}: none is accepted")
                    continue
                took, cost, code = found
                times.append((took, name))
                print(f"{took:8.0f} ms  {cost:6} points  {name} {code}", flush=True)
                if code:
                    faults.append(f"{name}: {code}")
                if arguments.limit_ms and took > arguments.limit_ms:
                    faults.append(f"{name}: {took:.0f} ms, not {arguments.limit_ms:.0f} ms")
        finally:
            over.set()
            beside.join()
            server.kill()
            database.drop()
    print(f"{kind}, {arguments.records} records, {len(times)} shapes: the slowest {max(times)[0]:.0f} ms ({max(times)[1]}); "
          f"the usual query beside them at most {max(usual):.0f} ms")
    for fault in faults:
        print("fault:", fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
