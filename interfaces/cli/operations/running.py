"""`defter serve` and the single roles: what runs."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infrastructure.start_gate import wait_at_gate
from interfaces.cli.operations.access import SERVING_FILE, database_of, settings_of
from interfaces.cli.terminal.exits import Exit, Stopped
from interfaces.cli.terminal.options import DATA_FOLDER, DatabaseOption, DataOption
from interfaces.cli.terminal.output import Format, FormatOption, show_object

if TYPE_CHECKING:
    from infrastructure.serving import Serving

HOST, PORT = "127.0.0.1", 8000

HostOption = Annotated[str, typer.Option(help="Address to listen on.")]
PortOption = Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen on.")]


def serve(
    *,
    host: HostOption = HOST,
    port: PortOption = PORT,
    data: Annotated[Path, typer.Option(help="Folder for everything.")] = DATA_FOLDER,
    ready_file: Annotated[
        Path | None, typer.Option(help="Written once everything answers.", dir_okay=False)
    ] = None,
) -> None:
    """Run everything on this machine: database, cache, API and projector, with a first tenant.

    DATABASE_URL and REDIS_URL replace the servers it brings.

    Example: `defter serve --port 8080`
    """
    from infrastructure.embedded.failures import EmbeddedServerError  # noqa: PLC0415 - as below
    from infrastructure.serving import serve  # noqa: PLC0415 - `--help` stays quick
    from interfaces.http.listening import PortTaken, listen  # noqa: PLC0415 - as above

    left_behind = data / SERVING_FILE
    try:
        listen(host, port).close()
        serve(host=host, port=port, folder=data, ready_file=ready_file, announce=_announce)
    except (EmbeddedServerError, PortTaken) as failed:
        raise Stopped(str(failed), code=Exit.FAILED) from failed
    left_behind.unlink(missing_ok=True)


def _announce(serving: "Serving") -> None:
    from infrastructure.embedded.folder import write_durably  # noqa: PLC0415 - as above
    from interfaces.cli.remote.profiles import (  # noqa: PLC0415
        LOCAL_PROFILE,
        PLATFORM_PROFILE,
        save_profile,
    )

    write_durably(serving.folder / SERVING_FILE, serving.ready_file())
    save_profile(LOCAL_PROFILE, serving.url, serving.secret_key)
    save_profile(PLATFORM_PROFILE, serving.url, serving.platform_key)
    typer.echo(f"\nDefter answers at {serving.url} (documentation: {serving.url}/api/docs)\n")
    if serving.first_start:
        typer.echo(f"The test tenant {serving.tenant!r} was made for you. Its keys:\n")
        for name, key in serving.staff_keys.items():
            typer.echo(f"  {name:<12} {key}")
        typer.echo(f"  {'publishable':<12} {serving.publishable_key}\n")
        typer.echo("The key of the platform's admin, who creates and suspends tenants:\n")
        typer.echo(f"  {'platform':<12} {serving.platform_key}\n")
    typer.echo("In another terminal:\n")
    typer.echo("  ./defter ledger accounts          the chart of accounts")
    typer.echo("  ./defter demo FILE                a year of a real shop")
    typer.echo("  ./defter ledger trial-balance     do the books balance?\n")
    typer.echo(f"Everything is kept in {serving.folder}. Ctrl-C stops it.\n")


def api(
    *,
    host: Annotated[str | None, typer.Option(help="Else DEFTER_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Else DEFTER_PORT.", max=65_535)] = None,
) -> None:
    """Run one API process. Several may serve the same tenants.

    Example: `defter api --port 8001`
    """
    from interfaces.http.listening import PortTaken  # noqa: PLC0415 - `--help` stays quick
    from interfaces.http.server import run_api  # noqa: PLC0415 - as above

    given = {"host": host, "port": port}
    settings = _settings(**{name: value for name, value in given.items() if value is not None})
    wait_at_gate()
    try:
        run_api(settings)
    except PortTaken as taken:
        raise Stopped(str(taken), code=Exit.FAILED) from taken


def projector() -> None:
    """Run one projector process. Several share the tenants.

    Example: `defter projector`
    """
    from infrastructure.composition import run_projector  # noqa: PLC0415 - `--help` stays quick

    settings = _settings()
    wait_at_gate()
    asyncio.run(run_projector(settings))


def scheduler() -> None:
    """Run one scheduler: processes, timers, and the queue of effects. Several share the tenants.

    Example: `defter scheduler`
    """
    from infrastructure.composition import run_scheduler  # noqa: PLC0415 - `--help` stays quick

    settings = _settings()
    wait_at_gate()
    asyncio.run(run_scheduler(settings))


def worker() -> None:
    """Run one worker, which performs effects: webhooks, e-mail. Several share the queue.

    Example: `defter worker`
    """
    from infrastructure.composition import run_worker  # noqa: PLC0415 - `--help` stays quick

    settings = _settings()
    wait_at_gate()
    run_worker(settings)


def migrate(*, database_url: DatabaseOption = None, data: DataOption = DATA_FOLDER) -> None:
    """Bring the database's tables up to this release, as their owner.

    Example: `defter migrate --database-url postgresql://owner@db/defter`
    """
    from infrastructure.event_log.migrate import migrate  # noqa: PLC0415 - `--help` stays quick

    migrate(database_of(database_url, data))
    typer.echo("the database is up to date")


def config(*, data: DataOption = DATA_FOLDER, output: FormatOption = Format.TABLE) -> None:
    """Show the settings in effect; secrets are masked.

    Example: `defter config -o json`
    """
    show_object("Settings", settings_of(None, data).masked(), output=output)


def bench(
    words: Annotated[list[str] | None, typer.Argument(help="See benchmarks/.")] = None,
) -> None:
    """Measure Defter beside plainer ways of doing the same, on this machine.

    Example: `defter bench`
    """
    from importlib import import_module  # noqa: PLC0415 - benchmarks are no part of the service

    code = import_module("benchmarks.run").main(words or [])
    if code:
        raise Stopped("the run says no", code=Exit.DIFFERENCES)


def _settings(**given: Any) -> Any:  # noqa: ANN401 - of several kinds
    from infrastructure.settings import SettingsWrong, load_settings  # noqa: PLC0415 - as above

    try:
        return load_settings(**given)
    except SettingsWrong as wrong:
        raise Stopped(str(wrong), code=Exit.USAGE, then="`defter config` shows them") from wrong
