"""`defter staff`: who works for the caller's tenant, over REST but for `add`."""

from typing import Annotated

import typer

from interfaces.cli.remote.dry_run import send
from interfaces.cli.terminal.options import ApplyOption, ProfileOption
from interfaces.cli.terminal.output import Column, FileOption, Format, FormatOption, Report, show

PATH = "/api/admin/staff"
COLUMNS = ("staff_id", "name", "email", "roles", "account", "verified", "suspended", "added_at")

StaffArgument = Annotated[str, typer.Argument(help="The staff member's id, stf_…")]
RolesOption = Annotated[
    list[str], typer.Option("--role", help="See `defter roles list`. Repeatable.")
]


def list_staff(
    *,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List who works for the tenant; without an account they only have keys.

    Example: `defter staff list`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    rows = [
        {**row, "roles": " ".join(row["roles"])}
        for page in connect(profile).pages(PATH)
        for row in page.body["items"]
    ]
    show(Report("Staff", tuple(map(Column, COLUMNS)), rows), output=output, to=to)


def invite(
    name: Annotated[str, typer.Argument(help="The person's name; it is kept encrypted.")],
    email: Annotated[str, typer.Argument(help="How they log in; it is kept encrypted.")],
    *,
    role: RolesOption,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
) -> None:
    """Add a staff member, who may log in. Without --apply nothing is written.

    Example: `defter staff invite "Umut Ak" umut@example.com --role auditor --apply`
    """
    body = {"name": name, "email": email, "roles": role}
    told = f"{name} would log in as {email} with {', '.join(role)}"
    made = send("POST", PATH, body, told=told, apply=apply, profile=profile)
    if made is not None:
        typer.echo(f"staff {made['staff_id']}")


def assign_roles(
    staff_id: StaffArgument,
    *,
    role: RolesOption,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
) -> None:
    """Give a staff member these roles and no others. Without --apply nothing is written.

    Example: `defter staff roles stf_01k3xq8m5w --role finance --role auditor --apply`
    """
    told = f"{staff_id} would have {', '.join(role)} and no other role"
    path = f"{PATH}/{staff_id}/roles"
    if send("PUT", path, {"roles": role}, told=told, apply=apply, profile=profile):
        typer.echo(f"{staff_id} has {', '.join(role)} from the next request on")


def suspend(
    staff_id: StaffArgument,
    *,
    reason: Annotated[str, typer.Option(help="Why; it is kept encrypted.")],
    apply: ApplyOption = False,
    profile: ProfileOption = None,
) -> None:
    """Let a staff member neither log in nor use their keys. Without --apply nothing is written.

    Example: `defter staff suspend stf_01k3xq8m5w --reason "left us" --apply`
    """
    told = f"{staff_id} could neither log in nor use their keys"
    path = f"{PATH}/{staff_id}/suspension"
    if send("POST", path, {"reason": reason}, told=told, apply=apply, profile=profile):
        typer.echo(f"{staff_id} is suspended")


def reactivate(
    staff_id: StaffArgument, *, apply: ApplyOption = False, profile: ProfileOption = None
) -> None:
    """Let a suspended staff member back. Without --apply nothing is written.

    Example: `defter staff reactivate stf_01k3xq8m5w --apply`
    """
    told = f"{staff_id} could log in and use their keys again"
    path = f"{PATH}/{staff_id}/reactivation"
    if send("POST", path, {}, told=told, apply=apply, profile=profile):
        typer.echo(f"{staff_id} is back")
