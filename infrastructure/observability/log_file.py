"""A log file that rotates by size and by day, and keeps so many of its predecessors.

One process writes a file. The first of a role takes `api.jsonl`, the second `api-2.jsonl`, and so
on; a lock beside the file says that it is taken, and is gone with its process, however that ends.
The standard library's rotating handlers write line by line through a buffer that breaks lines
anywhere, which a kill would show; here whole lines leave in one write, and a tail that a kill or a
full disk cut short is removed before the next line follows.
"""

import fcntl
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROLE = "{role}"
"""Stands in the name of a log file for the role that writes it."""

MODE = 0o640
PROCESSES_MAX = 100
BLOCK_BYTES = 65_536
TAIL_BYTES = 65_536
DAY_SECONDS = 86_400


class NoLogFile(RuntimeError):
    """The log file can not be written."""


@dataclass(frozen=True)
class Rotation:
    """When a file is full, and how many full ones are kept."""

    bytes_max: int
    kept: int


class LogFile:
    """Appends lines to one file of its own."""

    def __init__(
        self,
        pattern: str,
        role: str,
        rotation: Rotation,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._rotation = rotation
        self._now = now
        try:
            self.path, self._lock = _take(pattern, role)
            self._open()
        except OSError as error:
            raise NoLogFile(f"the log file {pattern} can not be written: {error}") from error

    def write(self, lines: Sequence[bytes]) -> None:
        """Append lines, each with a newline; raises OSError where the disk refuses them."""
        block: list[bytes] = []
        size = 0
        for line in lines:
            if self._full(size, len(line) + 1):
                self._append(block)
                block, size = [], 0
                self._rotate()
            block.append(line)
            size += len(line) + 1
            if size > BLOCK_BYTES:
                self._append(block)
                block, size = [], 0
        self._append(block)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)
        os.close(self._lock)

    def _full(self, pending: int, more: int) -> bool:
        """Whether a line belongs into the next file; one longer than a file has one of its own."""
        held = self._size + pending
        too_much = held > 0 and held + more > self._rotation.bytes_max
        return too_much or self._day_of_now() != self._day

    def _append(self, block: Sequence[bytes]) -> None:
        if not block:
            return
        data = b"\n".join((*block, b""))
        try:
            written = os.write(self._descriptor, data)
            if written < len(data):  # the disk is full: the next write says so
                os.write(self._descriptor, data[written:])
        except OSError:
            os.ftruncate(self._descriptor, self._size)
            raise
        self._size += len(data)

    def _open(self) -> None:
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        self._descriptor = os.open(self.path, flags, MODE)
        found = os.fstat(self._descriptor)
        self._size = _cut_to_whole_lines(self._descriptor, found.st_size)
        self._day = int(found.st_mtime) // DAY_SECONDS if self._size else self._day_of_now()

    def _rotate(self) -> None:
        if self._size:
            for number in range(self._rotation.kept, 0, -1):
                older = self._numbered(number - 1) if number > 1 else self.path
                if older.exists():
                    older.replace(self._numbered(number))
            if not self._rotation.kept:
                self.path.unlink()
            for path in self.path.parent.glob(f"{self.path.name}.*"):
                number = path.name.removeprefix(f"{self.path.name}.")
                if number.isdecimal() and int(number) > self._rotation.kept:
                    path.unlink()
            os.close(self._descriptor)
            self._open()
        self._day = self._day_of_now()

    def _numbered(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")

    def _day_of_now(self) -> int:
        return int(self._now()) // DAY_SECONDS


def _take(pattern: str, role: str) -> tuple[Path, int]:
    """Find the first name that no other process has, and the lock that keeps it."""
    for number in range(1, PROCESSES_MAX + 1):
        path = Path(pattern.replace(ROLE, role if number == 1 else f"{role}-{number}"))
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f"{path.name}.lock")
        lock = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, MODE)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
        else:
            return path, lock
    raise NoLogFile(f"{PROCESSES_MAX} processes of the role {role} write log files already")


def _cut_to_whole_lines(descriptor: int, size: int) -> int:
    """Remove a tail without a newline; give what is left."""
    end = size
    while end > 0:
        begin = max(0, end - TAIL_BYTES)
        newline = os.pread(descriptor, end - begin, begin).rfind(b"\n")
        if newline >= 0:
            end = begin + newline + 1
            break
        end = begin
    if end < size:
        os.ftruncate(descriptor, end)
    return end
