"""`defter effects`: what is still to be done outside, and what to do about what was given up."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from interfaces.cli.operations.access import connected
from interfaces.cli.terminal.exits import Exit, Stopped
from interfaces.cli.terminal.options import DATA_FOLDER, DatabaseOption, DataOption, TenantOption
from interfaces.cli.terminal.output import Column, FileOption, Format, FormatOption, Report, show

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
) -> None:
    """Try effects again from the first attempt. Without --apply nothing is changed.

    Example: `defter effects retry 0198c1de-0000-5000-8000-000000000000 --apply`
    """
    from infrastructure.effects import standing  # noqa: PLC0415 - `--help` stays quick

    _change(standing.retry, "tried again", effects, database_url, data, apply=apply)


def discard(
    effects: EffectsArgument,
    *,
    apply: ApplyOption = False,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
) -> None:
    """Give effects up for good; they stay on record. Without --apply nothing is changed.

    Example: `defter effects discard 0198c1de-0000-5000-8000-000000000000 --apply`
    """
    from infrastructure.effects import standing  # noqa: PLC0415 - `--help` stays quick

    _change(standing.discard, "given up", effects, database_url, data, apply=apply)


def _change(  # noqa: PLR0913 - a command's options
    change: Callable[[Any, list[UUID]], Awaitable[list[UUID]]],
    done: str,
    effects: list[str],
    database_url: str | None,
    data: Path,
    *,
    apply: bool,
) -> None:
    from infrastructure.effects.standing import NoSuchEffect  # noqa: PLC0415 - as above

    try:
        ids = [UUID(one) for one in effects]
    except ValueError as wrong:
        raise Stopped("an effect's id is a UUID", code=Exit.USAGE, then=_SEE_LIST) from wrong
    if not apply:
        typer.echo(f"{len(ids)} effects would be {done}; add --apply to do it", err=True)
        return

    async def carry_out(connection: Any) -> list[UUID]:  # noqa: ANN401 - psycopg's
        return await change(connection, ids)

    try:
        changed = connected(carry_out, database_url, data)
    except NoSuchEffect as nothing:
        raise Stopped(str(nothing), code=Exit.USAGE, then=_SEE_LIST) from nothing
    typer.echo(f"{len(changed)} of {len(ids)} effects are {done}")


_SEE_LIST = "see `defter effects list`"
