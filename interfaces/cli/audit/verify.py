"""`defter audit verify`: prove that nothing in the logs was altered."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from interfaces.cli.terminal.exits import Exit, Stopped
from interfaces.cli.terminal.options import DATA_FOLDER, DatabaseOption, DataOption, TenantOption
from interfaces.cli.terminal.output import Column, FileOption, Format, FormatOption, Report, show

if TYPE_CHECKING:
    from infrastructure.log_check.findings import Verified
    from infrastructure.log_check.outside import Outside

LOOK_SECONDS_MAX = 600
COLUMNS = (
    Column("tenant"),
    Column("events", number=True),
    Column("entries", number=True),
    Column("checkpoints", number=True),
    Column("sealed", number=True),
    Column("unsealed", number=True),
    Column("outside", number=True),
    Column("verdict"),
    Column("code"),
    Column("position", number=True),
    Column("until", number=True),
    Column("found"),
)

AgainstOption = Annotated[
    list[Path] | None,
    typer.Option("--against", help="A file with checkpoints kept outside; may be given again."),
]
WitnessOption = Annotated[
    Path | None, typer.Option("--from-witness", help="The folder that a witness writes to.")
]
KeyOption = Annotated[
    list[str] | None,
    typer.Option(
        "--key",
        help="Believe this key (name+hash+key), not those of the database; may be given again.",
    ),
]
BooksOption = Annotated[
    bool, typer.Option("--no-books", help="Leave the rules of the ledger out: rows and seals only.")
]


def verify(  # noqa: PLR0913 - what a log is held against
    *,
    tenant: TenantOption = None,
    against: AgainstOption = None,
    from_witness: WitnessOption = None,
    key: KeyOption = None,
    no_books: BooksOption = False,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """Prove on the server that nothing was altered: rows, seals, signatures and books, in one pass.

    It changes nothing, and the service may go on. Whoever has the whole database can rewrite it
    together with its checkpoints; a checkpoint that you kept elsewhere still tells (`--against`),
    and so does a key that you noted (`--key`).

    Exit code 4 names the first place that was tampered with; 5 says that not all is sealed.

    Example: `defter audit verify --tenant demo --against may.checkpoint`
    """
    from infrastructure.log_check import outside  # noqa: PLC0415 - `--help` stays quick
    from interfaces.cli.operations.access import database_of  # noqa: PLC0415 - as above

    try:
        keys = [outside.public_of(one) for one in key or ()]
        kept = outside.given(against or ())
        asked = [*kept, *(outside.witnessed(from_witness) if from_witness else ())]
    except outside.OutsideWrong as wrong:
        raise Stopped(str(wrong), code=Exit.USAGE) from wrong
    verified = asyncio.run(_verify(database_of(database_url, data), tenant, keys, asked, no_books))
    strange = _strange(kept if tenant else asked, verified)
    if strange and tenant:
        raise Stopped(f"{strange}, which was not asked for", code=Exit.USAGE)
    _show(verified, output=output, to=to)
    for one in verified:
        if one.findings:
            raise Stopped(
                f"the log of tenant {one.tenant_id} was tampered with: {one.findings[0]}",
                code=Exit.TAMPERING,
                then="keep the database as it is, and compare with a backup or a standby",
            )
    for one in verified:
        if one.incomplete:
            raise Stopped(
                f"the log of tenant {one.tenant_id} is sound as far as it is sealed;"
                f" {one.incomplete}",
                code=Exit.SOURCE_INCOMPLETE,
                then="see that a scheduler runs, which seals, and verify again",
            )
    if strange:
        raise Stopped(f"{strange}, which has no log here", code=Exit.SOURCE_INCOMPLETE)


async def _verify(
    database_url: str,
    tenant: str | None,
    keys: "Sequence[bytes]",
    outside: "Sequence[Outside]",
    no_books: bool,  # noqa: FBT001 - as the option says
) -> "list[Verified]":
    from rich.console import Console  # noqa: PLC0415 - as above
    from rich.progress import Progress  # noqa: PLC0415 - as above

    from infrastructure.ledger_check.check import tenants  # noqa: PLC0415 - as above
    from infrastructure.log_check.beside import checker  # noqa: PLC0415 - as above
    from infrastructure.log_check.check import verify_log  # noqa: PLC0415 - as above
    from infrastructure.onboarding import tenant_id_of  # noqa: PLC0415 - as above
    from infrastructure.postgres.connections import connect  # noqa: PLC0415 - as above

    verified: list[Verified] = []
    async with await connect(database_url, statement_seconds=LOOK_SECONDS_MAX) as connection:
        ends = await tenants(connection)
        wanted: Sequence[UUID] = [*ends] if tenant is None else [tenant_id_of(tenant)]
        if not ends.keys() >= set(wanted):
            raise Stopped(f"there is no tenant {tenant!r}", code=Exit.USAGE)
        events = sum(ends[one] for one in wanted)
        with (
            checker(events) as beside,
            Progress(console=Console(stderr=True), transient=True) as progress,
        ):
            bar = progress.add_task("events", total=events)
            for one in wanted:
                done = sum(other.events for other in verified)
                verified.append(
                    await verify_log(
                        connection,
                        one,
                        beside,
                        books=not no_books,
                        keys=keys,
                        outside=outside,
                        told=lambda at, done=done: progress.update(bar, completed=done + at),
                    )
                )
    return verified


def _strange(outside: "Sequence[Outside]", verified: "Sequence[Verified]") -> str:
    """Name a checkpoint that belongs to none of these logs, if there is one."""
    from infrastructure.sealing.notes import origin_of  # noqa: PLC0415 - as above

    known = {origin_of(one.tenant_id) for one in verified}
    for one in outside:
        if one.checkpoint.origin not in known:
            return f"{one.file} is a checkpoint of {one.checkpoint.origin}"
    return ""


def _show(verified: "Sequence[Verified]", *, output: Format, to: FileOption) -> None:
    rows = [
        {
            "tenant": str(one.tenant_id),
            "events": one.events,
            "entries": one.entries,
            "checkpoints": one.checkpoints,
            "sealed": one.sealed,
            "unsealed": one.unsealed,
            "outside": one.outside,
            "verdict": _verdict(one),
            "code": one.findings[0].code if one.findings else None,
            "position": one.findings[0].position if one.findings else None,
            "until": one.findings[0].until if one.findings else None,
            "found": "\n".join(map(str, one.findings)) or one.incomplete,
        }
        for one in verified
    ]
    show(Report("Logs, held against what was signed", COLUMNS, rows), output=output, to=to)


def _verdict(one: "Verified") -> str:
    if one.findings:
        return "tampered"
    return "incomplete" if one.incomplete else "sound"
