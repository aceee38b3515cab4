"""`defter keys`: the API keys of a tenant. A secret is shown once, and only its hash is kept."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from interfaces.cli.operations.access import database_of
from interfaces.cli.tenants.creating import ScopesOption, SlugArgument, send_to_platform
from interfaces.cli.terminal.exits import Exit, Stopped
from interfaces.cli.terminal.options import DATA_FOLDER, DatabaseOption, DataOption
from interfaces.cli.terminal.output import Column, FileOption, Format, FormatOption, Report, show

if TYPE_CHECKING:
    from domain.tenants.tenant import Tenant

KEYS_MAX = 10_000
EVENTS_MAX = 100_000
"""Of one tenant's stream: every person and key it ever had."""

OVERLAP_HOURS = 24

KeyArgument = Annotated[str, typer.Argument(help="The key's id, key_…")]


def issue(  # noqa: PLR0913 - the fields of a key
    slug: SlugArgument,
    *,
    staff: Annotated[
        str | None, typer.Option(help="Whom the key acts as, stf_…; none for a publishable key.")
    ] = None,
    scope: ScopesOption = [],  # noqa: B006 - Typer copies it
    network: Annotated[
        list[str], typer.Option("--network", help="CIDR it works from. Repeatable.")
    ] = [],  # noqa: B006 - as above
    publishable: Annotated[
        bool, typer.Option("--publishable", help="It only names the tenant.")
    ] = False,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
) -> None:
    """Issue a key.

    Example: `defter keys issue kitap-evi --staff stf_01k3xq8m5w --scope wallet.read`
    """
    if publishable == bool(staff):
        raise Stopped("name --staff, or ask for --publishable", code=Exit.USAGE)
    check_scopes(scope)
    issue_for(
        slug,
        staff_id=staff,
        scopes=scope,
        networks=network,
        database_url=database_url,
        data=data,
    )


def issue_for(  # noqa: PLR0913 - the fields of a key
    slug: str,
    *,
    staff_id: str | None,
    scopes: Sequence[str],
    networks: Sequence[str] = (),
    database_url: str | None,
    data: Path,
) -> None:
    """Make a key, record its hash, and show it."""
    from application.tenants.keys import IssueKey  # noqa: PLC0415 - `--help` stays quick
    from domain.tenants.tenant import KeyKind  # noqa: PLC0415 - as above
    from infrastructure.onboarding import tenant_id_of  # noqa: PLC0415 - as above
    from infrastructure.tenants.api_keys import new_key  # noqa: PLC0415 - as above

    kind = KeyKind.SECRET if staff_id else KeyKind.PUBLISHABLE
    made = new_key(kind, test=_tenant(slug, database_url, data).test)
    command = IssueKey(
        str(tenant_id_of(slug)),
        kind,
        made.key_hash,
        made.hint,
        staff_id,
        tuple(scopes),
        tuple(map(_network, networks)),
    )
    key_id = send_to_platform(command, database_url, data)["key_id"]
    _show_once(key_id, made.secret)


def rotate(
    slug: SlugArgument,
    key_id: KeyArgument,
    *,
    overlap_hours: Annotated[
        int, typer.Option(min=0, help="How long the old key works on.")
    ] = OVERLAP_HOURS,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
) -> None:
    """Issue a successor with the same rights; the old key works a little longer.

    Example: `defter keys rotate kitap-evi key_01k3xq8m5w --overlap-hours 2`
    """
    from application.tenants.keys import RotateKey  # noqa: PLC0415 - `--help` stays quick
    from infrastructure.onboarding import tenant_id_of  # noqa: PLC0415 - as above
    from infrastructure.tenants.api_keys import new_key  # noqa: PLC0415 - as above

    tenant = _tenant(slug, database_url, data)
    old = tenant.keys.get(key_id)
    if old is None:
        raise Stopped(f"{slug} has no key {key_id}", code=Exit.USAGE, then="see `defter keys list`")
    made = new_key(old.kind, test=tenant.test)
    command = RotateKey(
        str(tenant_id_of(slug)), key_id, made.key_hash, made.hint, overlap_hours=overlap_hours
    )
    _show_once(send_to_platform(command, database_url, data)["key_id"], made.secret)


def revoke(
    slug: SlugArgument,
    key_id: KeyArgument,
    *,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
) -> None:
    """End a key at once.

    Example: `defter keys revoke kitap-evi key_01k3xq8m5w`
    """
    from application.tenants.keys import RevokeKey  # noqa: PLC0415 - `--help` stays quick
    from infrastructure.onboarding import tenant_id_of  # noqa: PLC0415 - as above

    send_to_platform(RevokeKey(str(tenant_id_of(slug)), key_id), database_url, data)
    typer.echo(f"{key_id} works no more")


def list_keys(
    slug: SlugArgument,
    *,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List a tenant's keys, never their secrets.

    Example: `defter keys list kitap-evi`
    """
    names = ("key_id", "kind", "hint", "staff_id", "scopes", "networks")
    columns = tuple(Column(name) for name in (*names, "created_at", "expires_at", "revoked_at"))
    rows = [
        {**row, "scopes": " ".join(row["scopes"]), "networks": " ".join(row["networks"])}
        for row in _rows(slug, database_url, data)
    ]
    show(Report(f"Keys of {slug}", columns, rows), output=output, to=to)


def check_scopes(scopes: Sequence[str]) -> None:
    """Refuse a scope that is none, before anything is written."""
    from application.permissions import EVERYTHING, Permission  # noqa: PLC0415 - as above

    unknown = [scope for scope in scopes if scope != EVERYTHING and scope not in set(Permission)]
    if unknown:
        raise Stopped(
            f"there is no permission {unknown[0]!r}",
            code=Exit.USAGE,
            then=f"it is one of {EVERYTHING} {' '.join(Permission)}",
        )


def _show_once(key_id: str, secret: str) -> None:
    typer.echo(f"key {key_id}")
    typer.echo(secret)
    typer.echo("keep it now: it is not shown again", err=True)


def _network(text: str) -> str:
    from ipaddress import ip_network  # noqa: PLC0415 - as above

    try:
        return str(ip_network(text))
    except ValueError as wrong:
        raise Stopped(f"{text!r} is no network", code=Exit.USAGE, then="203.0.113.0/24") from wrong


def _tenant(slug: str, database_url: str | None, data: Path) -> "Tenant":
    """Fold the tenant from the log itself, which is never behind."""
    from domain.kernel.events import stream_of  # noqa: PLC0415 - as above
    from domain.tenants.tenant import Tenant  # noqa: PLC0415 - as above
    from infrastructure.event_log.codec import decode  # noqa: PLC0415 - as above
    from infrastructure.event_log.reader import read_feed  # noqa: PLC0415 - as above

    async def fold(connection: Any, log: UUID, tenant_id: UUID) -> Tenant | None:  # noqa: ANN401 - psycopg's
        stream = stream_of(Tenant.CATEGORY, str(tenant_id))
        rows = await read_feed(connection, log, after=0, limit=EVENTS_MAX, stream=stream)
        tenant: Tenant | None = None
        for row in rows:
            event: Any = decode(row.type, row.schema, row.data)
            tenant = Tenant.evolve(tenant, event)
        return tenant

    found: Tenant | None = _look(fold, slug, database_url, data)
    if found is None:
        raise Stopped(f"there is no tenant {slug!r}", code=Exit.USAGE)
    return found


def _rows(slug: str, database_url: str | None, data: Path) -> list[dict[str, Any]]:
    from projections.tenants import directory  # noqa: PLC0415 - as above

    async def keys(*of: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - connection, log, tenant
        return await directory.keys(*of, limit=KEYS_MAX)

    return _look(keys, slug, database_url, data)


def _look(ask: Any, slug: str, database_url: str | None, data: Path) -> Any:  # noqa: ANN401 - a query of the directory
    from application.tenants.tenants import PLATFORM  # noqa: PLC0415 - as above
    from infrastructure.onboarding import tenant_id_of  # noqa: PLC0415 - as above
    from infrastructure.postgres.reads import Reads  # noqa: PLC0415 - as above

    async def look() -> Any:  # noqa: ANN401 - as above
        reads = Reads(database_of(database_url, data))
        await reads.open()
        try:
            async with reads.tenant(PLATFORM, projections=("tenant_directory",)) as view:
                return await ask(view.connection, PLATFORM, tenant_id_of(slug))
        finally:
            await reads.close()

    return asyncio.run(look())
