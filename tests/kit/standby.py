"""A real hot standby: a second embedded PostgreSQL that follows a first one."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from infrastructure.embedded.postgres import Postgres
from infrastructure.embedded.servers import embedded_postgres


class Standby(Postgres):
    """Begins as a copy of its primary, and streams what it writes."""

    name = "standby"

    def __init__(self, folder: Path, primary: Postgres) -> None:
        super().__init__(folder, urlsplit(primary.url).password or "")
        self._primary = primary

    def _create(self) -> None:
        self._run(
            "pg_basebackup",
            *("-D", str(self.data)),
            *("-d", self._primary.url),
            *("-R", "-X", "stream", "--checkpoint=fast", "--no-sync"),
        )

    def pause(self, *, paused: bool) -> None:
        """Stop or go on with replaying what the primary wrote."""
        what = "pg_wal_replay_pause" if paused else "pg_wal_replay_resume"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"SELECT {what}()".encode())


@contextmanager
def primary_and_standby(folder: Path) -> Generator[tuple[Postgres, Standby]]:
    """Run both under a folder."""
    first, second = folder / "primary", folder / "standby"
    first.mkdir()
    second.mkdir()
    with embedded_postgres(first) as primary:
        standby = Standby(second, primary)
        standby.start()
        try:
            yield primary, standby
        finally:
            standby.stop()
