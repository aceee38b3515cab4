"""How operator commands reach the database: by option, by environment, or by the data folder."""

import asyncio
import json
import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from interfaces.cli.terminal.exits import Exit, Stopped

if TYPE_CHECKING:
    from infrastructure.event_log.writing.writer import Writer
    from infrastructure.settings import Settings

SERVING_FILE = "serving.json"
"""What a running `serve` leaves in its data folder: where its servers answer."""

SECRETS_FILE = "first-tenant.json"
DATABASE_VARIABLES = ("DEFTER_DATABASE_URL", "DATABASE_URL")
"""Either may also be in a file, which the name with `_FILE` at its end names."""


def database_of(given: str | None, data: Path) -> str:
    """Give the database's address."""
    named = given or next(filter(None, map(_given, DATABASE_VARIABLES)), None)
    if named:
        return named
    serving = _read(data / SERVING_FILE)
    if serving is None:
        raise Stopped(
            f"no database: nothing is served from {data}",
            code=Exit.USAGE,
            then="start `defter serve`, name its folder with --data, or set DATABASE_URL",
        )
    return serving["database_url"]


def served_at(data: Path) -> str | None:
    """Give the address that the data folder's service answers at, if one runs."""
    serving = _read(data / SERVING_FILE)
    return None if serving is None else serving["url"]


def settings_of(given: str | None, data: Path) -> "Settings":
    """Give the settings of this process; the data folder's service fills in what is not set."""
    from infrastructure.settings import SettingsWrong, load_settings  # noqa: PLC0415 - as below

    serving, secrets = _read(data / SERVING_FILE), _read(data / SECRETS_FILE)
    known = {"database_url": given} if given else {}
    if serving is not None and secrets is not None:
        held = {
            "database_url": serving["database_url"],
            "redis_url": serving["redis_url"],
            "master_keys": secrets["master_key"],
        }
        known = {name: value for name, value in held.items() if not _set(name)} | known
    try:
        return load_settings(**known)
    except SettingsWrong as wrong:
        raise Stopped(
            str(wrong),
            code=Exit.USAGE,
            then="or run it beside a running `defter serve` (--data names its folder)",
        ) from wrong


def connected(work: Callable[[Any], Awaitable[Any]], given: str | None, data: Path) -> Any:  # noqa: ANN401 - what the work gives
    """Do something with a runtime connection to the database."""
    from infrastructure.postgres.connections import connect  # noqa: PLC0415 - `--help` stays quick

    async def run() -> Any:  # noqa: ANN401 - as above
        async with await connect(database_of(given, data)) as connection:
            return await work(connection)

    return asyncio.run(run())


@asynccontextmanager
async def writer_of(settings: "Settings") -> "AsyncGenerator[Writer]":
    """Lend a writer, and let it finish what it began."""
    from infrastructure.event_log.keyring import MasterKeys  # noqa: PLC0415 - `--help` stays quick
    from infrastructure.event_log.writing.writer import Writer  # noqa: PLC0415 - as above

    writer = Writer(
        settings.database_url.get_secret_value(), MasterKeys(*settings.master_key_bytes)
    )
    await writer.start()
    try:
        yield writer
    finally:
        await writer.stop()


def _given(variable: str) -> str | None:
    file = os.environ.get(f"{variable}_FILE")
    if file is None or variable in os.environ:
        return os.environ.get(variable)
    try:
        return Path(file).read_text("utf-8").strip()
    except OSError as unreadable:
        message = f"{variable}_FILE names {file}, which can not be read"
        raise Stopped(message, code=Exit.USAGE) from unreadable


def _set(name: str) -> bool:
    plain = name.upper()
    names = (plain, f"DEFTER_{plain}", f"{plain}_FILE", f"DEFTER_{plain}_FILE")
    return any(os.environ.get(variable) for variable in names)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as broken:
        raise Stopped(f"{path} can not be read: {broken}", code=Exit.FAILED) from broken
