#!/usr/bin/env python3
"""Holds many connections open: scripts/sockets.py [BINARY] [--sockets 5000] [--slow 1000]

Opens WebSockets that send connection_init and then nothing, and prints the server's memory per socket. Then opens connections
that send a byte periodically, and prints the time of a usual query beside them. Requires only Python.
"""

import argparse
import os
import resource
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from hostile import ROOT, Server, ask

HELLO = b'{"type":"connection_init"}'


def frame(payload):
    """A masked text frame; a mask of zeros leaves the text unchanged."""
    return bytes([0x81, 0x80 | len(payload), 0, 0, 0, 0]) + payload


UPGRADE = (
    b"GET /graphql/ws HTTP/1.1\r\nhost: pomost\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n"
    b"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n"
)


def greeted(server):
    connection = server.connect()
    connection.sendall(UPGRADE)
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(4_096)
    connection.sendall(frame(HELLO))
    received = received.split(b"\r\n\r\n", 1)[1]
    while b"connection_ack" not in received:
        part = connection.recv(4_096)
        if not part:
            raise SystemExit("a socket was closed before connection_ack")
        received += part
    return connection


def milliseconds(server, times=200):
    query, taken = ask("{ homeCity { slug } }"), []
    for _ in range(times):
        answer, took = server.send(query)
        if b'"slug":"jastrzebie-zdroj"' not in answer:
            raise SystemExit(f"the usual query was not answered: {answer[-300:]!r}")
        taken.append(took)
    return statistics.median(taken), statistics.quantiles(taken, n=100)[98]


def drip(connections, stop):
    """Sends a byte of a header on each connection every two seconds."""
    while not stop.wait(2):
        for connection in connections:
            try:
                connection.send(b"x")
            except OSError:
                pass


def main():
    parser = argparse.ArgumentParser()
    default = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release/pomost"
    parser.add_argument("binary", nargs="?", default=default)
    parser.add_argument("--sockets", type=int, default=5_000)
    parser.add_argument("--slow", type=int, default=1_000)
    arguments = parser.parse_args()
    # The server inherits the limit.
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        server = Server(str(Path(arguments.binary).resolve()), folder)
        try:
            alone, _ = milliseconds(server)
            before = server.memory()
            sockets = [greeted(server) for _ in range(arguments.sockets)]
            time.sleep(2)
            each = (server.memory() - before) * 1_024 / len(sockets)
            beside, slowest = milliseconds(server)
            print(f"{len(sockets)} idle WebSockets: {each:.1f} kB each; a query beside them {beside:.1f} ms (p99 {slowest:.1f} ms)")
            if each > 20:
                faults.append(f"a socket takes {each:.1f} kB, not 20 kB")
            for connection in sockets:
                connection.close()
            slow = [server.connect() for _ in range(arguments.slow)]
            for connection in slow:
                connection.sendall(b"POST /graphql HTTP/1.1\r\nhost: pomost\r\nx-slow: ")
            stop = threading.Event()
            dripping = threading.Thread(target=drip, args=(slow, stop))
            dripping.start()
            beside, slowest = milliseconds(server)
            stop.set()
            dripping.join()
            print(f"{len(slow)} slow clients: a query beside them {beside:.1f} ms (p99 {slowest:.1f} ms), alone {alone:.1f} ms")
            if beside > 3 * alone + 5:
                faults.append("slow clients delay a fast one")
        finally:
            server.stop()
    for fault in faults:
        print("fault:", fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
