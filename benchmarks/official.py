"""The official JavaScript libraries: fetched with npm, run by node in a process that stays."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from benchmarks.harness import Contender, Elapsed

TCF = "@iabtechlabtcf/core@1.5.21"
GPP = "@iabgpp/cmpapi@3.2.0"
TIMES = Path(__file__).with_name("tcf_times.mjs")


class NotThere(Exception):
    """node, npm or the library is missing; the text says which."""


def fetch(package: str, folder: Path) -> Path:
    """Put a library into `folder`, which a peer then runs in."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if not npm or not node:
        raise NotThere("node and npm are not there")
    command = [npm, "install", "--no-audit", "--no-fund", "--silent", package]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    except subprocess.TimeoutExpired:
        raise NotThere(f"npm could not fetch {package} in two minutes") from None
    if done.returncode:
        raise NotThere(f"npm could not fetch {package}: {done.stderr.strip()[-200:]}")
    return folder


class Library:
    """The library for TC strings, asked over a pipe; it measures its own time, so the pipe costs nothing.

    A context manager: the process ends with it.
    """

    def __init__(self, folder: Path) -> None:
        self.version = f"{TCF.rpartition('@')[0]} {TCF.rpartition('@')[2]}"
        self._process = subprocess.Popen(
            ["node", str(TIMES)],
            cwd=fetch(TCF, folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Library:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def ask(self, **question: Any) -> Any:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("node stopped; its message stands above")
        return json.loads(line)

    def prepare(self, work: str, warm_up: float, **given: Any) -> Any:
        """Send the inputs of a work and do it for `warm_up` seconds; what the work gives."""
        return self.ask(prepare=work, warm_up=warm_up, **given)

    def contender(self, work: str, warm_up: float = 1.0, **given: Any) -> Contender:
        """Work that `tcf_times.mjs` knows, on inputs sent once, compiled by `warm_up` seconds of it."""
        self.prepare(work, warm_up, **given)

        def run(n: int) -> Elapsed:
            return Elapsed(self.ask(measure=work, n=n))

        return run
