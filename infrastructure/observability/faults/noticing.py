"""Unexpected faults of a process, gathered into groups: what broke where, how often, when last.

A group holds no value that the fault met: of an exception its type and the places it passed, with
the source that stands there, and its message only where that is a constant of our own source.
"""

import hashlib
import linecache
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import CodeType, TracebackType
from typing import Any, cast

from application.sending import CommandFailed
from infrastructure.release import RELEASE

GROUPS_MAX = 200
"""So many groups wait to be written; what belongs to none of them is only counted."""

FRAMES_MAX = 30
FRAMES_COMPARED = 2
"""Two faults are one where these innermost places in our own code are the same."""

CAUSES_MAX = 3
SOURCE_CHARACTERS_MAX = 160
ID_CHARACTERS = 16

ROOT = Path(__file__).parents[3]
LAYERS = ("domain", "application", "projections", "infrastructure", "interfaces")
TOLD_BEFORE = (CommandFailed,)
"""What only says that something broke which was noticed where it did."""

_OWN = tuple(str(ROOT / layer) for layer in LAYERS)
_PACKAGES = "site-packages"

Key = tuple[type[BaseException], tuple[tuple[CodeType, int], ...]]


@dataclass(frozen=True, slots=True)
class Frame:
    """A place that a fault passed, and the source that stands there."""

    file: str
    line: int
    function: str
    source: str
    own: bool


@dataclass(frozen=True, slots=True)
class Broken:
    """An exception without its values: its type, its message where that is our own, its places."""

    kind: str
    message: str | None
    frames: tuple[Frame, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """A group: what happened, outermost first with its causes, and how often since last told."""

    fault_id: str
    role: str
    event: str
    chain: tuple[Broken, ...]
    first_seen: datetime
    last_seen: datetime
    count: int = 1
    request_id: str | None = None
    release: str = field(default=RELEASE)

    @property
    def place(self) -> str:
        """Where in our own code it broke, as deep as it went."""
        frame = _innermost(self.chain[0].frames, 1)
        return f"{frame[0].file} {frame[0].function}" if frame else ""

    def example(self) -> str:
        """Write the places down, as a traceback without values."""
        lines: list[str] = []
        for n, broken in enumerate(self.chain):
            message = f": {broken.message}" if broken.message else ""
            lines.append(f"{'caused by ' if n else ''}{broken.kind}{message}")
            for frame in broken.frames:
                lines.append(f"  {frame.file}:{frame.line} in {frame.function}")
                lines += [f"    {frame.source}"] if frame.source else []
        return "\n".join(lines)

    def merged(self, other: "Fault") -> "Fault":
        """Count two tellings of one group together; the later one is the example."""
        later = max(self, other, key=lambda fault: fault.last_seen)
        return replace(
            later,
            first_seen=min(self.first_seen, other.first_seen),
            count=self.count + other.count,
            request_id=later.request_id or self.request_id or other.request_id,
        )


class Faults:
    """Notices faults, from any thread, until somebody takes them away to tell of them."""

    def __init__(self, role: str) -> None:
        self.role = role
        self._lock = threading.Lock()
        self._groups: dict[str, Fault] = {}
        self._ids: dict[Key, str] = {}
        self.dropped = 0
        """How many there was no room for since the start."""

    def notice(self, error: BaseException, line: Mapping[str, Any]) -> None:
        """Note a fault that a log line tells of; never fails, for it stands where faults end."""
        try:
            self._notice(_first_of(error), line)
        except Exception:  # noqa: BLE001 - as said; the line itself is written anyway
            self.dropped += 1

    def take(self) -> list[Fault]:
        """Give what was noticed since the last time."""
        with self._lock:
            taken = list(self._groups.values())
            self._groups.clear()
            self._ids.clear()
        return taken

    def give_back(self, faults: Iterable[Fault]) -> None:
        """Keep what could not be told, as far as there is room."""
        with self._lock:
            for fault in faults:
                self._add(fault)

    def _notice(self, error: BaseException, line: Mapping[str, Any]) -> None:
        if isinstance(error, TOLD_BEFORE):
            return
        now = datetime.now(UTC)
        request_id = line.get("request_id") or line.get("correlation_id")
        places = tuple((frame.tb_frame.f_code, frame.tb_lineno) for frame in _passed(error))
        key = type(error), places
        with self._lock:
            known = self._groups.get(self._ids.get(key, ""))
            if known is not None:
                self._groups[known.fault_id] = replace(
                    known,
                    count=known.count + 1,
                    last_seen=now,
                    request_id=request_id or known.request_id,
                )
                return
        event = str(line.get("event", ""))
        chain = tuple(_chain(error))
        fault_id = _fingerprint(self.role, chain[0])
        fault = Fault(fault_id, self.role, event, chain, now, now, request_id=request_id)
        with self._lock:
            if self._add(fault) and len(self._ids) < GROUPS_MAX:
                self._ids[key] = fault_id

    def _add(self, fault: Fault) -> bool:
        known = self._groups.get(fault.fault_id)
        if known is None and len(self._groups) >= GROUPS_MAX:
            self.dropped += fault.count
            return False
        self._groups[fault.fault_id] = fault if known is None else known.merged(fault)
        return True


def _first_of(error: BaseException) -> BaseException:
    """Of several that ended a group of tasks, take the first."""
    while isinstance(error, BaseExceptionGroup):
        error = cast("BaseExceptionGroup[BaseException]", error).exceptions[0]
    return error


def _passed(error: BaseException) -> list[TracebackType]:
    passed: list[TracebackType] = []
    step = error.__traceback__
    while step is not None:
        passed.append(step)
        step = step.tb_next
    return passed[-FRAMES_MAX:]


def _chain(error: BaseException) -> Iterable[Broken]:
    told: BaseException | None = error
    for _ in range(CAUSES_MAX):
        if told is None:
            return
        passed = _passed(told)
        kind = f"{type(told).__module__}.{type(told).__qualname__}".removeprefix("builtins.")
        yield Broken(kind, _own_words(told, passed), tuple(map(_frame, passed)))
        told = told.__cause__ or (None if told.__suppress_context__ else told.__context__)
        told = None if told is None else _first_of(told)


def _own_words(error: BaseException, passed: list[TracebackType]) -> str | None:
    """Give the message if it is a constant of our own function that raised it, else nothing."""
    if not passed or len(error.args) != 1:
        return None
    raised_in, said = passed[-1].tb_frame.f_code, error.args[0]
    if type(said) is str and _is_own(raised_in.co_filename) and said in raised_in.co_consts:
        return said
    return None


def _frame(step: TracebackType) -> Frame:
    code = step.tb_frame.f_code
    source = linecache.getline(code.co_filename, step.tb_lineno).strip()
    return Frame(
        _short(code.co_filename),
        step.tb_lineno,
        code.co_qualname,
        source[:SOURCE_CHARACTERS_MAX],
        _is_own(code.co_filename),
    )


def _is_own(file: str) -> bool:
    return file.startswith(_OWN)


def _short(file: str) -> str:
    """Name a file as its source does, wherever it is installed."""
    path = Path(file)
    if path.is_relative_to(ROOT):
        path = path.relative_to(ROOT)
    parts = path.parts
    if _PACKAGES in parts:
        return "/".join(parts[parts.index(_PACKAGES) + 1 :])
    return path.as_posix() if not path.is_absolute() else path.name


def _innermost(frames: tuple[Frame, ...], count: int) -> tuple[Frame, ...]:
    own = tuple(frame for frame in frames if frame.own)
    return (own or frames)[-count:]


def _fingerprint(role: str, broken: Broken) -> str:
    """Name a group by what stays when lines move from release to release."""
    places = _innermost(broken.frames, FRAMES_COMPARED)
    parts = [role, broken.kind, *(f"{frame.file} {frame.function}" for frame in places)]
    parts += [frame.source for frame in places[-1:]]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:ID_CHARACTERS]
