"""Plant each fault in a copy of the tree, run its tests, and say which faults survive.

`python -m tests.mutants.run [WORD]` runs all, or those whose name or file holds the word. Writer
mutants need PostgreSQL: `DATABASE_URL` and `REDIS_URL`, or the embedded servers.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from tests.mutants.faults import MUTANTS
from tests.mutants.mutant import Mutant

ROOT = Path(__file__).resolve().parents[2]
COPIED = (
    "application",
    "domain",
    "infrastructure",
    "interfaces",
    "projections",
    "tests",
    "pyproject.toml",
)
SECONDS_MAX = 300
TESTS_FAILED = 1


class Drifted(RuntimeError):
    """A fault's text no longer stands in its file exactly once."""


def planted(mutant: Mutant, text: str) -> str:
    """Give the text of the file with the fault in it; raises `Drifted`."""
    if text.count(mutant.old) != 1:
        raise Drifted(f"{mutant.name}: its text stands {text.count(mutant.old)} times")
    return text.replace(mutant.old, mutant.new)


def survives(mutant: Mutant, tree: Path) -> bool:
    """Run the tests of one fault in a copy of the tree; True when they all pass."""
    path = tree / mutant.file
    sound = path.read_text(encoding="utf-8")
    path.write_text(planted(mutant, sound), encoding="utf-8")
    try:
        return _tests(mutant.tests, tree) != TESTS_FAILED
    finally:
        path.write_text(sound, encoding="utf-8")


def _tests(tests: Iterable[str], tree: Path) -> int:
    program = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        ended = subprocess.run(
            program,
            cwd=tree,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS_MAX,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return TESTS_FAILED  # what hangs has been noticed
    return ended.returncode


def main(words: list[str]) -> int:
    """Try every fault that is asked for."""
    chosen = [m for m in MUTANTS if not words or any(w in f"{m.name} {m.file}" for w in words)]
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        for name in COPIED:
            here = ROOT / name
            (shutil.copytree if here.is_dir() else shutil.copy)(here, tree / name)
        survivors = 0
        for mutant in chosen:
            began = time.monotonic()
            alive = survives(mutant, tree)
            survivors += alive
            word = "SURVIVED" if alive else "killed"
            sys.stdout.write(f"{word:8} {time.monotonic() - began:5.1f} s  {mutant.name}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{len(chosen) - survivors} of {len(chosen)} faults killed\n")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
