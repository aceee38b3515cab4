"""`defter stock`: open, close and reopen locations."""

from typing import Annotated, Any

import typer

from interfaces.cli.remote.dry_run import send
from interfaces.cli.stock.looking import PATH
from interfaces.cli.terminal.options import ApplyOption, ProfileOption
from interfaces.cli.terminal.output import Format, FormatOption, show_object

LocationArgument = Annotated[str, typer.Argument(help="The location's id, loc_…")]


def open_location(
    name: Annotated[str, typer.Argument(help="What it is called.")],
    *,
    location_id: Annotated[
        str | None, typer.Option("--id", help="An id of yours, loc_…; else one is made.")
    ] = None,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Open a location, which is asked last for stock. Without --apply nothing is written.

    Example: `defter stock open-location "Corner shop" --id loc_corner --apply`
    """
    body: dict[str, Any] = {"name": name}
    if location_id is not None:
        body["location_id"] = location_id
    told = f"a location {name!r} would be opened"
    made = send("POST", f"{PATH}/locations", body, told=told, apply=apply, profile=profile)
    if made is not None:
        show_object("Location", made, output=output)


def close_location(
    location_id: LocationArgument,
    *,
    reason: Annotated[str | None, typer.Option(help="Why, for colleagues.")] = None,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Close a location at which nothing is any more. Without --apply nothing is written.

    Example: `defter stock close-location loc_corner --reason "The season is over" --apply`

    It is refused while stock is there, is reserved there, may be backordered from there, or is
    being counted: `defter stock list --location loc_corner` shows what. A closed location stays in
    the list, and is opened again with `reopen-location`; the main location is never closed.
    """
    body = {} if reason is None else {"reason": reason}
    path, told = f"{PATH}/locations/{location_id}/close", f"{location_id} would be closed"
    made = send("POST", path, body, told=told, apply=apply, profile=profile)
    if made is not None:
        show_object("Location", made, output=output)


def reopen_location(
    location_id: LocationArgument,
    *,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Let stock be at a closed location again, which is asked last. Without --apply it is not.

    Example: `defter stock reopen-location loc_corner --apply`
    """
    path, told = f"{PATH}/locations/{location_id}/reopen", f"{location_id} would be opened again"
    made = send("POST", path, {}, told=told, apply=apply, profile=profile)
    if made is not None:
        show_object("Location", made, output=output)
