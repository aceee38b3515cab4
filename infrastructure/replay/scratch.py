"""A schema of its own that read models are derived into again, beside the live ones."""

from collections.abc import Collection, Generator
from contextlib import contextmanager

from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Connection, MetaData, create_engine, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.schema import CreateTable

from infrastructure.postgres.connections import RUNTIME_ROLE, sqlalchemy_url
from infrastructure.projections.tables import isolate
from projections.read_model import ReadModel

SCRATCH = "replayed"
REPLAY_LOCK = 7_226_115


class ReplayRunning(RuntimeError):
    """Another replay is at work in this database."""


class NotOwner(PermissionError):
    """This login may not create a schema."""


class Scratch:
    """The scratch tables, made from the code, never from the live ones."""

    def __init__(self, guard: Connection, read_models: Collection[ReadModel]) -> None:
        self._guard = guard
        self._tables = [table for model in read_models for table in model.tables]

    def make(self) -> None:
        """Make them anew, whatever a run that was killed has left."""
        self.drop()
        self._guard.execute(text(f"CREATE SCHEMA {SCRATCH}"))
        self._guard.execute(text(f"GRANT USAGE ON SCHEMA {SCRATCH} TO {RUNTIME_ROLE}"))
        metadata = MetaData(schema=SCRATCH)
        for table in self._tables:
            made = CreateTable(table.table.to_metadata(metadata, schema=SCRATCH))
            # Neither the database's own log nor a standby is troubled with them.
            unlogged = str(made.compile(self._guard)).replace("TABLE", "UNLOGGED TABLE", 1)
            self._guard.execute(text(unlogged.replace(":", "\\:")))
            isolate(self._guard, table, schema=SCRATCH)
        self._guard.commit()

    def empty(self) -> None:
        """Give back what the tenants so far took up."""
        if self._tables:
            names = ", ".join(f"{SCRATCH}.{table.name}" for table in self._tables)
            self._guard.execute(text(f"TRUNCATE {names}"))
        self._guard.commit()

    def drop(self) -> None:
        """Leave nothing behind."""
        self._guard.execute(text(f"DROP SCHEMA IF EXISTS {SCRATCH} CASCADE"))
        self._guard.commit()


@contextmanager
def scratch(owner_url: str, read_models: Collection[ReadModel]) -> Generator[Scratch]:
    """Lend the scratch tables; `owner_url` opens the database as one who may create a schema."""
    engine = create_engine(sqlalchemy_url(owner_url))
    try:
        with engine.connect() as guard:
            lock = text("SELECT pg_try_advisory_lock(:key)")
            if not guard.execute(lock, {"key": REPLAY_LOCK}).scalar():
                raise ReplayRunning("another replay is at work in this database")
            guard.commit()
            tables = Scratch(guard, read_models)
            try:
                tables.make()
                yield tables
            finally:
                guard.rollback()
                tables.drop()
    except ProgrammingError as wrong:
        if isinstance(wrong.orig, InsufficientPrivilege):
            raise NotOwner("this login may not create a schema") from wrong
        raise
    finally:
        engine.dispose()
