#!/usr/bin/env python3
"""Prints the weight of the program and fails above the bounds:
scripts/weight.py BINARY [--code-mb N] [--memory-mb N] [--cpu-s N] [--sdl-lines 11000] [--mutations 65]

The machine code of the program (section .text) and its size on disk, its resident memory (VmRSS) a second after the first answer with the
sample, the lines and the mutations of schema.graphql, and the CPU-seconds of building crates/api again in the profile of the binary, with
the libraries that depend on it. A measure without a bound is only printed. Requires Python, cargo and size (binutils).
"""

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from servers import ROOT

WAIT_S = 30


def code_mb(binary):
    sections = subprocess.run(["size", "-A", binary], capture_output=True, text=True, check=True).stdout
    return int(re.search(r"^\.text\s+(\d+)", sections, re.M)[1]) / 1e6


def idle_memory_mb(binary):
    with tempfile.TemporaryDirectory() as folder:
        command = [binary, "serve", "--sample", "--listen", "127.0.0.1:0", "--database", f"sqlite://{folder}/pomost.db"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder)
        try:
            address, lines = None, []
            while address is None:
                line = server.stdout.readline()
                if not line:
                    raise SystemExit("the server ends: " + "".join(lines))
                lines.append(line)
                found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
                address = found and found[0]
            body = json.dumps({"query": "{ homeCity { name { value } } }"}).encode()
            request = urllib.request.Request(address + "/graphql", body, {"content-type": "application/json"})
            urllib.request.urlopen(request, timeout=WAIT_S).read()
            time.sleep(1)
            status = Path(f"/proc/{server.pid}/status").read_text()
            return int(re.search(r"^VmRSS:\s+(\d+) kB", status, re.M)[1]) / 1024
        finally:
            server.terminate()
            server.wait(WAIT_S)


def cpu_s(binary):
    """The CPU-seconds of building the schema again: the compiler runs as a child of this process."""
    (ROOT / "crates/api/src/lib.rs").touch()
    profile = ["--release"] if "release" in Path(binary).parts else []
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(["cargo", "build", "--workspace", "--lib", "--locked", "--quiet", *profile], cwd=ROOT, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--code-mb", type=float)
    parser.add_argument("--memory-mb", type=float)
    parser.add_argument("--cpu-s", type=float)
    parser.add_argument("--sdl-lines", type=float, default=11000)
    parser.add_argument("--mutations", type=float, default=65)
    bounds = parser.parse_args()
    binary = str(Path(bounds.binary).resolve())
    sdl = (ROOT / "schema.graphql").read_text()
    mutations = re.findall(r"^\t\w+(?=[(:])", sdl.split("\ntype Mutation {\n")[1].split("\n}\n")[0], re.M)
    measures = [
        ("machine code of the program, MB", code_mb(binary), bounds.code_mb),
        ("program on disk, MB", Path(binary).stat().st_size / 1e6, None),
        ("idle memory with the sample, MB", idle_memory_mb(binary), bounds.memory_mb),
        ("lines of schema.graphql", sdl.count("\n"), bounds.sdl_lines),
        ("mutations", len(mutations), bounds.mutations),
        ("CPU-seconds of building crates/api", cpu_s(binary), bounds.cpu_s),
    ]
    heavy = 0
    for name, value, bound in measures:
        is_heavy = bound is not None and value > bound
        heavy += is_heavy
        limit = f" (at most {bound:g})" if bound is not None else ""
        print(f"{name}: {value:.1f}{limit}{': TOO MUCH' if is_heavy else ''}")
    return 1 if heavy else 0


sys.exit(main())
