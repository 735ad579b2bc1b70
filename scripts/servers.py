"""Servers of the registry and their databases, for the scripts that write to them and kill them.

Uses SQLite, or the PostgreSQL server in POMOST_TEST_DATABASE, which requires psql.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

ROOT = Path(__file__).resolve().parent.parent


class Database:
    """The database of a registry: a SQLite file, or its own database on a PostgreSQL server."""

    def __init__(self, folder, name):
        server = os.environ.get("POMOST_TEST_DATABASE")
        self.server, self.folder = server, folder
        if server:
            self.name = f"pomost_{name}_{os.getpid()}"
            self.psql(server, f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
            self.psql(server, f"CREATE DATABASE {self.name}")
            # A server for tests may lose acknowledged writes; this database must not.
            self.psql(server, f"ALTER DATABASE {self.name} SET synchronous_commit = on")
            self.url = server.rsplit("/", 1)[0] + "/" + self.name
            self.data = self.psql(server, "SHOW data_directory").strip()
        else:
            self.url = f"sqlite://{folder}/{name}.db"

    @staticmethod
    def psql(url, sql, seconds=60):
        return subprocess.run(["psql", "-XqAt", "-c", sql, url], check=True, capture_output=True, text=True, timeout=seconds).stdout

    def kill(self):
        """Kills PostgreSQL, and starts it again with the same options."""
        pid = int((Path(self.data) / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGKILL)
        time.sleep(0.5)
        words = (Path(self.data) / "postmaster.opts").read_text()
        program = words.split()[0]
        options = re.sub(r'"([^"]*)"', r"\1", words.split(None, 1)[1]).strip()
        options = re.sub(rf"-D {re.escape(self.data)}", "", options)
        control = str(Path(program).parent / "pg_ctl")
        as_server = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        for _ in range(20):
            started = subprocess.run([*as_server, control, "-D", self.data, "-w", "-t", "60", "-l", f"{self.data}/../server.log",
                                      "-o", options, "start"], cwd="/", capture_output=True, text=True)
            if started.returncode == 0:
                return
            time.sleep(0.5)
        raise SystemExit(f"PostgreSQL did not start again: {started.stdout}{started.stderr}")

    def copy(self, other):
        """Copies another database, which must not be in use."""
        if self.server:
            self.drop()
            self.psql(self.server, f"CREATE DATABASE {self.name} TEMPLATE {other.name}")
        else:
            for path in Path(other.folder).glob(Path(other.url).name + "*"):
                shutil.copy(path, Path(self.folder) / path.name.replace(Path(other.url).name, Path(self.url).name))

    def drop(self):
        if self.server:
            self.psql(self.server, f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")


class Server:
    def __init__(self, binary, database):
        self.binary, self.database, self.process, self.port = binary, database, None, 0

    def command(self, *words, **more):
        environment = {key: value for key, value in os.environ.items() if not key.startswith("POMOST_")}
        return subprocess.run([self.binary, *words, "--database", self.database.url], cwd=self.database.folder, env=environment,
                              capture_output=True, text=True, **more)

    def start(self, *words, **settings):
        """Starts the server on its previous port."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith("POMOST_")}
        environment.update(POMOST_LOG="error", POMOST_RATE_BURST="0", **settings)
        self.process = subprocess.Popen(
            [self.binary, "serve", *words, "--listen", f"127.0.0.1:{self.port}", "--database", self.database.url],
            cwd=self.database.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in self.process.stdout:
            if found := re.search(r"http://127\.0\.0\.1:(\d+)/graphql$", line.strip()):
                self.port = int(found[1])
                return
        raise SystemExit("the server did not start")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def ask(self, token, query, **variables):
        request = Request(f"http://127.0.0.1:{self.port}/graphql", json.dumps({"query": query, "variables": variables}).encode(),
                          {"content-type": "application/json", **({"authorization": f"Bearer {token}"} if token else {})})
        try:
            return json.load(urlopen(request, timeout=15))
        except HTTPError as error:
            return json.load(error)
