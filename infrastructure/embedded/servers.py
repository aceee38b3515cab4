"""The embedded servers of one data folder, started together and stopped in reverse order.

Use from the main thread, or one that lives as long as the process: on Linux the servers end with
the thread that started them.

    with embedded_servers(folder) as servers:
        Supervisor(roles, watched=(servers.postgres, servers.valkey)).run()
"""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from infrastructure.embedded.failures import EmbeddedServerError
from infrastructure.embedded.folder import held, passwords
from infrastructure.embedded.postgres import Postgres
from infrastructure.embedded.valkey import Valkey


@dataclass(frozen=True)
class Servers:
    """Both servers, running and ready."""

    postgres: Postgres
    valkey: Valkey

    @property
    def database_url(self) -> str:
        """Say where PostgreSQL listens; the user may create roles and databases."""
        return self.postgres.url

    @property
    def redis_url(self) -> str:
        """Say where Valkey listens."""
        return self.valkey.url

    @property
    def postgres_pid(self) -> int:
        """Say the present postmaster's process id."""
        return self.postgres.pid

    @property
    def valkey_pid(self) -> int:
        """Say the present Valkey's process id."""
        return self.valkey.pid


@contextmanager
def embedded_servers(
    folder: Path, *, run_as: str | None = None, durable: bool = True
) -> Generator[Servers]:
    """Hold the folder and serve from it; refuse with FolderInUse or another EmbeddedServerError.

    `run_as` insists on one way for root to start PostgreSQL, "namespace" or "setuid". What is not
    `durable` outlives a killed process, but no power cut: it is for databases that nobody misses.
    """
    with held(folder) as home, ExitStack() as stops:
        with plain_failures(home):
            words = passwords(home)
            servers = Servers(
                Postgres(home, words["postgres"], run_as=run_as, durable=durable),
                Valkey(home, words["valkey"]),
            )
            for server in (servers.valkey, servers.postgres):
                # Asked for before the launch: an interrupt in between must not leave one running.
                stops.callback(server.stop)
                server.launch()
            servers.postgres.wait_ready()
            servers.valkey.wait_ready()
        yield servers


@contextmanager
def embedded_postgres(folder: Path) -> Generator[Postgres]:
    """Hold the folder and serve PostgreSQL alone, where a Redis is given."""
    with held(folder) as home, ExitStack() as stops:
        with plain_failures(home):
            server = Postgres(home, passwords(home)["postgres"])
            stops.callback(server.stop)
            server.start()
        yield server


@contextmanager
def embedded_valkey(folder: Path) -> Generator[Valkey]:
    """Hold the folder and serve Valkey alone, where a PostgreSQL is given."""
    with held(folder) as home, ExitStack() as stops:
        with plain_failures(home):
            server = Valkey(home, passwords(home)["valkey"])
            stops.callback(server.stop)
            server.start()
        yield server


@contextmanager
def plain_failures(folder: Path) -> Generator[None]:
    """Say in one line what the system refused while the servers were started."""
    try:
        yield
    except OSError as error:
        raise EmbeddedServerError(f"cannot serve from {folder}: {error}") from error
