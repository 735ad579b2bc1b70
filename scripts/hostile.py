#!/usr/bin/env python3
"""Sends hostile requests to a server: scripts/hostile.py [BINARY] [--limit-ms 50] [--limit-mb 20]

Starts the server on the sample, sends every request of the corpus, and checks status, code and time of each answer, the growth of
the server's memory, and that a usual query is answered afterwards. Requires only Python.
"""

import argparse
import base64
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
MEDIA = "application/graphql-response+json"

PARSE, VALIDATION = (400, "GRAPHQL_PARSE_FAILED"), (400, "GRAPHQL_VALIDATION_FAILED")
DEEP, COMPLEX = (400, "QUERY_TOO_DEEP"), (400, "QUERY_TOO_COMPLEX")
REQUEST, INPUT = (400, "BAD_REQUEST"), (400, "BAD_USER_INPUT")
FIELD = (200, "BAD_USER_INPUT")
FINE = (200, "")
NO_OPERATION = (422, "OPERATION_RESOLUTION_FAILURE")


def http(method, target, headers, body=b""):
    lines = [f"{method} {target} HTTP/1.1", "host: pomost", "connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def post(body, content_type="application/json", accept=MEDIA, path="/graphql"):
    body = body if isinstance(body, bytes) else body.encode()
    headers = {"accept": accept, "content-length": len(body)}
    if content_type:
        headers["content-type"] = content_type
    return http("POST", path, headers, body)


def ask(query, variables=None, **more):
    return post(json.dumps({"query": query, **({"variables": variables} if variables is not None else {}), **more}))


def get(parameters, accept=MEDIA, method="GET"):
    return http(method, "/graphql?" + parameters, {"accept": accept})


def bomb(levels, times=2):
    parts = [f"fragment f{n} on Query {{ {f'...f{n + 1} ' * times}}}" for n in range(levels)]
    return "{ ...f0 } " + " ".join(parts) + f" fragment f{levels} on Query {{ __typename }}"


def nested(levels, field="partnerships { nodes { cities", close="}"):
    return "{ homeCity { " + (field + " { ") * levels + "slug " + (close * 3) * levels + "} }"


def opaque(text):
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def corpus():
    """All requests: the name, the bytes, and the expected status and code."""
    slug = "query ($s: String!) { city(by: { slug: $s }) { id } }"
    cities = "{ cities(%s) { nodes { slug } } }"
    filtered = "query ($f: CityFilter) { cities(filter: $f) { nodes { slug } } }"
    introspection = "{ __schema { types { %s } } }"

    # Deep
    yield "16 levels", ask("{ homeCity " + "{ partnerships { nodes { cities " * 5 + "{ slug }" + " } } }" * 5 + " }"), DEEP
    yield "64 levels", ask(nested(20)), DEEP
    yield "10 000 levels", ask("{ a " * 5_000 + "}" * 5_000), DEEP
    yield "braces that are never closed", ask("{" * 30_000), DEEP
    yield "a list literal of 15 000 levels", ask("{ cities(first: " + "[" * 15_000 + "]" * 15_000 + ") { totalCount } }"), DEEP
    yield "an object literal of 5 000 levels", ask("{ cities(filter: " + "{and:" * 5_000 + "1" + "}" * 5_000 + ") { totalCount } }"), DEEP
    yield "200 nested inline fragments", ask("{" + " ... {" * 200 + " __typename " + "}" * 200 + "}"), DEEP
    yield "a type of 10 000 brackets", ask("query ($a: " + "[" * 10_000 + "Int" + "]" * 10_000 + ") { __typename }"), DEEP
    # Wide
    yield "1 001 fields", ask("{ " + " ".join(f"f{n}" for n in range(1_001)) + " }"), COMPLEX
    yield "1 001 times the same field", ask("{ " + "__typename " * 1_001 + "}"), COMPLEX
    yield "6 000 fields", ask("{ " + "a " * 6_000 + "}"), COMPLEX
    yield "2 001 tokens", ask("{ " + "node(id: 1) " * 340 + "}"), COMPLEX
    yield "a document of 33 KiB", ask("{ __typename } #" + "x" * 33_000), COMPLEX
    yield "500 operations", ask(" ".join(f"query q{n} {{ __typename }}" for n in range(500))), COMPLEX
    # Aliases
    yield "31 aliases of a list", ask("{ " + " ".join(f"a{n}: cities {{ totalCount }}" for n in range(31)) + " }"), COMPLEX
    yield "900 aliases of __typename", ask("{ " + " ".join(f"a{n}: __typename" for n in range(900)) + " }"), COMPLEX
    yield "31 aliases through fragments", ask(
        "{ ...a ...b } fragment a on Query { " + " ".join(f"a{n}: __typename" for n in range(20))
        + " } fragment b on Query { " + " ".join(f"b{n}: __typename" for n in range(20)) + " }"), COMPLEX
    # Directives
    yield "11 directives", ask("{ __typename " + "@skip(if: false) " * 11 + "}"), COMPLEX
    yield "1 000 unknown directives", ask("{ __typename " + "@a" * 1_000 + " }"), COMPLEX
    yield "11 directives on an operation", ask("query " + "@a " * 11 + "{ __typename }"), COMPLEX
    yield "an unknown directive", ask("{ homeCity @nothing { slug } }"), VALIDATION
    # Fragments
    yield "a bomb of 825 bytes", ask(bomb(22)), COMPLEX
    yield "a bomb of 200 levels", ask(bomb(60, 3)), COMPLEX
    yield "a fragment that spreads itself", ask("{ ...a } fragment a on Query { ...a }"), VALIDATION
    yield "two fragments that spread each other", ask("{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }"), VALIDATION
    yield "an unused cycle", ask("{ __typename } fragment a on Query { ...a }"), VALIDATION
    yield "a chain of 900 fragments", ask(bomb(900, 1)), DEEP
    yield "an undefined fragment", ask("{ ...nowhere }"), VALIDATION
    # Introspection
    circular = "fields { type { " * 5 + "name " + "} } " * 5
    yield "circular introspection", ask(introspection % circular), COMPLEX
    yield "introspection under 30 aliases", ask("{ " + " ".join(
        f"a{n}: __schema {{ types {{ name fields {{ name args {{ name }} type {{ name fields {{ name }} }} }} }} }}" for n in range(30)) + " }"), COMPLEX
    yield "introspection 16 deep", ask(introspection % ("fields { type " + "{ ofType " * 14 + "{ name }" + " }" * 14 + " }")), DEEP
    # Lists
    yield "a page of -1", ask(cities % "first: -1"), FIELD
    yield "a page of 0", ask(cities % "first: 0"), FIELD
    yield "a page of 1 000 000", ask(cities % "first: 1000000"), FIELD
    yield "a page of 2 147 483 648", ask(cities % "first: 2147483648"), INPUT
    yield "a page of 1e400", ask(cities % "first: 1e400"), (400, None)
    yield "first and last", ask(cities % "first: 1, last: 1"), FIELD
    yield "100 x 100 x 100 records", ask(
        "{ cities(first: 100) { nodes { partnerships(first: 100) { nodes { agreements { title { value } } cities { activities(first: 100) { nodes { slug } } } } } } } }"), COMPLEX
    yield "101 ids", ask("{ nodes(ids: [" + '"x" ' * 101 + "]) { id } }"), (200, "BAD_USER_INPUT")
    yield "5 000 ids in a variable", ask("query ($i: [ID!]!) { nodes(ids: $i) { id } }", {"i": ["x"] * 5_000}), COMPLEX
    yield "a filter of 1 500 conditions", ask(filtered, {"f": {"or": [{"slug": {"eq": "a"}}] * 1_500}}), COMPLEX
    yield "a filter of 900 conditions", ask(filtered, {"f": {"slug": {"in": ["a"] * 900}}}), FINE
    wrapped = {"slug": {"eq": "a"}}
    for _ in range(50):
        wrapped = {"not": wrapped}
    yield "a filter of 50 levels", ask(filtered, {"f": wrapped}), COMPLEX
    yield "a filter of 15 levels", ask("{ cities(filter: " + "{not:" * 15 + '{slug:{eq:"a"}}' + "}" * 15 + ") { totalCount } }"), FINE
    yield "variables of 200 levels", post('{"query": "{ __typename }", "variables": {"a": ' + "[" * 200 + "]" * 200 + "}}"), REQUEST
    # Texts and numbers
    yield "a slug of 30 KB", ask('{ city(by: { slug: "' + "x" * 30_000 + '" }) { id } }'), FINE
    yield "a slug of 200 KB", ask(slug, {"s": "x" * 200_000}), FINE
    yield "a text with NUL", ask(slug, {"s": "a\0b"}), (200, None)
    yield "half of a surrogate", post('{"query": "{ __typename }", "variables": {"s": "\\ud800"}}'), REQUEST
    yield "a search of 10 000 characters", ask("query ($t: String!) { suggest(text: $t) { slug } }", {"t": "x" * 10_000}), FIELD
    yield "a search for %", ask('{ suggest(text: "%") { slug } }'), FIELD
    yield "LIKE in a filter", ask('{ cities(filter: { name: { contains: "%_\\\\" } }) { nodes { slug } } }'), (200, None)
    yield "SQL in a slug", ask(slug, {"s": "' OR 1=1; DROP TABLE record; --"}), FINE
    yield "SQL in an id", ask('{ node(id: "\' UNION SELECT 1 --") { id } }'), FIELD
    yield "a number instead of a text", ask(slug, {"s": 1}), (400, None)
    yield "an invalid date", ask('{ agreements(filter: { signedOn: { eq: "2017-13" } }) { nodes { slug } } }'), (None, "BAD_USER_INPUT")
    # Ids and cursors
    yield "a malformed id", ask('{ node(id: "x") { id } }'), FIELD
    yield "an empty id", ask('{ node(id: "") { id } }'), FIELD
    yield "an id of an unknown type", ask('{ node(id: "%s") { id } }' % opaque("nothing:" + "0" * 32)), FINE
    yield "the id of another type", ask('{ city(by: { id: "%s" }) { id } }' % opaque("agreement:" + "0" * 32)), FIELD
    yield "an id of 20 KB", ask('{ node(id: "' + "A" * 20_000 + '") { id } }'), FIELD
    yield "a malformed cursor", ask(cities % 'after: "x"'), FIELD
    yield "a cursor of another list", ask(cities % ('after: "%s"' % opaque('["1", "ta", "u' + "0" * 32 + '"]'))), FIELD
    yield "a cursor of 20 KB", ask(cities % ('after: "' + "A" * 20_000 + '"')), FIELD
    yield "a filter that is null", ask("{ cities(filter: { slug: null }) { nodes { slug } } }"), FIELD
    yield "two keys for one record", ask('{ city(by: { slug: "a", id: "b" }) { id } }'), (400, None)
    # Documents
    yield "nothing", ask(""), PARSE
    yield "only a comment", ask("# nothing"), PARSE
    yield "only a fragment", ask("fragment a on Query { __typename }"), (None, None)
    yield "two operations and no name", ask("query A { __typename } query B { __typename }"), NO_OPERATION
    yield "an undefined operation", ask("query A { __typename }", operationName="B"), NO_OPERATION
    yield "a subscription over POST", ask("subscription { changes }"), (400, None)
    yield "a mutation by GET", get("query=" + quote("mutation { __typename }")), (405, "BAD_REQUEST")
    # Bodies
    yield "no JSON", post("nonsense"), REQUEST
    yield "an empty body", post(""), REQUEST
    yield "broken UTF-8", post(b'{"query": "{ __typename }\xff"}'), REQUEST
    yield "UTF-16", post('{"query": "{ __typename }"}'.encode("utf-16")), REQUEST
    yield "a batch", post('[{"query": "{ __typename }"}]'), REQUEST
    yield "a batch of 1 000", post("[" + ",".join(['{"query": "{ __typename }"}'] * 1_000) + "]"), REQUEST
    yield "a key twice", post('{"query": "{ a }", "query": "{ __typename }"}'), REQUEST
    yield "a query that is a number", post('{"query": 1}'), REQUEST
    yield "variables that are a list", post('{"query": "{ __typename }", "variables": []}'), REQUEST
    yield "extensions that are a text", post('{"query": "{ __typename }", "extensions": "x"}'), REQUEST
    yield "no query", post('{"qeury": "{ __typename }"}'), REQUEST
    yield "an unknown document", post('{"documentId": "sha256:0"}'), (400, "PERSISTED_QUERY_NOT_FOUND")
    yield "a body of 10 MB", post("x" * 10_000_000), (413, "BAD_REQUEST")
    yield "a body of 10 MB in chunks", http(
        "POST", "/graphql", {"content-type": "application/json", "transfer-encoding": "chunked"},
        b"10000\r\n" + b"x" * 0x10000 + b"\r\n" + (b"10000\r\n" + b"x" * 0x10000 + b"\r\n") * 150 + b"0\r\n\r\n"), (413, "BAD_REQUEST")
    # HTTP
    yield "plain text", post('{"query": "{ __typename }"}', "text/plain"), (415, "BAD_REQUEST")
    yield "a form", post("query={__typename}", "application/x-www-form-urlencoded"), (415, "BAD_REQUEST")
    yield "no media type", post('{"query": "{ __typename }"}', None), (415, "BAD_REQUEST")
    yield "an answer as an image", post('{"query": "{ __typename }"}', accept="image/png"), (406, "BAD_REQUEST")
    yield "PUT", http("PUT", "/graphql", {"accept": MEDIA}), (405, "BAD_REQUEST")
    yield "TRACE", http("TRACE", "/graphql", {"accept": MEDIA}), (405, "BAD_REQUEST")
    yield "a parameter twice", get("query=a&query=b"), REQUEST
    yield "variables that are not JSON", get("query=a&variables=%7B"), REQUEST
    yield "broken percent signs", get("query=%ff%fe"), PARSE
    yield "a path out of the folder", http("GET", "/graphql/assets/..%2f..%2fCargo.toml", {}), (404, None)
    yield "headers of 1 MB", http("GET", "/graphql", {"x-large": "x" * 1_000_000}), (431, None)
    yield "an address of 100 KB", http("GET", "/graphql?query=" + "x" * 100_000, {"accept": MEDIA}), (None, None)
    yield "no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", (400, None)
    yield "two lengths", b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab", (400, None)


class Server:
    def __init__(self, binary, folder):
        environment = {key: value for key, value in os.environ.items() if not key.startswith("POMOST_")}
        self.log = open(Path(folder) / "log", "wb")
        self.process = subprocess.Popen(
            [binary, "serve", "--sample", "--database", f"sqlite://{folder}/hostile.db", "--listen", "127.0.0.1:0"],
            cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=self.log, text=True)
        for line in self.process.stdout:
            found = re.search(r"http://127\.0\.0\.1:(\d+)/graphql$", line.strip())
            if found:
                self.port = int(found[1])
                break
        else:
            raise SystemExit("the server did not start")

    def memory(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def stop(self):
        self.process.terminate()
        self.process.wait(15)
        self.log.close()

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def send(self, data):
        """The whole answer, and the milliseconds from the last byte sent to the first byte received."""
        with self.connect() as connection:
            try:
                connection.sendall(data)
            except (BrokenPipeError, ConnectionResetError):
                pass  # It was refused before it was read to its end.
            begin = time.perf_counter()
            answer, took = b"", None
            try:
                while part := connection.recv(1 << 16):
                    took = took or (time.perf_counter() - begin) * 1_000
                    answer += part
            except ConnectionResetError:
                pass
            return answer, took or (time.perf_counter() - begin) * 1_000


def read(answer):
    """Status, and code of the first error."""
    head, _, body = answer.partition(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1]) if head.startswith(b"HTTP/1.") else 0
    code = re.search(rb'"code":"([A-Z_]+)"', body)
    leaks = re.search(rb"(?i)sqlite|postgres|sqlx|sea_?orm|panicked|/root/|\.rs:|select \w+ from|async.graphql", body)
    return status, code[1].decode() if code else "", leaks and leaks[0].decode()


def slow_senders(server, count=50):
    """Opens connections that send a byte periodically; returns how many are open after the header time limit."""
    connections = [server.connect() for _ in range(count)]
    for _ in range(9):
        for connection in connections:
            try:
                connection.send(b"G")
            except OSError:
                pass
        time.sleep(2)
    still_open = 0
    for connection in connections:
        connection.settimeout(0.01)
        try:
            still_open += connection.recv(1_000) != b"" and connection.recv(1) != b""
        except TimeoutError:
            still_open += 1
        except OSError:
            pass
        connection.close()
    return still_open


def silent_sockets(server, count=500):
    """Opens WebSockets without connection_init; returns how many are closed with 4408 after its time limit."""
    key = base64.b64encode(os.urandom(16)).decode()
    upgrade = (f"GET /graphql/ws HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n"
               f"sec-websocket-key: {key}\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n").encode()
    connections = [server.connect() for _ in range(count)]
    for connection in connections:
        connection.sendall(upgrade)
    time.sleep(4)
    closed = 0
    for connection in connections:
        connection.settimeout(1)
        try:
            data = b""
            while part := connection.recv(4_096):
                data += part
            closed += (4_408).to_bytes(2, "big") in data
        except OSError:
            pass
        connection.close()
    return closed


def main():
    parser = argparse.ArgumentParser()
    default = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug/pomost"
    parser.add_argument("binary", nargs="?", default=default)
    parser.add_argument("--limit-ms", type=float, default=50)
    parser.add_argument("--limit-mb", type=float, default=20)
    parser.add_argument("--all", action="store_true", help="print every request")
    arguments = parser.parse_args()
    faults, slowest, requests = [], (0, ""), list(corpus())
    with tempfile.TemporaryDirectory() as folder:
        server = Server(str(Path(arguments.binary).resolve()), folder)
        try:
            usual = ask("{ homeCity { slug } }")
            for _ in range(20):
                server.send(usual)
            before = server.memory()
            for name, data, (status, code) in requests:
                answer, took = server.send(data)
                found_status, found_code, leak = read(answer)
                slowest = max(slowest, (took, name))
                if arguments.all:
                    print(f"{took:7.1f} ms  {found_status}  {found_code:30} {name}")
                if status not in (None, found_status) or code not in (None, found_code):
                    faults.append(f"{name}: {found_status} {found_code!r}, not {status} {code!r}: {answer[-300:]!r}")
                if found_status == 0 or found_status >= 500 or leak:
                    faults.append(f"{name}: {found_status}, leaks {leak!r}: {answer[-300:]!r}")
                if took > arguments.limit_ms:
                    faults.append(f"{name}: {took:.0f} ms, not {arguments.limit_ms:.0f} ms")
            closed = silent_sockets(server)
            if closed != 500:
                faults.append(f"only {closed} of 500 silent sockets were closed with 4408")
            still_open = slow_senders(server)
            if still_open:
                faults.append(f"{still_open} of 50 slow senders are still connected after 18 s")
            grown = server.memory() - before
            if grown > arguments.limit_mb:
                faults.append(f"the memory grew by {grown:.1f} MB, not {arguments.limit_mb:.0f} MB")
            answer, took = server.send(usual)
            if b'"slug":"jastrzebie-zdroj"' not in answer:
                faults.append(f"the usual query is no longer answered: {answer[-300:]!r}")
        finally:
            server.stop()
        panics = (Path(folder) / "log").read_text().count('"panic"')
        if panics:
            faults.append(f"the log has {panics} panics")
    print(f"{len(requests)} hostile requests, the slowest {slowest[0]:.1f} ms ({slowest[1]}); 500 silent sockets, 50 slow senders")
    print(f"memory {before:.1f} MB, {grown:+.1f} MB after all requests; the usual query afterwards: {took:.1f} ms")
    for fault in faults:
        print("fault:", fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
