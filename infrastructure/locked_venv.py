"""Puts the locked dependencies into a virtualenv, once.

Standard library only: this runs before anything is installed. A virtualenv counts when its stamp
is there, which is written last; so an interrupted one is made anew. It is built in its final place
and not renamed into it, since the scripts inside carry its path.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

STAMP = "complete"
UV_LOCK = "requirements-uv.lock"
KEY_LENGTH = 12
LAST_WORDS_MAX = 160
EXIT_FAILED = 1
EXIT_NEEDS_INSTALLER = 2
# Of the surroundings, these would send an installation elsewhere than into the virtualenv.
MISLEADING = (
    "PIP_PREFIX",
    "PIP_REQUIRE_VIRTUALENV",
    "PIP_TARGET",
    "PIP_USER",
    "PYTHONHOME",
    "PYTHONPATH",
    "UV_PROJECT_ENVIRONMENT",
    "UV_SYSTEM_PYTHON",
    "UV_TARGET",
)

Installer = Callable[["Build"], None]


class CannotInstall(Exception):
    """The dependencies are not there and could not be put there; the message is one line."""

    def __init__(self, message: str, exit_code: int = EXIT_FAILED) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class Build:
    """One attempt to fill a virtualenv from a lock file, with its own log."""

    def __init__(self, lock: Path, venv: Path, log: Path) -> None:
        self.lock = lock
        self.venv = venv
        self.log = log
        self.python = venv / "bin" / "python"

    def run(self, *words: str) -> None:
        """Run one step of an installation; raises CalledProcessError with its last words."""
        kept = {name: value for name, value in os.environ.items() if name not in MISLEADING}
        kept["PIP_ROOT_USER_ACTION"] = "ignore"
        with self.log.open("a+", encoding="utf-8", errors="replace") as log:
            subprocess.run(  # noqa: S603 - the steps are written out below
                words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=True, env=kept
            )

    def last_words(self) -> str:
        """Say what the last step said last."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").split("\n")
        spoken = [line.strip() for line in lines if line.strip()]
        return spoken[-1][:LAST_WORDS_MAX] if spoken else "it said nothing"


def with_uv(build: Build) -> None:
    """Install with uv, by far the quickest."""
    build.run("uv", "venv", "--quiet", "--python", sys.executable, str(build.venv))
    uv_install(build, "uv")


def with_venv(build: Build) -> None:
    """Install with the virtualenv's own pip."""
    build.run(sys.executable, "-m", "venv", str(build.venv))
    pip_install(build, str(build.python), "-m", "pip")


def with_outer_pip(build: Build) -> None:
    """Install with this Python's pip, where it has no ensurepip (Debian's has none)."""
    build.run(sys.executable, "-m", "venv", "--without-pip", str(build.venv))
    pip_install(build, sys.executable, "-m", "pip", "--python", str(build.python))


def uv_install(build: Build, uv: str) -> None:
    """Let uv fill the virtualenv with exactly the lock."""
    into = ("--python", str(build.python), "--require-hashes")
    build.run(uv, "pip", "install", "--quiet", *into, "-r", str(build.lock))


def pip_install(build: Build, *pip: str) -> None:
    """Let pip get uv, which is many times quicker, and fill the virtualenv itself if it cannot."""
    # The lock is complete, and Python compiles what it imports: both steps only cost time.
    quickly = ("--no-deps", "--no-compile", "--disable-pip-version-check")
    install = (*pip, "install", "--quiet", "--no-input", *quickly, "--require-hashes", "-r")
    try:
        build.run(*install, str(build.lock.with_name(UV_LOCK)))
        uv_install(build, str(build.venv / "bin" / "uv"))
    except (OSError, subprocess.CalledProcessError):
        build.run(*install, str(build.lock))


def importable(name: str) -> bool:
    """Say whether this Python has a module."""
    from importlib.util import find_spec  # noqa: PLC0415 - a warm start does without it

    return find_spec(name) is not None


def installers() -> list[Installer]:
    """List the ways to install on this machine, the quickest first."""
    found: list[Installer] = []
    if shutil.which("uv"):
        found.append(with_uv)
    if importable("ensurepip") and importable("venv"):
        found.append(with_venv)
    if importable("pip") and importable("venv"):
        found.append(with_outer_pip)
    return found


def venv_name(kind: str, lock: Path) -> str:
    """Name the virtualenv by everything that decides what is in it."""
    decides = (sys.version, sys.base_prefix, sys.platform, os.uname().machine)
    digest = hashlib.sha256(lock.read_bytes() + "\n".join(decides).encode())
    return f"venv-{kind}-{digest.hexdigest()[:KEY_LENGTH]}"


def is_complete(venv: Path) -> bool:
    """Say whether a virtualenv was finished and its Python can be run by us."""
    return (venv / STAMP).exists() and os.access(venv / "bin" / "python", os.X_OK)


def cache_folder() -> Path:
    """Say where a user keeps what can be made again."""
    given = os.environ.get("XDG_CACHE_HOME")
    return (Path(given) if given else Path.home() / ".cache") / "defter"


def writable_folder(candidates: Sequence[Path]) -> Path:
    """Choose the first folder that can be made and written to."""
    for folder in candidates:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK | os.X_OK):
            return folder
    raise CannotInstall(
        f"none of these folders can be written to: {', '.join(map(str, candidates))}"
    )


def fill(build: Build, ways: Sequence[Installer]) -> None:
    """Install in the first way that succeeds; refuse with CannotInstall."""
    failed = ""
    for way in ways:
        shutil.rmtree(build.venv, ignore_errors=True)
        try:
            way(build)
        except (OSError, subprocess.CalledProcessError):
            failed = build.last_words()
            continue
        (build.venv / STAMP).touch()
        return
    shutil.rmtree(build.venv, ignore_errors=True)
    raise CannotInstall(
        f"cannot install the dependencies (no network?): {failed} - see {build.log}"
    )


def keep(venv: Path) -> None:
    """Mark a virtualenv as in use until the process that this one becomes has ended."""
    stamp = os.open(venv / STAMP, os.O_RDONLY)
    os.set_inheritable(stamp, True)  # noqa: FBT003 - the library's own spelling
    fcntl.flock(stamp, fcntl.LOCK_SH)


def remove_older(venv: Path, kind: str) -> None:
    """Remove this kind's virtualenvs that an older lock made and nobody runs from."""
    for other in venv.parent.glob(f"venv-{kind}-*"):
        if other == venv:
            continue
        with contextlib.suppress(OSError), (other / STAMP).open() as stamp:
            fcntl.flock(stamp, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(other, ignore_errors=True)


def ready_venv(root: Path, kind: str) -> Path:
    """Find the virtualenv for this lock and Python, or make it; refuse with CannotInstall."""
    lock = root / ("requirements-dev.lock" if kind == "dev" else "requirements.lock")
    name = venv_name(kind, lock)
    folders = (root / ".defter", cache_folder())
    for folder in folders:
        if is_complete(folder / name):
            return folder / name
    ways = installers()
    if not ways:
        raise CannotInstall(
            "install uv, or pip for this Python (on Debian: apt install python3-venv)",
            EXIT_NEEDS_INSTALLER,
        )
    folder = writable_folder(folders)
    venv = folder / name
    with (folder / f"venv-{kind}.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if is_complete(venv):
            return venv
        sys.stderr.write("Installing Defter's dependencies (once) ...\n")
        log = folder / f"install-{kind}.log"
        log.unlink(missing_ok=True)
        fill(Build(lock, venv, log), ways)
        remove_older(venv, kind)
    sys.stderr.write("Installed.\n")
    return venv
