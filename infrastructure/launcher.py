"""Runs a command of Defter in the virtualenv of its locked dependencies.

Standard library only: this runs before anything is installed.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from infrastructure.locked_venv import EXIT_FAILED, CannotInstall, keep, ready_venv

DEV_COMMANDS = ("test", "check", "bench")
# All tests run side by side, each file in one worker, which has servers of its own. Their order is
# kept: long files come first, and short ones fill the end. Tests that are named run by themselves.
SIDE_BY_SIDE = ("-nauto", "--maxprocesses=4", "--dist=loadfile", "--no-loadscope-reorder")
LEFT_OUT = ("PYTHONHOME", "PYTHONDONTWRITEBYTECODE")
CHECKS = (
    ("ruff", "check", ".", "defter"),
    ("ruff", "format", "--check", ".", "defter"),
    ("lint-imports",),
    ("pyright",),
)


def environment(root: Path, venv: Path) -> dict[str, str]:
    """Give a command the project on its path, and the virtualenv's tools.

    What Python compiled is kept, whatever the surroundings say: a command starts many processes,
    and each would compile for some five seconds.
    """
    paths = [str(root), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **{name: value for name, value in os.environ.items() if name not in LEFT_OUT},
        "PYTHONPATH": os.pathsep.join(paths),
        "VIRTUAL_ENV": str(venv),
        "PATH": os.pathsep.join((str(venv / "bin"), os.environ.get("PATH", os.defpath))),
    }


def check(root: Path, venv: Path) -> int:
    """Run every checker, and fail if one does."""
    surroundings = environment(root, venv)
    failed: list[str] = []
    for tool, *words in CHECKS:
        sys.stderr.write(f"{' '.join((tool, *words))}\n")
        command = (str(venv / "bin" / tool), *words)
        if subprocess.run(command, cwd=root, env=surroundings, check=False).returncode:  # noqa: S603
            failed.append(tool)
    if failed:
        sys.stderr.write(f"failed: {', '.join(failed)}\n")
    return EXIT_FAILED if failed else 0


def main(words: Sequence[str]) -> int:
    """Run a command; returns only where it could not become that command."""
    root = Path(__file__).resolve().parent.parent
    command = words[0] if words else "--help"
    try:
        venv = ready_venv(root, "dev" if command in DEV_COMMANDS else "runtime")
        keep(venv)
    except CannotInstall as refusal:
        sys.stderr.write(f"defter: {refusal}\n")
        return refusal.exit_code
    except OSError as error:
        sys.stderr.write(f"defter: cannot prepare the dependencies: {error}\n")
        return EXIT_FAILED
    except KeyboardInterrupt:
        return EXIT_FAILED
    if command == "check":
        return check(root, venv)
    python = str(venv / "bin" / "python")
    program = [python, "-P", "-m", "interfaces.cli", *(words or [command])]
    if command == "test":
        os.chdir(root)
        program = [python, "-P", "-m", "pytest", *(words[1:] or SIDE_BY_SIDE)]
    # -P: the present folder is the user's, and nothing of ours is imported from it.
    return os.execve(python, program, environment(root, venv))  # noqa: S606 - our own virtualenv
