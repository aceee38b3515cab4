"""`defter stock take`: count what is there, let the books follow."""

import csv
from pathlib import Path
from typing import Annotated, Any

import typer

from interfaces.cli.remote.dry_run import send
from interfaces.cli.stock.looking import columns_of
from interfaces.cli.stock.moving import AtOption
from interfaces.cli.terminal.exits import Exit, Stopped
from interfaces.cli.terminal.options import ApplyOption, ProfileOption
from interfaces.cli.terminal.output import (
    FileOption,
    Format,
    FormatOption,
    Report,
    show,
    show_object,
)

PATH = "/api/admin/stock/takes"
COUNTS_AT_ONCE = 500

TakeArgument = Annotated[str, typer.Argument(help="The stock-take's id, stk_…")]


def start(
    *,
    location: AtOption = "main",
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Begin to count a location. Without --apply nothing is written.

    Example: `defter stock take start --apply`
    """
    told = f"a stock-take of {location} would begin"
    body = {"location_id": location}
    made = send("POST", PATH, body, told=told, apply=apply, profile=profile)
    if made is not None:
        show_object("Stock-take", made, output=output)


def count(  # noqa: PLR0913 - where counts come from
    take: TakeArgument,
    counts: Annotated[
        list[str] | None, typer.Argument(help="var_…=12, as many as you like.")
    ] = None,
    *,
    file: Annotated[
        Path | None,
        typer.Option("--csv", help="A file with the columns variant_id and quantity."),
    ] = None,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Note what was counted; a variant that is counted again has the last count.

    Example: `defter stock take count stk_01k3xq8m5w --csv counted.csv --apply`
    """
    counted = [_counted(*text.partition("=")[::2]) for text in counts or ()]
    if file is not None:
        counted += _read(file)
    if not counted:
        raise Stopped("there is nothing to count", code=Exit.USAGE, then="var_…=12, or --csv FILE")
    made: dict[str, Any] | None = None
    for first in range(0, len(counted), COUNTS_AT_ONCE):
        part = counted[first : first + COUNTS_AT_ONCE]
        told = f"{len(part)} counts would be noted"
        path = f"{PATH}/{take}/counts"
        made = send("POST", path, {"counts": part}, told=told, apply=apply, profile=profile)
    if made is not None:
        show_object("Counted", made, output=output)


def close(
    take: TakeArgument,
    *,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Let the differences become movements; what moved since is taken into account.

    Without --apply they are only shown.

    Example: `defter stock take close stk_01k3xq8m5w --apply`
    """
    told = "the differences would become movements; `defter stock take show` lists them"
    made = send("POST", f"{PATH}/{take}/close", {}, told=told, apply=apply, profile=profile)
    if made is not None:
        show_object("Closed", made, output=output)


def cancel(
    take: TakeArgument,
    *,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Throw away what was counted. Without --apply nothing is written.

    Example: `defter stock take cancel stk_01k3xq8m5w --apply`
    """
    told = "what was counted would be thrown away"
    made = send("POST", f"{PATH}/{take}/cancel", {}, told=told, apply=apply, profile=profile)
    if made is not None:
        show_object("Cancelled", made, output=output)


def list_takes(
    *, profile: ProfileOption = None, output: FormatOption = Format.TABLE, to: FileOption = None
) -> None:
    """List stock-takes.

    Example: `defter stock take list`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    rows = [row for page in connect(profile).pages(PATH) for row in page.body["items"]]
    names = ("stock_take_id", "location_id", "status", "started_at", "ended_at", "differing")
    show(Report("Stock-takes", columns_of(*names), rows), output=output, to=to)


def show_take(
    take: TakeArgument,
    *,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """Show what a stock-take counted, and by how much the books differed at that moment.

    Example: `defter stock take show stk_01k3xq8m5w -o csv`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    body = connect(profile).get(f"{PATH}/{take}").body
    names = ("variant_id", "counted", "expected", "difference", "counted_at")
    title = f"Stock-take {take} of {body['location_id']}, {body['status']}"
    show(Report(title, columns_of(*names), body["counts"]), output=output, to=to)


def _read(file: Path) -> list[dict[str, object]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return [_counted(row["variant_id"], row["quantity"]) for row in csv.DictReader(lines)]
    except (OSError, KeyError, UnicodeDecodeError) as wrong:
        then = "it has a first line with variant_id and quantity"
        raise Stopped(f"{file} can not be read", code=Exit.USAGE, then=then) from wrong


def _counted(variant: str, quantity: str) -> dict[str, object]:
    if not quantity.isdecimal():
        wrong = f"{variant!r} has no whole number"
        raise Stopped(wrong, code=Exit.USAGE, then="write var_01k3xq8m5w=12")
    return {"variant_id": variant, "quantity": int(quantity)}
