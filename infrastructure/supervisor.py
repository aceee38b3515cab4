"""Keeps role processes and embedded servers running, and stops the roles when it is told to.

Synchronous, and in the main thread: signals arrive there, and on Linux a child ends with the thread
that started it.

    with embedded_servers(folder) as servers:
        Supervisor(roles, watched=(servers.postgres, servers.valkey)).run(on_ready=announce)

Roles run in sessions of their own, so that the terminal's Ctrl-C reaches the supervisor alone: the
roles finish their work while the servers still stand, which the `with` block stops afterwards.
"""

import contextlib
import os
import select
import signal
import socket
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Protocol

import structlog

from infrastructure.embedded.failures import EmbeddedServerError
from infrastructure.embedded.process import KILL_WAIT_SECONDS, POLL_SECONDS, Child, Start
from infrastructure.heartbeat import HEARTBEAT_VARIABLE, RESTARTS_VARIABLE
from infrastructure.start_gate import GATE_VARIABLE, STANDARD_INPUT

STOP_GRACE_SECONDS = 20.0
RESTART_FIRST_SECONDS = 0.2
RESTART_MAX_SECONDS = 10.0
HEARTBEAT_SECONDS_MAX = 30.0
"""A role whose event loop is silent for so long hangs: it is killed, and started again."""

STEADY_SECONDS = 30.0  # who ran this long begins again with the shortest wait
TICK_SECONDS = 0.5
READY_POLL_SECONDS = 0.05
PIPE_BYTES_MAX = 65_536
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

log: structlog.stdlib.BoundLogger = structlog.get_logger("defter.supervisor")


class Watched(Protocol):
    """What the supervisor starts again when it ends; an embedded server is one."""

    @property
    def name(self) -> str: ...  # noqa: D102 - the protocol's words are enough

    def ended(self) -> bool: ...  # noqa: D102

    def relaunch(self) -> None: ...  # noqa: D102


@dataclass(frozen=True)
class Role:
    """A process to keep running; `is_ready` is asked, quickly, until it says yes once.

    A `late` one begins when all others are ready, so that they are sooner. `environment` is added
    to what all roles have.
    """

    name: str
    argv: tuple[str, ...]
    niceness: int = 0
    is_ready: Callable[[], bool] | None = None
    late: bool = False
    environment: Mapping[str, str] = field(default_factory=dict[str, str])


class RoleProcess:
    """A role's present process; it writes to our terminal itself, and its heartbeat to a pipe.

    It is watched from its first beat on: how long it takes to begin is its own affair.
    """

    def __init__(self, role: Role, environment: Mapping[str, str] | None, gate: int) -> None:
        self.name = role.name
        self.role = role
        inherited = os.environ if environment is None else environment
        self._heard, self._heartbeat = os.pipe()
        os.set_blocking(self._heard, False)
        self._environment = {
            **inherited,
            **role.environment,
            GATE_VARIABLE: STANDARD_INPUT,
            HEARTBEAT_VARIABLE: str(self._heartbeat),
        }
        self._gate = gate
        self._child: Child | None = None
        self._launches = 0
        self._beat_at: float | None = None

    def relaunch(self) -> None:
        """Start the process, or start it again after it ended."""
        self._listen()
        self._beat_at = None
        start = Start(
            signal.SIGTERM,
            niceness=self.role.niceness,
            source=self._gate,
            environment={**self._environment, RESTARTS_VARIABLE: str(self._launches)},
            descriptors=(self._heartbeat,),
        )
        self._child = Child(self.role.argv, start)
        self._launches += 1

    def silent_seconds(self) -> float:
        """Tell how long ago its last beat was heard."""
        if self._listen():
            self._beat_at = time.monotonic()
        return 0.0 if self._beat_at is None else time.monotonic() - self._beat_at

    def _listen(self) -> bytes:
        try:
            return os.read(self._heard, PIPE_BYTES_MAX)
        except BlockingIOError:
            return b""

    def close(self) -> None:
        """Let go of its pipe."""
        os.close(self._heard)
        os.close(self._heartbeat)

    def ended(self) -> bool:
        """Say whether it does not run."""
        return self._child is None or self._child.exit_code() is not None

    def tell(self, number: signal.Signals) -> None:
        """Send it a signal, if it runs."""
        if self._child is not None and not self.ended():
            self._child.send(number)

    def kill(self) -> None:
        """End it and whatever it started, now."""
        if self._child is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait(KILL_WAIT_SECONDS)


@dataclass
class Kept:
    """One watched process with its history of ends."""

    process: Watched
    started: float = 0.0
    ends: int = 0
    due: float | None = None
    restarts: int = 0

    def tend(self, now: float) -> None:
        """Notice an end, and start it again once its wait is over."""
        due = self.due
        if due is None:
            self._end_if_hung()
            if not self.process.ended():
                return
            self.ends = 0 if now - self.started > STEADY_SECONDS else self.ends
            wait_seconds = min(RESTART_FIRST_SECONDS * 2**self.ends, RESTART_MAX_SECONDS)
            self.ends += 1
            self.due = due = now + wait_seconds
            self.restarts += 1
            log.warning(
                "process_ended",
                process=self.process.name,
                again_in_seconds=wait_seconds,
                restarts=self.restarts,
            )
        if now < due:
            return
        self.due = None
        self.started = now
        try:
            self.process.relaunch()
        except (OSError, EmbeddedServerError) as error:
            self.due = now + RESTART_MAX_SECONDS
            log.exception("process_not_started", process=self.process.name, reason=str(error))

    def _end_if_hung(self) -> None:
        process = self.process
        if not isinstance(process, RoleProcess) or process.ended():
            return
        silent_seconds = process.silent_seconds()
        if silent_seconds > HEARTBEAT_SECONDS_MAX:
            log.error("process_hung", process=process.name, silent_seconds=round(silent_seconds))
            process.kill()


@dataclass
class Supervisor:
    """Runs roles in the given order beside the servers it watches.

    `environment` is the roles' whole environment; without it they inherit ours. `prepare` runs
    while the roles load, and they begin their work when it is done.
    """

    roles: Sequence[Role]
    watched: Sequence[Watched] = ()
    environment: Mapping[str, str] | None = None
    prepare: Callable[[], None] | None = None
    _stopping: bool = field(default=False, init=False)

    def run(self, on_ready: Callable[[], None] | None = None) -> None:
        """Run until SIGTERM, SIGINT or SIGHUP, then stop the roles and return.

        The signals stay answered politely afterwards: the process is on its way out, and a second
        Ctrl-C must not cut short the servers' own stop.
        """
        gate, opener = os.pipe()
        processes = [RoleProcess(role, self.environment, gate) for role in self.roles]
        early = [each for each in processes if not each.role.late]
        kept = [Kept(each) for each in (*self.watched, *early)]
        waiting = [role.is_ready for role in self.roles if role.is_ready is not None]
        everyone = False
        with self._woken_by_signals() as sleep:
            try:
                for process in early:
                    process.relaunch()
                try:
                    if self.prepare is not None:
                        self.prepare()
                finally:
                    os.close(opener)
                for each in kept:
                    each.started = time.monotonic()
                while not self._stopping:
                    for each in kept:
                        each.tend(time.monotonic())
                    waiting = [is_ready for is_ready in waiting if not is_ready()]
                    if not waiting and not everyone:
                        everyone = True
                        if on_ready is not None:
                            on_ready()
                        kept += self._begin_late(processes)
                    sleep(READY_POLL_SECONDS if waiting else self._pause(kept))
            finally:
                self._stop(processes)
                os.close(gate)
                for process in processes:
                    process.close()

    def _begin_late(self, processes: Sequence[RoleProcess]) -> list[Kept]:
        late = [each for each in processes if each.role.late]
        for process in late:
            process.relaunch()
        return [Kept(process, started=time.monotonic()) for process in late]

    def _pause(self, kept: Sequence[Kept]) -> float:
        now = time.monotonic()
        dues = [each.due - now for each in kept if each.due is not None]
        return max(0.0, min((TICK_SECONDS, *dues)))

    def _stop(self, processes: Sequence[RoleProcess]) -> None:
        """Ask all roles at once, the last started first, and end those that take too long."""
        self._stopping = True
        for process in reversed(processes):
            process.tell(signal.SIGTERM)
        deadline = time.monotonic() + STOP_GRACE_SECONDS
        while not all(map(RoleProcess.ended, processes)) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        for process in reversed(processes):
            if not process.ended():
                log.warning("process_killed", process=process.name)
                process.kill()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self._stopping:
            # Not through sys.stderr: a signal may arrive in the middle of one of its writes.
            os.write(2, b"stopping, one moment\n")
        self._stopping = True

    @contextlib.contextmanager
    def _woken_by_signals(self) -> Generator[Callable[[float], None]]:
        """Give a sleep that a signal, or the end of a child, cuts short."""
        reader, writer = socket.socketpair()
        for end in (reader, writer):
            end.settimeout(0)

        def sleep(seconds: float) -> None:
            if select.select([reader], [], [], seconds)[0]:
                reader.recv(PIPE_BYTES_MAX)

        for number in STOP_SIGNALS:
            signal.signal(number, self._on_signal)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        before = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
        try:
            yield sleep
        finally:
            signal.set_wakeup_fd(before)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            reader.close()
            writer.close()
