"""Who is compared: the shape of a contender, the bare ceiling and the three plain versions."""

import secrets
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from benchmarks.plain.tables import CURRENCY, check_conserved, create_tables, write_wallet_ids
from benchmarks.plain.with_function import FUNCTION
from benchmarks.processes import ServerProcess, start_uvicorn

WALLETS_WITHOUT_DATABASE = 10_000


class Contender(Protocol):
    """One server under test; the comparison calls prepare, then (start, stop, check) many times."""

    @property
    def name(self) -> str: ...

    @property
    def currency(self) -> str: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    @property
    def wallets(self) -> Path:
        """A file with one wallet id a line, all of them funded."""
        ...

    @property
    def database_url(self) -> str | None:
        """Where VACUUM and CHECKPOINT run before each load; None without a database."""
        ...

    @property
    def process_counts(self) -> Sequence[int]:
        """The process counts that the probe tries; a single one needs no probe."""
        ...

    def prepare(self) -> None: ...

    def start(self, processes: int) -> str:
        """Answer the address that takes the transfers, once every process is ready."""
        ...

    def resident_bytes(self) -> int: ...

    def stop(self) -> None: ...

    def check(self) -> None:
        """Raise when money was made or lost, or does not add up."""
        ...


def _new_wallet_file() -> Path:
    return Path(tempfile.mkdtemp(prefix="defter-bench-")) / "wallets"


class _Served:
    server: ServerProcess | None = None

    def resident_bytes(self) -> int:
        return self.server.resident_bytes() if self.server else 0

    def stop(self) -> None:
        if self.server:
            self.server.stop()
            self.server = None


@dataclass
class Bare(_Served):
    name: str = "bare"
    currency: str = CURRENCY
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    wallets: Path = field(default_factory=_new_wallet_file)
    database_url: str | None = None
    process_counts: Sequence[int] = (1,)

    def prepare(self) -> None:
        ids = (f"wal_{secrets.token_hex(16)}\n" for _ in range(WALLETS_WITHOUT_DATABASE))
        self.wallets.write_text("".join(ids))

    def start(self, processes: int) -> str:
        self.server = start_uvicorn("benchmarks.bare:app", processes=processes, environment={})
        return f"{self.server.url}/transfers"

    def check(self) -> None:
        """Nothing moved, nothing to check."""


@dataclass
class Plain(_Served):
    """One plain variant: sqlalchemy, psycopg or function."""

    name: str
    database_url: str | None
    currency: str = CURRENCY
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    wallets: Path = field(default_factory=_new_wallet_file)
    process_counts: Sequence[int] = (1, 2, 3)

    @property
    def _database_url(self) -> str:
        assert self.database_url is not None, "a plain version needs a database"  # noqa: S101
        return self.database_url

    def prepare(self) -> None:
        create_tables(self._database_url, FUNCTION)
        write_wallet_ids(self._database_url, self.wallets)

    def start(self, processes: int) -> str:
        environment = {"BENCH_VARIANT": self.name, "BENCH_DATABASE_URL": self._database_url}
        self.server = start_uvicorn(
            "benchmarks.plain.app:app", processes=processes, environment=environment
        )
        return f"{self.server.url}/transfers"

    def check(self) -> None:
        check_conserved(self._database_url)
