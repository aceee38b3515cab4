"""`defter audit replay`: derive everything again from events, and compare it with what is live."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from interfaces.cli.operations.access import database_of
from interfaces.cli.terminal.exits import Exit, Stopped
from interfaces.cli.terminal.options import DATA_FOLDER, DatabaseOption, DataOption
from interfaces.cli.terminal.output import (
    Column,
    FileOption,
    Format,
    FormatOption,
    Report,
    must_fit,
    show,
)

if TYPE_CHECKING:
    from infrastructure.replay.findings import Outcome
    from infrastructure.replay.findings import Progress as Progressed
    from infrastructure.replay.replay import Asked

ROWS_LISTED = 100

TenantsOption = Annotated[
    list[str] | None,
    typer.Option("--tenant", help="Only this tenant: its slug or its id. May be given again."),
]
NamesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--read-model", help="Only this one, such as wallet_balances, or entries. As above."
    ),
]
RowsOption = Annotated[
    int,
    typer.Option("--limit", min=1, help="List so many rows of each table; all are counted."),
]

SUMMARY = (
    Column("tenant"),
    Column("read_model"),
    Column("position", number=True),
    Column("rows", number=True),
    Column("found"),
)
CELLS = (
    Column("tenant"),
    Column("found"),
    Column("table"),
    Column("key"),
    Column("column"),
    Column("live"),
    Column("replayed"),
)
ALL = (*SUMMARY, *(column for column in CELLS if column not in SUMMARY))


def replay(  # noqa: PLR0913 - what to replay, and how to tell
    *,
    tenant: TenantsOption = None,
    read_model: NamesOption = None,
    limit: RowsOption = ROWS_LISTED,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """Derive every read model and every posting again from the events, and compare with the live.

    The service runs on meanwhile: each read model is compared as of the position it stands at. It
    uses a schema of its own and needs the owner's database URL.

    Exit codes: 0 all is equal · 3 rows differ from what the events give · 4 the log contradicts
    itself · 5 nothing differs, but a read model that stands still could not be compared.

    Example: `defter audit replay --tenant demo --read-model wallet_balances -o csv --to found.csv`
    """
    check(
        database_url=database_of(database_url, data),
        tenants=tenant or (),
        names=read_model or (),
        rows_listed=limit,
        output=output,
        to=to,
    )


def check(  # noqa: PLR0913 - as above
    *,
    database_url: str,
    tenants: Sequence[str],
    names: Sequence[str],
    rows_listed: int,
    output: Format,
    to: Path | None,
) -> None:
    """Replay, tell what was found, and end with the exit code that says it."""
    must_fit(output, to)
    outcomes = asyncio.run(_replay(database_url, tenants, names, rows_listed))
    if output is Format.TABLE:
        show(Report("Replayed from the events", SUMMARY, [*map(_summary, outcomes)]), output=output)
        cells = [cell for one in outcomes for cell in _cells(one)]
        if cells:
            title = f"What differs, up to {rows_listed} rows of each table"
            show(Report(title, CELLS, cells), output=output)
    else:
        rows = [row for one in outcomes for row in (_summary(one), *_cells(one))]
        show(Report("Replayed from the events", ALL, rows), output=output, to=to)
    _end(outcomes)


async def _replay(
    database_url: str, tenants: Sequence[str], names: Sequence[str], rows_listed: int
) -> "list[Outcome]":
    from rich.console import Console  # noqa: PLC0415 - `--help` stays quick
    from rich.progress import Progress  # noqa: PLC0415 - as above

    from infrastructure.projections.projector import spare_the_collector  # noqa: PLC0415 - as above
    from infrastructure.replay.replay import replay, tenants_with_logs  # noqa: PLC0415 - as above
    from infrastructure.replay.scratch import NotOwner, ReplayRunning  # noqa: PLC0415 - as above

    spare_the_collector()
    ends = await tenants_with_logs(database_url)
    asked = _asked(ends, tenants, names, rows_listed)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("events", total=sum(ends[one] for one in asked.tenant_ids))
        done: dict[UUID, int] = {}

        def told(step: "Progressed") -> None:
            done[step.tenant_id] = step.position
            progress.update(bar, completed=sum(done.values()))

        try:
            return await replay(database_url, asked, told)
        except ReplayRunning as running:
            raise Stopped(str(running), code=Exit.FAILED, then="wait until it ends") from running
        except NotOwner as wrong:
            then = "give the owner's database URL with --database-url"
            raise Stopped(str(wrong), code=Exit.REFUSED, then=then) from wrong


def _asked(
    ends: Mapping[UUID, int], tenants: Sequence[str], names: Sequence[str], rows_listed: int
) -> "Asked":
    from infrastructure.onboarding import tenant_id_of  # noqa: PLC0415 - as above
    from infrastructure.replay.entries import ENTRIES  # noqa: PLC0415 - as above
    from infrastructure.replay.replay import Asked  # noqa: PLC0415 - as above
    from projections.read_models import READ_MODELS  # noqa: PLC0415 - as above

    known = {name: model for model in READ_MODELS for name in (model.name, model.key)}
    for name in names:
        if name not in known and name != ENTRIES:
            then = f"one of {', '.join(model.name for model in READ_MODELS)}, {ENTRIES}"
            raise Stopped(f"there is no read model {name!r}", code=Exit.USAGE, then=then)
    for slug in tenants:
        if tenant_id_of(slug) not in ends:
            then = "`defter tenants list` names them"
            raise Stopped(f"there is no tenant {slug!r}", code=Exit.USAGE, then=then)
    chosen = {known[name].key for name in names if name in known}
    return Asked(
        tenant_ids=[*dict.fromkeys(map(tenant_id_of, tenants))] or [*ends],
        read_models=[model for model in READ_MODELS if not names or model.key in chosen],
        entries=not names or ENTRIES in names,
        rows_listed_max=rows_listed,
    )


def _summary(one: "Outcome") -> dict[str, Any]:
    found = "equal"
    if one.damage is not None:
        found = f"damaged at {one.damage}"
    elif one.left_out is not None:
        found = f"not compared: {one.left_out}"
    elif one.differing:
        found = f"{one.differing} rows differ"
    return {
        "tenant": str(one.tenant_id),
        "read_model": one.read_model,
        "position": one.position,
        "rows": one.rows,
        "found": found,
    }


def _cells(one: "Outcome") -> list[dict[str, Any]]:
    return [
        {
            "tenant": str(one.tenant_id),
            "read_model": one.read_model,
            "position": one.position,
            "found": difference.kind.value,
            "table": difference.table,
            "key": difference.key,
            "column": difference.column,
            "live": difference.live,
            "replayed": difference.replayed,
        }
        for difference in one.differences
    ]


def _end(outcomes: "Sequence[Outcome]") -> None:
    for one in outcomes:
        if one.damage is not None:
            raise Stopped(
                f"the log of tenant {one.tenant_id} is damaged at {one.damage}",
                code=Exit.TAMPERING,
                then="keep the database as it is, and compare with a backup or a standby",
            )
    differing: Counter[str] = Counter()
    for one in outcomes:
        differing[one.read_model] += one.differing
    differing = +differing
    if differing:
        told = ", ".join(f"{rows} in {name}" for name, rows in differing.items())
        raise Stopped(
            f"rows differ from what the events give: {told}",
            code=Exit.DIFFERENCES,
            then="docs/operations.md says how a read model is filled anew",
        )
    left_out = sorted({one.read_model for one in outcomes if one.left_out is not None})
    if left_out:
        raise Stopped(
            f"what was compared is equal, but not compared was: {', '.join(left_out)}",
            code=Exit.SOURCE_INCOMPLETE,
            then="`defter projections list` says why it stands still; replay again afterwards",
        )
