"""`defter audit access`: who may look into the database itself, made and ended on the server."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote
from uuid import UUID, uuid4

import typer

from interfaces.cli.operations.access import database_of, settings_of, writer_of
from interfaces.cli.terminal.exits import Exit, Refused, Stopped
from interfaces.cli.terminal.options import (
    DATA_FOLDER,
    ApplyOption,
    DatabaseOption,
    DataOption,
    TenantOption,
)
from interfaces.cli.terminal.output import Column, FileOption, Format, FormatOption, Report, show

if TYPE_CHECKING:
    from infrastructure.audit.database_access import Access

COLUMNS = (
    *map(Column, ("tenant", "auditor", "role", "granted_at", "until")),
    Column("sessions", number=True),
)

SlugArgument = Annotated[str, typer.Argument(help="The tenant's slug, such as kitap-evi.")]
AuditorArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="A short plain word, such as kpmg; no person's name.")
]


def grant(  # noqa: PLR0913 - what is granted, and where
    slug: SlugArgument,
    auditor: AuditorArgument,
    *,
    until: Annotated[
        str | None,
        typer.Option(help="The last day of it (UTC); else it has no end.", metavar="DAY"),
    ] = None,
    apply: ApplyOption = False,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
) -> None:
    """Let an auditor read a tenant's log and read models by SQL, and change nothing.

    Makes a database role that is bound to the one tenant, and prints how to connect, once. That it
    was granted stands in the tenant's log. Run it as one who may make roles.

    Example: `defter audit access grant kitap-evi kpmg --until 2026-12-31 --apply`
    """
    end = None if until is None else _end_of(until)
    told = "until it is revoked" if end is None else f"until the end of {until} (UTC)"
    if not apply:
        typer.echo(f"{auditor} could look into {slug} {told}; add --apply to do it", err=True)
        return
    password, role = asyncio.run(_grant(slug, auditor, end, database_url, data))
    typer.echo(_address(database_of(database_url, data), role, password))
    typer.echo(
        f"{auditor} may look into {slug} {told}; the address above is shown this once."
        f" `defter audit access revoke {slug} {auditor} --apply` ends it",
        err=True,
    )


def revoke(
    slug: SlugArgument,
    auditor: AuditorArgument,
    *,
    apply: ApplyOption = False,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
) -> None:
    """End an auditor's access, with every session that is open. It may be run again.

    Example: `defter audit access revoke kitap-evi kpmg --apply`
    """
    if not apply:
        typer.echo(f"{auditor} would not see {slug} any more; add --apply to do it", err=True)
        return
    sessions = asyncio.run(_revoke(slug, auditor, database_url, data))
    typer.echo(f"{auditor} does not see {slug} any more; {sessions} open sessions were ended")


def list_access(
    *,
    tenant: TenantOption = None,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List who may look into the database, until when, and how many sessions are open.

    Who could before stands in each tenant's log: `defter audit log --command audit.grant_access`.
    Example: `defter audit access list --tenant kitap-evi`
    """
    from infrastructure.onboarding import tenant_id_of  # noqa: PLC0415 - `--help` stays quick

    found = asyncio.run(_accesses(database_of(database_url, data)))
    wanted = None if tenant is None else tenant_id_of(tenant)
    rows: list[dict[str, Any]] = [
        {**one._asdict(), "tenant": str(one.tenant_id)}
        for one in found
        if wanted in {None, one.tenant_id}
    ]
    show(Report("Who may look into the database", COLUMNS, rows), output=output, to=to)


async def _grant(
    slug: str, auditor: str, until: datetime | None, database_url: str | None, data: Path
) -> tuple[str, str]:
    from psycopg import AsyncConnection  # noqa: PLC0415 - `--help` stays quick
    from psycopg.errors import InsufficientPrivilege  # noqa: PLC0415 - as above

    from application.audit.access import GrantAccess  # noqa: PLC0415 - as above
    from domain.audit.access import AccessExists  # noqa: PLC0415 - as above
    from infrastructure.audit.database_access import (  # noqa: PLC0415 - as above
        AccessTooWide,
        RoleExists,
        make_role,
        role_of,
    )

    tenant_id = await _tenant(slug, database_url, data)
    role = role_of(tenant_id, auditor)
    async with await AsyncConnection.connect(database_of(database_url, data)) as connection:
        try:
            # The log's rules are asked before the role is there for anybody to use.
            password = await make_role(connection, tenant_id, auditor, until)
        except InsufficientPrivilege as refused:
            raise Stopped(
                f"this login may not make roles: {refused}",
                code=Exit.FAILED,
                then="name the owner's database with --database-url",
            ) from refused
        except RoleExists as exists:
            raise Refused(
                AccessExists.code,
                str(exists),
                status=0,
                then=f"`defter audit access revoke {slug} {auditor} --apply` takes it away",
            ) from exists
        except AccessTooWide as wide:
            raise Stopped(
                f"the role would not only read: {wide}",
                code=Exit.FAILED,
                then="take that away from PUBLIC in the database, then grant again",
            ) from wide
        await _note(GrantAccess(auditor, role, until), tenant_id, database_url, data)
    return password, role


async def _revoke(slug: str, auditor: str, database_url: str | None, data: Path) -> int:
    from psycopg import AsyncConnection  # noqa: PLC0415 - as above

    from application.audit.access import RevokeAccess  # noqa: PLC0415 - as above
    from infrastructure.audit.database_access import end_role  # noqa: PLC0415 - as above

    tenant_id = await _tenant(slug, database_url, data)
    await _note(RevokeAccess(auditor), tenant_id, database_url, data)
    url = database_of(database_url, data)
    async with await AsyncConnection.connect(url, autocommit=True) as connection:
        return await end_role(connection, tenant_id, auditor)


async def _accesses(url: str) -> "Sequence[Access]":
    from psycopg import AsyncConnection  # noqa: PLC0415 - as above

    from infrastructure.audit.database_access import accesses  # noqa: PLC0415 - as above

    async with await AsyncConnection.connect(url) as connection:
        return await accesses(connection)


async def _tenant(slug: str, database_url: str | None, data: Path) -> UUID:
    from infrastructure.ledger_check.check import tenants  # noqa: PLC0415 - as above
    from infrastructure.onboarding import tenant_id_of  # noqa: PLC0415 - as above
    from infrastructure.postgres.connections import connect  # noqa: PLC0415 - as above

    tenant_id = tenant_id_of(slug)
    async with await connect(database_of(database_url, data)) as connection:
        if tenant_id not in await tenants(connection):
            raise Stopped(f"there is no tenant {slug!r}", code=Exit.USAGE)
    return tenant_id


async def _note(command: Any, tenant_id: UUID, database_url: str | None, data: Path) -> None:  # noqa: ANN401 - either
    from infrastructure.onboarding import CommandRefused, order  # noqa: PLC0415 - as above

    async with writer_of(settings_of(database_url, data)) as writer:
        try:
            await order(writer, tenant_id, command, command_id=uuid4())
        except CommandRefused as refused:
            raise Refused(refused.code, refused.detail, status=0) from refused


def _end_of(day: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC) + timedelta(1)
    except (ValueError, OverflowError) as wrong:
        then = "a day is written as 2026-12-31"
        raise Stopped(f"{day!r} is no day", code=Exit.USAGE, then=then) from wrong


def _address(database_url: str, role: str, password: str) -> str:
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415 - as above

    parts = conninfo_to_dict(database_url)
    host, port = str(parts.get("host") or "localhost"), parts.get("port") or 5432
    if host.startswith("/"):
        host = quote(host, safe="")
    told = f"postgresql://{role}:{password}@{host}:{port}/{quote(str(parts.get('dbname') or role))}"
    return f"{told}?sslmode={parts['sslmode']}" if "sslmode" in parts else told
