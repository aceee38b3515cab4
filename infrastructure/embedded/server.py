"""What every embedded server does alike: start, wait, notice its end, start again on its port."""

import os
import time
from abc import ABC, abstractmethod
from pathlib import Path

from infrastructure.embedded.failures import EmbeddedServerError
from infrastructure.embedded.process import POLL_SECONDS, Child

READY_SECONDS = 60.0
RETRY_SECONDS = 5.0
RETRY_PAUSE_SECONDS = 0.2

# Nothing of our surroundings (PGDATA, PGPORT, LC_ALL) is meant for a server.
PLAIN_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


class EmbeddedServer(ABC):
    """A server whose folder the caller holds; `title` is its name for people."""

    name: str
    title: str

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = 0
        self._child: Child | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """Say where to connect; stays the same across restarts."""

    @property
    @abstractmethod
    def log(self) -> Path:
        """Say which log file was written last."""

    @property
    def pid(self) -> int:
        """Say the server's process id."""
        return 0 if self._child is None else self._child.pid

    @abstractmethod
    def launch(self) -> None:
        """Make what is missing, and start the server without waiting for it."""

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self.launch()
        self.wait_ready()

    def restart(self) -> None:
        """Start a server that ended, on the port its clients know."""
        self.stop()
        self.relaunch()
        self.wait_ready()

    def relaunch(self) -> None:
        """Start a server that ended without waiting for it, on the port its clients know."""
        self._clear_the_way()
        self._spawn()

    def ended(self) -> bool:
        """Say whether the server has ended by itself or was killed."""
        return self._child is not None and self._child.exit_code() is not None

    def wait_ready(self) -> None:
        """Wait until the server answers; start it again while a dying one is in its way."""
        started = time.monotonic()
        while not self._is_ready():
            waited = time.monotonic() - started
            if self.ended():
                if waited > RETRY_SECONDS:
                    raise EmbeddedServerError(f"{self.title} does not start; see {self.log}")
                time.sleep(RETRY_PAUSE_SECONDS)
                self._spawn()
            elif waited > READY_SECONDS:
                self.stop()
                raise EmbeddedServerError(
                    f"{self.title} was not ready after {READY_SECONDS:.0f} seconds; see {self.log}"
                )
            time.sleep(POLL_SECONDS)

    @abstractmethod
    def stop(self) -> None:
        """Stop the server with everything written out."""

    @abstractmethod
    def _is_ready(self) -> bool: ...

    @abstractmethod
    def _clear_the_way(self) -> None: ...

    @abstractmethod
    def _spawn(self) -> None: ...
