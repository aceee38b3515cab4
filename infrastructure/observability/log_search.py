"""Finding recent lines in the log files of a folder, whichever process wrote them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import nlargest
from pathlib import Path
from typing import Any

import msgspec

from infrastructure.observability.log_file import ROLE

FOUND_MAX = 10_000
FAILURES_FROM = 500
LEVELS = ("debug", "info", "warning", "error", "critical")

_AGE = re.compile(r"(\d{1,6})(s|m|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_IDS = ("request_id", "correlation_id")
_TIMES = ("time", "timestamp")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines: of a request and what it led to, of a level and above, since a moment."""

    request_id: str | None = None
    level: str = "debug"
    since: datetime | None = None

    def takes(self, line: Mapping[str, Any], at: datetime) -> bool:
        """Whether a line is one of them."""
        of_request = self.request_id is None or self.request_id in {line.get(id_) for id_ in _IDS}
        level = line.get("level") or _level_of_access(line)
        grave = level not in LEVELS or LEVELS.index(level) >= LEVELS.index(self.level)
        return of_request and grave and (self.since is None or at >= self.since)


@dataclass(frozen=True, slots=True)
class Found:
    """A line, when it was written and by whom."""

    at: datetime
    source: str
    line: Mapping[str, Any]


def files_of(pattern: str) -> list[Path]:
    """Give the files that a `DEFTER_LOG_FILE` led to, the full ones that are kept included."""
    path = Path(pattern)
    name = path.name.replace(ROLE, "*")
    found = {*path.parent.glob(name), *path.parent.glob(f"{name}.*")}
    return sorted(file for file in found if file.is_file() and file.suffix != ".lock")


def search(files: Iterable[Path], wanted: Wanted, *, most: int = FOUND_MAX) -> list[Found]:
    """Give the latest lines that are wanted, oldest first; what is no line of ours is passed by."""
    found = nlargest(most, _found(files, wanted), key=lambda one: one.at)
    return found[::-1]


def moment(text: str, now: datetime) -> datetime:
    """Read a moment: an age such as 90s, 30m, 1h, 2d, or a time of ISO 8601; else ValueError."""
    age = _AGE.fullmatch(text)
    if age is not None:
        return now - timedelta(**{_UNITS[age[2]]: int(age[1])})
    at = datetime.fromisoformat(text)
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _level_of_access(line: Mapping[str, Any]) -> str:
    """Call a request that we failed an error; its own line says no level."""
    return "error" if line.get("status", 0) >= FAILURES_FROM else "info"


def _found(files: Iterable[Path], wanted: Wanted) -> Iterator[Found]:
    needle = (wanted.request_id or "").encode()
    decode = msgspec.json.Decoder(dict[str, Any]).decode
    for file in files:
        source = file.name.partition(".")[0]
        for raw in _lines(file):
            if needle not in raw:
                continue
            try:
                line = decode(raw)
                told = next(line[name] for name in _TIMES if name in line)
                at = datetime.fromisoformat(told)
            except (msgspec.DecodeError, StopIteration, TypeError, ValueError):
                continue
            if wanted.takes(line, at):
                yield Found(at, source, line)


def _lines(file: Path) -> Iterator[bytes]:
    """Read a file that may be rotated away meanwhile."""
    try:
        with file.open("rb") as opened:
            yield from opened
    except FileNotFoundError:
        return
