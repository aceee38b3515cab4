"""`defter tenants` and `defter staff`: who trades here, and who works for them."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import typer

from interfaces.cli.operations.access import settings_of, writer_of
from interfaces.cli.terminal.exits import Exit, Refused, Stopped
from interfaces.cli.terminal.options import DATA_FOLDER, DatabaseOption, DataOption

if TYPE_CHECKING:
    from infrastructure.settings import Settings

DIRECTORY_SECONDS_MAX = 5.0

SlugArgument = Annotated[str, typer.Argument(help="The tenant's slug, such as kitap-evi.")]
ScopesOption = Annotated[
    list[str], typer.Option("--scope", help="What the key may do; * for everything. Repeatable.")
]


def create(  # noqa: PLR0913 - the fields of a tenant
    slug: SlugArgument,
    *,
    name: Annotated[str, typer.Option(help="Its name.")],
    base_currency: Annotated[str, typer.Option(help="ISO 4217, such as TRY.")],
    time_zone: Annotated[str, typer.Option(help="IANA, such as Europe/Istanbul.")],
    mode: Annotated[
        str, typer.Option(help="closed_loop, or licensed (transfers; Turkish Law 6493).")
    ] = "closed_loop",
    test: Annotated[bool, typer.Option("--test", help="It holds no real money.")] = False,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
) -> None:
    """Create a tenant: its log, its books and its scheme. A second time changes nothing.

    Example: `defter tenants create kitap-evi --name "Kitap Evi" --base-currency TRY
    --time-zone Europe/Istanbul`
    """
    from domain.wallet.scheme import SchemeMode  # noqa: PLC0415 - `--help` stays quick
    from infrastructure.onboarding import (  # noqa: PLC0415 - as above
        CommandRefused,
        NewTenant,
        onboard,
    )

    if mode not in set(SchemeMode):
        raise Stopped(f"{mode!r} is no scheme", code=Exit.USAGE, then="closed_loop or licensed")
    new = NewTenant(slug, name, base_currency, time_zone, SchemeMode(mode), test)
    settings = settings_of(database_url, data)

    async def carry_out() -> UUID:
        async with writer_of(settings) as writer:
            return (await onboard(writer, new)).tenant_id

    try:
        tenant_id = asyncio.run(carry_out())
    except CommandRefused as refused:
        raise Refused(refused.code, refused.detail, status=0) from refused
    typer.echo(f"{slug} {tenant_id}")
    typer.echo(f"next: defter staff add {slug} NAME --scope '*'", err=True)


def add_domain(
    slug: SlugArgument,
    domain: Annotated[str, typer.Argument(help="A host name, such as shop.example.com.")],
    *,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
) -> None:
    """Vouch that a host name belongs to a tenant.

    Example: `defter tenants add-domain kitap-evi www.kitapevi.example`
    """
    from application.tenants.tenants import MapDomain  # noqa: PLC0415 - `--help` stays quick
    from infrastructure.onboarding import tenant_id_of  # noqa: PLC0415 - as above

    host = domain.lower().rstrip(".")
    send_to_platform(MapDomain(str(tenant_id_of(slug)), host), database_url, data)
    typer.echo(f"{host} leads to {slug}")


def add_staff(
    slug: SlugArgument,
    name: Annotated[str, typer.Argument(help="The person's name; it is kept encrypted.")],
    *,
    scope: ScopesOption,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
) -> None:
    """Add a person who works for a tenant, with a secret key that is shown once.

    Example: `defter staff add kitap-evi "Ayşe Demir" --scope ledger.read --scope wallet.read`
    """
    from application.tenants.tenants import AddStaff  # noqa: PLC0415 - `--help` stays quick
    from infrastructure.onboarding import tenant_id_of  # noqa: PLC0415 - as above
    from interfaces.cli.tenants.keys import check_scopes, issue_for  # noqa: PLC0415 - as above

    check_scopes(scope)
    command = AddStaff(str(tenant_id_of(slug)), name)
    staff_id = send_to_platform(command, database_url, data)["staff_id"]
    typer.echo(f"staff {staff_id}")
    issue_for(slug, staff_id=staff_id, scopes=scope, database_url=database_url, data=data)


def add_platform_admin(
    name: Annotated[str, typer.Argument(help="The person's name; it is kept encrypted.")],
    *,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
) -> None:
    """Add somebody who creates and suspends tenants, with a secret key that is shown once.

    Example: `defter platform-admin add "Ece Su"`
    """
    from application.tenants.tenants import PLATFORM_SLUG, AddStaff  # noqa: PLC0415 - as above
    from infrastructure.onboarding import (  # noqa: PLC0415 - `--help` stays quick
        PLATFORM_SCOPES,
        found_platform,
        tenant_id_of,
    )
    from interfaces.cli.tenants.keys import issue_for  # noqa: PLC0415 - as above

    settings = settings_of(database_url, data)

    async def found() -> None:
        async with writer_of(settings) as writer:
            await found_platform(writer)

    asyncio.run(found())
    command = AddStaff(str(tenant_id_of(PLATFORM_SLUG)), name)
    staff_id = send_to_platform(command, database_url, data)["staff_id"]
    typer.echo(f"staff {staff_id}")
    issue_for(
        PLATFORM_SLUG,
        staff_id=staff_id,
        scopes=PLATFORM_SCOPES,
        database_url=database_url,
        data=data,
    )


def send_to_platform(command: Any, database_url: str | None, data: DataOption) -> Any:  # noqa: ANN401 - JSON
    """Send an operator's command to the platform's log; gives its result once it is in effect."""
    from application.tenants.tenants import PLATFORM  # noqa: PLC0415 - `--help` stays quick
    from infrastructure.onboarding import CommandRefused, order  # noqa: PLC0415 - as above

    settings = settings_of(database_url, data)

    async def carry_out() -> Any:  # noqa: ANN401 - JSON
        async with writer_of(settings) as writer:
            body, position = await order(writer, PLATFORM, command, command_id=uuid4())
        await until_known(settings, position)
        return body

    try:
        return asyncio.run(carry_out())
    except CommandRefused as refused:
        raise Refused(refused.code, refused.detail, status=0) from refused


async def until_known(settings: "Settings", position: int) -> None:
    """Wait until keys and host names are found as the log has them, if a projector runs."""
    from application.tenants.tenants import PLATFORM  # noqa: PLC0415 - as above
    from infrastructure.postgres.reads import NotCaughtUp, Reads  # noqa: PLC0415 - as above

    reads = Reads(settings.database_url.get_secret_value())
    await reads.open()
    try:
        async with reads.tenant(
            PLATFORM,
            projections=("tenant_directory",),
            min_position=position,
            deadline_seconds=DIRECTORY_SECONDS_MAX,
        ):
            return
    except NotCaughtUp:
        typer.echo("written; it takes effect once `defter projector` has caught up", err=True)
    finally:
        await reads.close()
