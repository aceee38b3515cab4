"""The data folder: who holds it, its passwords and the ports it was last served on."""

import contextlib
import fcntl
import json
import os
import secrets
import socket
import time
from collections.abc import Generator
from pathlib import Path

from infrastructure.embedded.failures import EmbeddedServerError, FolderInUse

FOLDER_MODE = 0o711  # a server under another user passes through, and lists nothing
PRIVATE_MODE = 0o700
PASSWORD_BYTES = 24
HOLDER_BYTES_MAX = 20
HOLDER_WAIT_SECONDS = 1.0  # a holder that was just killed takes a moment to go
HOLDER_POLL_SECONDS = 0.01
LOOPBACK = "127.0.0.1"
# Below every system's ephemeral range: no outgoing connection can take the port of a server that
# is being restarted, nor connect to itself.
PORT_FIRST = 20_000
PORT_LAST = 31_999
PORT_TRIES = 200


@contextlib.contextmanager
def held(folder: Path) -> Generator[Path]:
    """Make the folder and hold it for the life of the block; refuse with FolderInUse."""
    folder = folder.resolve()
    try:
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise EmbeddedServerError(f"cannot use the data folder {folder}: {error}") from error
    try:
        deadline = time.monotonic() + HOLDER_WAIT_SECONDS
        while not locked(descriptor):
            if time.monotonic() > deadline:
                holder = os.pread(descriptor, HOLDER_BYTES_MAX, 0).decode().strip()
                raise FolderInUse(folder, int(holder) if holder.isdigit() else None)
            time.sleep(HOLDER_POLL_SECONDS)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield folder
    finally:
        os.close(descriptor)


def locked(descriptor: int) -> bool:
    """Take the lock if nobody has it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def write_durably(path: Path, content: str) -> None:
    """Replace a small private file so that a crash leaves the old or the new one."""
    fresh = path.with_name(f"{path.name}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def passwords(folder: Path) -> dict[str, str]:
    """Read the servers' passwords, made once for the life of the folder."""
    path = folder / "secrets"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {"postgres": str(found["postgres"]), "valkey": str(found["valkey"])}
    except FileNotFoundError:
        if (folder / "postgres" / "data").exists():
            message = f"{path} is gone but the database is there; put the file back"
            raise EmbeddedServerError(message) from None
    except (OSError, ValueError, KeyError) as error:
        raise EmbeddedServerError(f"cannot read {path}: {error}") from error
    made = {name: secrets.token_urlsafe(PASSWORD_BYTES) for name in ("postgres", "valkey")}
    write_durably(path, json.dumps(made))
    return made


def is_free(port: int) -> bool:
    """Say whether a server could listen on this loopback port now."""
    with socket.socket() as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def port_for(home: Path) -> int:
    """Choose the port this server had last, or another where that is taken."""
    path = home / "port"
    with contextlib.suppress(OSError, ValueError):
        last = int(path.read_text(encoding="utf-8"))
        if is_free(last):
            return last
    for _ in range(PORT_TRIES):
        port = PORT_FIRST + secrets.randbelow(PORT_LAST - PORT_FIRST + 1)
        if is_free(port):
            write_durably(path, str(port))
            return port
    raise EmbeddedServerError(f"no free port between {PORT_FIRST} and {PORT_LAST} on {LOOPBACK}")
