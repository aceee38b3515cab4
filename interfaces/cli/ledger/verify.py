"""`defter ledger verify`: prove the books from the log."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from interfaces.cli.terminal.exits import Exit, Stopped
from interfaces.cli.terminal.options import DATA_FOLDER, DatabaseOption, DataOption, TenantOption
from interfaces.cli.terminal.output import Column, FileOption, Format, FormatOption, Report, show

if TYPE_CHECKING:
    from infrastructure.ledger_check.check import Checked

COMPARING_SECONDS_MAX = 600
COLUMNS = (
    Column("tenant"),
    Column("events", number=True),
    Column("entries", number=True),
    Column("accounts", number=True),
    Column("wallets", number=True),
    Column("snapshots", number=True),
    Column("compared"),
    Column("found"),
)


def verify(
    *,
    tenant: TenantOption = None,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """Prove the books from the log, on the server: every rule, every balance, in order.

    Exit code 4 names the first event that can not be; 3 tells what was derived wrongly from it.

    Example: `defter ledger verify --tenant demo`
    """
    from interfaces.cli.operations.access import database_of  # noqa: PLC0415 - `--help` stays quick

    checked = asyncio.run(_check(database_of(database_url, data), tenant))
    _show(checked, output=output, to=to)
    damaged = [one for one in checked if one.damage is not None]
    if damaged:
        raise Stopped(
            f"the log of tenant {damaged[0].tenant_id} is damaged at {damaged[0].damage}",
            code=Exit.TAMPERING,
            then="keep the database as it is, and compare with a backup or a standby",
        )
    if any(one.differences for one in checked):
        raise Stopped(
            "the log is sound, but what is derived from it differs",
            code=Exit.DIFFERENCES,
            then="`defter audit replay` names each row",
        )


async def _check(database_url: str, tenant: str | None) -> "list[Checked]":
    from rich.console import Console  # noqa: PLC0415 - as above
    from rich.progress import Progress  # noqa: PLC0415 - as above

    from infrastructure.ledger_check.check import check_tenant, tenants  # noqa: PLC0415 - as above
    from infrastructure.onboarding import tenant_id_of  # noqa: PLC0415 - as above
    from infrastructure.postgres.connections import connect  # noqa: PLC0415 - as above

    connection = await connect(database_url, statement_seconds=COMPARING_SECONDS_MAX)
    async with connection:
        ends = await tenants(connection)
        wanted: Sequence[UUID] = [*ends] if tenant is None else [tenant_id_of(tenant)]
        if not ends.keys() >= set(wanted):
            raise Stopped(f"there is no tenant {tenant!r}", code=Exit.USAGE)
        with Progress(console=Console(stderr=True), transient=True) as progress:
            bar = progress.add_task("events", total=sum(ends[one] for one in wanted))
            done = 0
            checked: list[Checked] = []
            for one in wanted:

                def told(position: int, _end: int, before: int = done) -> None:
                    progress.update(bar, completed=before + position)

                checked.append(await check_tenant(connection, one, told=told))
                done += ends[one]
    return checked


def _show(checked: "Sequence[Checked]", *, output: Format, to: FileOption) -> None:
    rows = [
        {
            "tenant": str(one.tenant_id),
            "events": one.events,
            "entries": one.entries,
            "accounts": one.accounts,
            "wallets": one.wallets,
            "snapshots": one.snapshots,
            "compared": ", ".join(one.compared),
            "found": _found(one),
        }
        for one in checked
    ]
    show(Report("Books, proven from the log", COLUMNS, rows), output=output, to=to)


def _found(one: "Checked") -> str:
    if one.damage is not None:
        return f"damaged: {one.damage}"
    return "\n".join(map(str, one.differences)) or "sound"
