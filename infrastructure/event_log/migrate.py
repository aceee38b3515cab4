"""Bring the log's tables up to this release, and build this release's read models beside them."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import InternalError

from infrastructure.postgres.connections import DatabaseUnsafe, sqlalchemy_url
from infrastructure.projections.tables import create_read_models

MIGRATIONS = Path(__file__).parent / "migrations"
ENCODING = "UTF8"
TRIES_MAX = 10
MIGRATION_LOCK = 7_226_114
"""An advisory lock, so that processes that start together migrate one after the other."""


def migrate(database_url: str) -> None:
    """Migrate as the owner of the tables. `database_url` may be a superuser's or the owner's.

    Refuses a database that does not keep text as UTF-8 with DatabaseUnsafe.

    Roles belong to all databases of a server, and the lock to one of them: where two are migrated
    at once, one may find a role changed under its hands and begins again.
    """
    for left in reversed(range(TRIES_MAX)):
        try:
            _migrate(database_url)
        except InternalError:
            if not left:
                raise
        else:
            return


def _migrate(database_url: str) -> None:
    engine = create_engine(sqlalchemy_url(database_url), connect_args={"client_encoding": ENCODING})
    try:
        with engine.begin() as connection:
            _check_encoding(connection)
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            connection.execute(text("CREATE SCHEMA IF NOT EXISTS defter"))
            connection.execute(text("CREATE SCHEMA IF NOT EXISTS read_models"))
            _upgrade(connection)
            create_read_models(connection)
    finally:
        engine.dispose()


def _check_encoding(connection: Connection) -> None:
    encoding = connection.scalar(text("SHOW server_encoding"))
    if encoding != ENCODING:
        raise DatabaseUnsafe(f"the database is encoded as {encoding}; make one with {ENCODING}")


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("recursive_version_locations", "true")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
