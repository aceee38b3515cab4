"""`defter effects`: what is still to be done outside, and what to do about what was given up."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import typer

from interfaces.cli.operations.access import connected, settings_of, writer_of
from interfaces.cli.terminal.exits import Exit, Stopped
from interfaces.cli.terminal.options import DATA_FOLDER, DatabaseOption, DataOption, TenantOption
from interfaces.cli.terminal.output import Column, FileOption, Format, FormatOption, Report, show

if TYPE_CHECKING:
    from infrastructure.effects.standing import Listed
    from infrastructure.settings import Settings

EffectsArgument = Annotated[list[str], typer.Argument(help="Ids of effects; see `list`.")]
ApplyOption = Annotated[bool, typer.Option("--apply", help="Do it; else only show it.")]

COLUMNS = (
    Column("effect_id"),
    Column("tenant_id"),
    Column("effect"),
    Column("target"),
    Column("position", number=True),
    Column("state"),
    Column("attempts", number=True),
    Column("next_at"),
    Column("told"),
)


def list_effects(  # noqa: PLR0913 - the options of a report
    *,
    tenant: TenantOption = None,
    effect: Annotated[str | None, typer.Option(help="Only this kind.")] = None,
    waiting: Annotated[
        bool, typer.Option("--waiting", help="Those that wait for their time, too.")
    ] = False,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List effects that were given up, oldest first; with --waiting those still to be done, too.

    Example: `defter effects list --effect channels.webhook`
    """
    from infrastructure.effects.standing import LISTED_MAX, counts, listed  # noqa: PLC0415
    from infrastructure.onboarding import tenant_id_of  # noqa: PLC0415 - `--help` stays quick

    tenant_id = tenant_id_of(tenant) if tenant else None
    states = ["dead", "waiting"] if waiting else ["dead"]

    async def look(connection: Any) -> tuple[list[Any], list[Any]]:  # noqa: ANN401 - psycopg's
        found = await listed(connection, tenant_id=tenant_id, states=states, effect=effect)
        return found, await counts(connection, tenant_id)

    found, counted = connected(look, database_url, data)
    rows = [{column.name: getattr(one, column.name) for column in COLUMNS} for one in found]
    show(Report("Effects", COLUMNS, rows), output=output, to=to)
    if len(found) == LISTED_MAX:
        typer.echo(f"only the oldest {LISTED_MAX} are shown", err=True)
    total = {state: sum(c.count for c in counted if c.state == state) for state in states}
    typer.echo(", ".join(f"{count:,} {state}" for state, count in total.items()), err=True)


def retry(
    effects: EffectsArgument,
    *,
    apply: ApplyOption = False,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
    output: FormatOption = Format.TABLE,
) -> None:
    """Try effects again from the first attempt. Without --apply they are only shown.

    It is recorded in the tenants' logs; a scheduler does it. What is done stays done.

    Example: `defter effects retry 0198c1de-0000-5000-8000-000000000000 --apply`
    """
    from application.jobs.effects import RetryEffect  # noqa: PLC0415 - `--help` stays quick

    found = _named(effects, database_url, data, output)
    _ask(RetryEffect, found, "tried again", settings_of(database_url, data) if apply else None)


def discard(
    effects: EffectsArgument,
    *,
    apply: ApplyOption = False,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
    output: FormatOption = Format.TABLE,
) -> None:
    """Give effects up for good; they stay on record. Without --apply they are only shown.

    It is recorded in the tenants' logs; a scheduler does it. What is done stays done.

    Example: `defter effects discard 0198c1de-0000-5000-8000-000000000000 --apply`
    """
    from application.jobs.effects import DiscardEffect  # noqa: PLC0415 - `--help` stays quick

    found = _named(effects, database_url, data, output)
    _ask(DiscardEffect, found, "given up", settings_of(database_url, data) if apply else None)


def _named(
    effects: list[str], database_url: str | None, data: Path, output: Format
) -> "list[Listed]":
    """Show the effects that are named, and give those that are still open."""
    from infrastructure.effects.standing import named  # noqa: PLC0415 - as above

    try:
        ids = {UUID(one) for one in effects}
    except ValueError as wrong:
        raise Stopped("an effect's id is a UUID", code=Exit.USAGE, then=_SEE_LIST) from wrong

    async def look(connection: Any) -> "list[Listed]":  # noqa: ANN401 - psycopg's
        return await named(connection, ids)

    found: list[Listed] = connected(look, database_url, data)
    unknown = ids - {one.effect_id for one in found}
    if unknown:
        message = f"there is no effect {min(map(str, unknown))}"
        raise Stopped(message, code=Exit.USAGE, then=_SEE_LIST)
    rows = [{column.name: getattr(one, column.name) for column in COLUMNS} for one in found]
    show(Report("Effects", COLUMNS, rows), output=output)
    return [one for one in found if one.state in {"waiting", "dead"}]


def _ask(command: Any, found: "list[Listed]", done: str, settings: "Settings | None") -> None:  # noqa: ANN401 - one of two types
    """Send a command for each effect; without settings only say so."""
    from infrastructure.onboarding import order  # noqa: PLC0415 - as above

    if settings is None:
        typer.echo(f"{len(found)} effects would be {done}; add --apply to do it", err=True)
        return

    async def carry_out(settings: "Settings") -> None:
        async with writer_of(settings) as writer:
            for one in found:
                asked = command(str(one.effect_id))
                await order(writer, one.tenant_id, asked, command_id=uuid4())

    asyncio.run(carry_out(settings))
    typer.echo(f"{len(found)} effects will be {done} as soon as a scheduler comes by", err=True)


_SEE_LIST = "see `defter effects list`"
