"""`defter roles`: what staff of the caller's tenant may do."""

from typing import Annotated

import typer

from interfaces.cli.remote.dry_run import send
from interfaces.cli.terminal.options import ApplyOption, ProfileOption
from interfaces.cli.terminal.output import Column, FileOption, Format, FormatOption, Report, show

PATH = "/api/admin/roles"

RoleArgument = Annotated[str, typer.Argument(help="The role's name, such as wallet_desk.")]


def list_roles(
    *,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List roles: the built-in ones, which stay as they are, and the tenant's own.

    Example: `defter roles list`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    rows = [
        {**row, "permissions": " ".join(row["permissions"])}
        for row in connect(profile).get(PATH).body["items"]
    ]
    columns = tuple(map(Column, ("role", "title", "built_in", "permissions")))
    show(Report("Roles", columns, rows), output=output, to=to)


def permissions(
    *,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List permissions, and what each allows.

    Example: `defter roles permissions`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    rows = connect(profile).get("/api/admin/permissions").body["items"]
    columns = (Column("permission"), Column("allows"))
    show(Report("Permissions", columns, rows), output=output, to=to)


def define(
    role: RoleArgument,
    *,
    title: Annotated[str, typer.Option(help="What people call it.")],
    permission: Annotated[
        list[str], typer.Option("--permission", help="What it allows. Repeatable.")
    ],
    apply: ApplyOption = False,
    profile: ProfileOption = None,
) -> None:
    """Define a role, or say anew what it may. Without --apply nothing is written.

    Example: `defter roles define wallet_desk --title "Desk" --permission wallet.read --apply`
    """
    told = f"{role} would allow {', '.join(permission)} and nothing else"
    body = {"title": title, "permissions": permission}
    if send("PUT", f"{PATH}/{role}", body, told=told, apply=apply, profile=profile):
        typer.echo(f"{role} is defined")


def remove(
    role: RoleArgument, *, apply: ApplyOption = False, profile: ProfileOption = None
) -> None:
    """Remove a role; whoever has it may no longer do what it allowed. Without --apply only told.

    Example: `defter roles remove wallet_desk --apply`
    """
    told = f"whoever has {role} would lose what it allows"
    if send("DELETE", f"{PATH}/{role}", {}, told=told, apply=apply, profile=profile):
        typer.echo(f"{role} is no more")
