"""`defter stock`: what stands where, what runs out, what moved, what is kept."""

from typing import Annotated, Any

import typer

from interfaces.cli.terminal.options import ProfileOption
from interfaces.cli.terminal.output import Column, FileOption, Format, FormatOption, Report, show

PATH = "/api/admin/stock"
UNITS = frozenset(
    {
        "on_hand",
        "reserved",
        "safety",
        "available",
        "sold_28_days",
        "quantity",
        "issued",
        "kept",
        "counted",
        "expected",
        "difference",
        "differing",
    }
)

VariantOption = Annotated[
    str | None, typer.Option("--variant", help="Only this variant, var_…", metavar="ID")
]
LocationOption = Annotated[
    str | None, typer.Option("--location", help="Only this location: main, or loc_…", metavar="ID")
]


def list_stock(  # noqa: PLR0913 - the filters of a list
    *,
    variant: VariantOption = None,
    location: LocationOption = None,
    level: Annotated[
        str | None, typer.Option(help="Only what is in, low or out.", metavar="LEVEL")
    ] = None,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List what stands where: on hand, reserved, safety stock, and what can be sold.

    Example: `defter stock list --level low -o csv --to low.csv`
    """
    rows = _rows(profile, PATH, variant_id=variant, location_id=location, level=level)
    names = ("sku", "variant_id", "location_id", "on_hand", "reserved", "safety", "available")
    show(Report("Stock", columns_of(*names, "level"), rows), output=output, to=to)


def list_alerts(
    *, profile: ProfileOption = None, output: FormatOption = Format.TABLE, to: FileOption = None
) -> None:
    """List what is low or out, since when, and how many days it lasts as it sold lately.

    Example: `defter stock alerts`
    """
    rows = _rows(profile, f"{PATH}/alerts")
    names = ("sku", "variant_id", "location_id", "level", "available", "crossed_at")
    columns = columns_of(*names, "sold_28_days", "days_of_cover")
    show(Report("Stock alerts", columns, rows), output=output, to=to)


def list_movements(
    *,
    variant: VariantOption = None,
    location: LocationOption = None,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List what moved and why, newest first.

    Example: `defter stock movements --variant var_01k3xq8m5w -o jsonl`
    """
    rows = _rows(profile, f"{PATH}/movements", variant_id=variant, location_id=location)
    names = ("moved_at", "variant_id", "location_id", "quantity", "reason", "reference")
    show(Report("Movements", columns_of(*names, "movement_id"), rows), output=output, to=to)


def list_reservations(
    *,
    status: Annotated[
        str | None,
        typer.Option(help="Only open, issued, released or expired ones.", metavar="STATUS"),
    ] = None,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List reservations, one row for each of their lines.

    Example: `defter stock reservations --status open`
    """
    rows = [
        {**one, **line}
        for one in _rows(profile, f"{PATH}/reservations", status=status)
        for line in one["lines"]
    ]
    names = ("reservation_id", "reference", "status", "expires_at", "variant_id", "location_id")
    columns = columns_of(*names, "quantity", "issued", "kept")
    show(Report("Reservations", columns, rows), output=output, to=to)


def list_locations(
    *, profile: ProfileOption = None, output: FormatOption = Format.TABLE, to: FileOption = None
) -> None:
    """List locations, in the order in which they are asked for stock; closed ones come last.

    Example: `defter stock locations`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    rows = connect(profile).get(f"{PATH}/locations").body["items"]
    columns = columns_of("location_id", "name", "closed_at", "closed_reason")
    show(Report("Locations", columns, rows), output=output, to=to)


def _rows(profile: str | None, path: str, **query: object) -> list[dict[str, Any]]:
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    pages = connect(profile).pages(path, **query)
    return [row for page in pages for row in page.body["items"]]


def columns_of(*names: str) -> tuple[Column, ...]:
    """Give columns; those that count units are numbers."""
    return tuple(Column(name, number=name in UNITS) for name in names)
