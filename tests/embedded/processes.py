import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 30.0


def processes_of(folder: Path) -> set[int]:
    """Find every process that works in a folder or names it in its command line."""
    found: set[int] = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes()
            where = str((process / "cwd").readlink())
        except OSError:
            continue
        if str(folder).encode() in words or where.startswith(str(folder)):
            found.add(int(process.name))
    return found - {os.getpid()}


def until(holds: Callable[[], object]) -> None:
    """Poll until something holds, at most so long."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)


class Script:
    """A Python process of its own, which says line by line how far it is."""

    def __init__(self, code: str, *words: str) -> None:
        self.process = subprocess.Popen(
            (sys.executable, "-c", code, *words),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            text=True,
        )

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def rest(self) -> str:
        return self.process.communicate(timeout=PATIENCE_SECONDS)[0]
