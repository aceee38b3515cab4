"""`defter tenants list | suspend | reactivate`: all tenants, with a platform admin's key."""

from typing import Annotated

import typer

from interfaces.cli.remote.dry_run import send
from interfaces.cli.terminal.exits import Exit, Stopped
from interfaces.cli.terminal.options import ApplyOption, ProfileOption
from interfaces.cli.terminal.output import Column, FileOption, Format, FormatOption, Report, show

PATH = "/api/platform/tenants"
COLUMNS = tuple(map(Column, ("slug", "name", "test", "suspended", "created_at", "tenant_id")))

SlugArgument = Annotated[str, typer.Argument(help="The tenant's slug, such as kitap-evi.")]


def list_tenants(
    *,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List all tenants, and which are suspended.

    Example: `defter tenants list --profile platform`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    rows = [row for page in connect(profile).pages(PATH) for row in page.body["items"]]
    show(Report("Tenants", COLUMNS, rows), output=output, to=to)


def suspend(
    slug: SlugArgument,
    *,
    reason: Annotated[str, typer.Option(help="Why; it is kept encrypted.")],
    apply: ApplyOption = False,
    profile: ProfileOption = None,
) -> None:
    """Let nobody use a tenant; its timers and processes go on. Without --apply only told.

    Example: `defter tenants suspend kitap-evi --reason "unpaid" --profile platform --apply`
    """
    path = f"{PATH}/{_id_of(slug, profile)}/suspension"
    told = f"every request of {slug} would be refused"
    if send("POST", path, {"reason": reason}, told=told, apply=apply, profile=profile):
        typer.echo(f"{slug} is suspended")


def reactivate(
    slug: SlugArgument, *, apply: ApplyOption = False, profile: ProfileOption = None
) -> None:
    """Let a suspended tenant be used again. Without --apply only told.

    Example: `defter tenants reactivate kitap-evi --profile platform --apply`
    """
    path = f"{PATH}/{_id_of(slug, profile)}/reactivation"
    told = f"{slug} could be used again"
    if send("POST", path, {}, told=told, apply=apply, profile=profile):
        typer.echo(f"{slug} can be used again")


def _id_of(slug: str, profile: str | None) -> str:
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - as above

    for page in connect(profile).pages(PATH):
        for row in page.body["items"]:
            if slug in {row["slug"], row["tenant_id"]}:
                return row["tenant_id"]
    raise Stopped(f"there is no tenant {slug!r}", code=Exit.USAGE, then="see `defter tenants list`")
