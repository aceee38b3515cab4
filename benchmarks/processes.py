"""Start one uvicorn server on loopback, wait until it answers, weigh it and end it."""

import atexit
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile

LOOPBACK = "127.0.0.1"
START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 10
POLL_SECONDS = 0.05
LOG_BYTES_MAX = 8_000
QUIET_SECONDS = 0.3
QUIET_TICKS_MAX = 2
QUIET_WAIT_SECONDS_MAX = 15
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
ROOT = Path(__file__).resolve().parent.parent


class ServerFailedError(Exception):
    """The server ended, or did not answer in time."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


class ServerProcess:
    """A process group of its own on one loopback port; it ends when this process does."""

    def __init__(self, command: list[str], *, port: int, environment: Mapping[str, str]) -> None:
        self.port = port
        self._log = TemporaryFile(mode="w+b")  # noqa: SIM115 - lives as long as the server
        self._process = subprocess.Popen(  # noqa: S603 - our own servers, no shell
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
        )
        atexit.register(self.stop)

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise ServerFailedError(
                    f"ended with {self._process.returncode}: {self.log_start()}"
                )
            with (
                suppress(OSError),
                socket.create_connection((LOOPBACK, self.port), timeout=1) as connection,
            ):
                connection.sendall(b"GET / HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
                connection.settimeout(START_SECONDS_MAX)
                if connection.recv(1):
                    return
            time.sleep(POLL_SECONDS)
        self.stop()
        raise ServerFailedError("server did not answer in time")

    def wait_until_it_is_quiet(self) -> None:
        """Wait until no worker is still importing: the first one answers long before the last."""
        deadline = time.monotonic() + QUIET_WAIT_SECONDS_MAX
        before = -QUIET_TICKS_MAX - 1
        while time.monotonic() < deadline:
            now = sum(cpu_ticks(process) for process in self._group())
            if now - before <= QUIET_TICKS_MAX:
                return
            before = now
            time.sleep(QUIET_SECONDS)

    def resident_bytes(self) -> int:
        """Proportional memory of the whole group; 0 where the system does not tell."""
        return sum(_proportional_bytes(process) for process in self._group())

    def cpu_seconds(self) -> float:
        """The processor time that the whole group has used so far; 0 where nobody tells."""
        return sum(map(cpu_ticks, self._group())) / TICKS_PER_SECOND

    def log_start(self) -> str:
        """The first words of the server: a repeated fault is told by its first occurrence."""
        return os.pread(self._log.fileno(), LOG_BYTES_MAX, 0).decode(errors="replace")

    def stop(self) -> None:
        atexit.unregister(self.stop)
        for sent in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, sent)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS_MAX)
                deadline = time.monotonic() + STOP_SECONDS_MAX
                while any(self._group()) and time.monotonic() < deadline:
                    time.sleep(POLL_SECONDS)
            if not any(self._group()):
                return

    def _group(self) -> Iterator[Path]:
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                state, _parent, group = stat.read_text().rpartition(")")[2].split()[:3]
                if int(group) == self._process.pid and state != "Z":
                    yield stat.parent


def _proportional_bytes(process: Path) -> int:
    with suppress(OSError):
        for line in (process / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def cpu_ticks(process: Path) -> int:
    """What a process has used of the processors, in the system's ticks; 0 where nobody tells."""
    with suppress(OSError):
        fields = (process / "stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])
    return 0


def start_uvicorn(app: str, *, processes: int, environment: Mapping[str, str]) -> ServerProcess:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", app, "--host", LOOPBACK, "--port", str(port)]
    command += ["--workers", str(processes), "--loop", "uvloop", "--http", "httptools"]
    command += ["--no-access-log", "--log-level", "warning"]
    server = ServerProcess(command, port=port, environment=environment)
    server.wait_until_it_answers()
    server.wait_until_it_is_quiet()
    return server
