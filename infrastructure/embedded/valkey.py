"""One Valkey 9 under a folder: started, restarted on its port, stopped."""

import contextlib
import signal
import socket
from pathlib import Path

from infrastructure.embedded.binaries import valkey_server
from infrastructure.embedded.folder import LOOPBACK, PRIVATE_MODE, port_for, write_durably
from infrastructure.embedded.process import Child, Start, outlive_predecessor
from infrastructure.embedded.server import PLAIN_ENVIRONMENT, EmbeddedServer

ANSWER_SECONDS = 1.0
STOP_SECONDS = 10.0
LOG_BYTES_MAX = 10_000_000
ANSWER_BYTES_MAX = 1024

# `set-proc-title no` leaves the configuration's path in the command line: a leftover server is
# known by it.
CONFIGURATION = """\
bind {host}
port {port}
protected-mode yes
requirepass {password}
daemonize no
set-proc-title no
dir "{home}"
pidfile "{home}/valkey.pid"
logfile "{home}/valkey.log"
save ""
appendonly yes
appendfsync everysec
maxmemory 256mb
maxmemory-policy noeviction
"""


class Valkey(EmbeddedServer):
    """An embedded Valkey whose folder the caller holds."""

    name = "valkey"
    title = "Valkey"

    def __init__(self, folder: Path, password: str) -> None:
        super().__init__(folder / "valkey")
        self.home.mkdir(mode=PRIVATE_MODE, exist_ok=True)
        self._configuration = self.home / "valkey.conf"
        self._password = password

    @property
    def url(self) -> str:
        """Say where to connect; stays the same across restarts."""
        return f"redis://:{self._password}@{LOOPBACK}:{self.port}/0"

    @property
    def log(self) -> Path:
        """Say which log file was written last."""
        return self.home / "valkey.log"

    def launch(self) -> None:
        """Start the server without waiting for it."""
        self._clear_the_way()
        self.port = port_for(self.home)
        home = str(self.home).replace("\\", "\\\\").replace('"', '\\"')
        write_durably(
            self._configuration,
            CONFIGURATION.format(host=LOOPBACK, port=self.port, password=self._password, home=home),
        )
        self._spawn()

    def stop(self) -> None:
        """Stop the server with its log written out."""
        if self._child is not None:
            self._child.stop((signal.SIGTERM, STOP_SECONDS))

    def _is_ready(self) -> bool:
        """Ask with our password, so that a stranger on the port is not taken for our server."""
        question = f"AUTH {self._password}\r\nPING\r\n".encode()
        with (
            contextlib.suppress(OSError),
            socket.create_connection((LOOPBACK, self.port), ANSWER_SECONDS) as connection,
        ):
            connection.sendall(question)
            answer = b""
            while answer.count(b"\n") < 2 and len(answer) < ANSWER_BYTES_MAX:  # noqa: PLR2004
                received = connection.recv(ANSWER_BYTES_MAX)
                if not received:
                    return False
                answer += received
            return answer == b"+OK\r\n+PONG\r\n"
        return False

    def _clear_the_way(self) -> None:
        mark = str(self._configuration)
        outlive_predecessor(self.home / "valkey.pid", mark, signal.SIGKILL)

    def _spawn(self) -> None:
        with contextlib.suppress(OSError):
            if self.log.stat().st_size > LOG_BYTES_MAX:
                self.log.replace(self.log.with_suffix(".log.1"))
        program = (str(valkey_server()), str(self._configuration))
        with self.log.open("ab") as output:
            start = Start(
                signal.SIGTERM,
                output=output.fileno(),
                environment=PLAIN_ENVIRONMENT,
            )
            self._child = Child(program, start)
