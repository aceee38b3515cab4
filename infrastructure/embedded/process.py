"""Starts children whose life is tied to ours, and knows the ones a dead predecessor left.

On Linux the kernel signals a child when the *thread* that started it ends: start children from the
main thread, or from one that lives as long as the process. Elsewhere a watcher holds a pipe.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from infrastructure.embedded import child

POLL_SECONDS = 0.01
PREDECESSOR_WAIT_SECONDS = 10.0
KILL_WAIT_SECONDS = 5.0
CHILD_FILE = Path(child.__file__)


@dataclass(frozen=True)
class Identity:
    """As whom a child runs: as we do, as another id in a namespace, or as another user."""

    kind: Literal["self", "namespace", "setuid"] = "self"
    uid: int = 0
    gid: int = 0
    reach: bool = False

    @property
    def owner(self) -> tuple[int, int] | None:
        """Say whose its files must be, seen from outside; nothing where they are ours."""
        return (self.uid, self.gid) if self.kind == "setuid" else None


OURSELVES = Identity()


@dataclass(frozen=True)
class Start:
    """How a child is started: its death signal, identity, niceness, output and environment.

    `descriptors` stay open in it under their numbers.
    """

    death_signal: signal.Signals
    identity: Identity = OURSELVES
    niceness: int = 0
    output: int | None = None
    source: int = subprocess.DEVNULL
    environment: dict[str, str] | None = None
    descriptors: tuple[int, ...] = ()
    probe: Path | None = None


class Child:
    """A running child in a session of its own, out of reach of the terminal's Ctrl-C."""

    def __init__(self, program: tuple[str, ...], start: Start) -> None:
        watched, self._life = (None, None) if sys.platform == "linux" else os.pipe()
        spec = {
            "kind": start.identity.kind,
            "uid": start.identity.uid,
            "gid": start.identity.gid,
            "reach": start.identity.reach,
            "niceness": start.niceness,
            "death_signal": int(start.death_signal),
            "parent_pid": os.getpid(),
            "watch_descriptor": watched,
            "probe": None if start.probe is None else str(start.probe),
        }
        wrapper = (sys.executable, "-I", "-S", str(CHILD_FILE), json.dumps(spec))
        self._process = subprocess.Popen(  # noqa: S603 - the programs are our own
            wrapper + program,
            stdin=start.source,
            stdout=start.output,
            stderr=None if start.output is None else subprocess.STDOUT,
            env=start.environment,
            start_new_session=True,
            pass_fds=(*start.descriptors, *(() if watched is None else (watched,))),
        )
        if watched is not None:
            os.close(watched)

    @property
    def pid(self) -> int:
        """Say its process id; it does not change when the wrapper becomes the server."""
        return self._process.pid

    def exit_code(self) -> int | None:
        """Say how it ended, or nothing while it runs."""
        code = self._process.poll()
        if code is not None and self._life is not None:
            os.close(self._life)
            self._life = None
        return code

    def wait(self, timeout_seconds: float) -> int | None:
        """Wait for its end, at most so long."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout_seconds)
        return self.exit_code()

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, if it still runs."""
        self._process.send_signal(number)

    def stop(self, *steps: tuple[signal.Signals, float]) -> None:
        """Send one signal after another, each with its patience in seconds, until it ends."""
        for number, patience_seconds in (*steps, (signal.SIGKILL, KILL_WAIT_SECONDS)):
            if self.exit_code() is not None:
                return
            self.send(number)
            self.wait(patience_seconds)


def command_line(pid: int) -> str:
    """Say with which words a process runs; empty where there is none."""
    try:
        if sys.platform == "linux":
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        listing = ("/bin/ps", "-p", str(pid), "-o", "command=")
        return subprocess.run(listing, capture_output=True, check=False, text=True).stdout  # noqa: S603
    except OSError:
        return ""


def outlive_predecessor(pid_file: Path, mark: str, last_resort: signal.Signals) -> None:
    """Wait for a dead parent's server to end; then drop its pid file, whose number may be reused.

    `mark` is a word of its command line no other process has. The caller holds the folder's lock,
    so a server that still runs is an orphan: it is told to go after a while.
    """
    try:
        pid = int(pid_file.read_text(encoding="utf-8").split()[0])
    except (OSError, ValueError, IndexError):
        return
    started = time.monotonic()
    told = False
    while mark in command_line(pid):
        waited = time.monotonic() - started
        if waited > PREDECESSOR_WAIT_SECONDS + KILL_WAIT_SECONDS:
            return
        if waited > PREDECESSOR_WAIT_SECONDS and not told:
            told = True
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, last_resort)
        time.sleep(POLL_SECONDS)
    if command_line(pid):
        pid_file.unlink(missing_ok=True)
