#!/usr/bin/env python3
"""Checks that spans reach a collector: scripts/otel.py BINARY, which was built with `--features otel`.

Starts a small collector. Requires only Python.
"""

import http.server
import os
import sys
import tempfile
import threading

from hostile import Server, ask

received = []


class Collector(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        received.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


collector = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
threading.Thread(target=collector.serve_forever, daemon=True).start()
os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://127.0.0.1:{collector.server_port}"
with tempfile.TemporaryDirectory() as folder:
    server = Server(sys.argv[1], folder)
    server.send(ask("query Otel { homeCity { slug } }"))
    # The program sends its remaining spans when it ends.
    server.stop()
spans = b"".join(body for path, body in received if path == "/v1/traces")
missing = [name for name in (b"pomost", b"request", b"request_id", b"Otel") if name not in spans]
if missing:
    sys.exit(f"the collector received {len(received)} posts, without {missing}")
print(f"The collector received {len(received)} posts with spans.")
