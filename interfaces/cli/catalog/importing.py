"""`defter catalog`: import a file of products, and export one."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.catalog.imports.imports import Mode
from interfaces.cli.terminal.exits import Exit, Stopped
from interfaces.cli.terminal.options import ApplyOption, ProfileOption
from interfaces.cli.terminal.output import (
    Column,
    Format,
    FormatOption,
    Report,
    show,
    show_object,
)

if TYPE_CHECKING:
    from interfaces.cli.remote.client import Client

IMPORTS = "/api/admin/imports"
LOOK_SECONDS = 0.5
UNDER_WAY = frozenset({"waiting", "running"})
OUTCOMES = ("created", "updated", "unchanged", "refused")


def import_file(  # noqa: PLR0913 - the options of a command
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV or XLSX.")
    ],
    *,
    apply: ApplyOption = False,
    mode: Annotated[
        Mode, typer.Option(help="May rows create products, update them, or both.")
    ] = Mode.UPSERT,
    create_missing: Annotated[
        bool,
        typer.Option("--create-missing", help="Create categories and brands that are not there."),
    ] = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Import products, one variant a row. Without --apply it is a dry run: nothing is written.

    Columns are named in English or Turkish: sku, name_tr, category, brand, price, stock, images …
    docs/catalog.md tells all of them. Rows that are refused are listed with their reasons, and the
    others are carried out; then the exit code is 3.

    Example: `defter catalog import products.xlsx --create-missing --apply`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    client = connect(profile)
    given = client.upload(
        IMPORTS,
        file.read_bytes(),
        mode=mode.value,
        dry_run=str(not apply).lower(),
        create_missing=str(create_missing).lower(),
    )
    stands = _follow(client, f"{IMPORTS}/{given.body['import_id']}")
    if stands["state"] != "done":
        raise Stopped(
            f"{stands['detail'] or 'the import was called off'} ({stands['code']})",
            code=Exit.REFUSED,
            then=f"{stands['done']} rows were carried out",
        )
    counts = ", ".join(f"{stands[name]:,} {name}" for name in OUTCOMES)
    typer.echo(counts if apply else f"{counts}; nothing was written, add --apply", err=True)
    pages = client.pages(f"{IMPORTS}/{stands['import_id']}/rows", status="refused")
    rows = [row for page in pages for row in page.body["items"]]
    columns = tuple(map(Column, ("row", "sku", "code", "field", "detail")))
    show(Report(f"{len(rows):,} rows refused", columns, rows), output=output)
    if rows:
        raise typer.Exit(Exit.DIFFERENCES)


def _follow(client: "Client", path: str) -> dict[str, Any]:
    """Look at an import until it is over, and show how far it is."""
    from rich.console import Console  # noqa: PLC0415 - as above
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

    columns = TextColumn("rows"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[of]}")
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("", total=None, of="")
        while True:
            stands: dict[str, Any] = client.get(path).body
            counts = ", ".join(f"{stands[name]:,} {name}" for name in OUTCOMES if stands[name])
            progress.update(bar, total=stands["rows"], completed=stands["done"], of=counts)
            if stands["state"] not in UNDER_WAY:
                return stands
            time.sleep(LOOK_SECONDS)


def export_file(  # noqa: PLR0913 - the filters
    file: Annotated[Path, typer.Argument(dir_okay=False, help="products.csv or products.xlsx.")],
    *,
    status: Annotated[str | None, typer.Option(help="Only drafts, published …")] = None,
    missing: Annotated[str | None, typer.Option(help="Only what lacks image, price …")] = None,
    category: Annotated[str | None, typer.Option(help="Only of this category (cat_…).")] = None,
    brand: Annotated[str | None, typer.Option(help="Only of this brand (brd_…).")] = None,
    channel: Annotated[str | None, typer.Option(help="Only what this channel shows.")] = None,
    profile: ProfileOption = None,
) -> None:
    """Export products under the headings that an import reads; importing them changes nothing.

    Example: `defter catalog export drafts.csv --status draft`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    kind = file.suffix.lower().removeprefix(".")
    if kind not in {"csv", "xlsx"}:
        raise Stopped(f"{file} ends neither in .csv nor in .xlsx", code=Exit.USAGE)
    parts = connect(profile).parts(
        "/api/admin/products/export",
        format=kind,
        status=status,
        missing=missing,
        category_id=category,
        brand_id=brand,
        channel=channel,
    )
    with file.open("wb") as kept:
        for part in parts:
            kept.write(part)
    typer.echo(f"written to {file}", err=True)


def list_products(
    *,
    status: Annotated[str | None, typer.Option(help="Only drafts, published …")] = None,
    missing: Annotated[str | None, typer.Option(help="Only what lacks image, price …")] = None,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """List products with what each lacks.

    Example: `defter catalog list --missing image -o csv`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    pages = connect(profile).pages("/api/admin/products", status=status, missing=missing)
    rows = [
        {**row, "lacks": ", ".join(row["lacks"])} for page in pages for row in page.body["items"]
    ]
    columns = (
        *map(Column, ("product_id", "name", "status")),
        Column("available", number=True),
        Column("lacks"),
    )
    show(Report(f"{len(rows):,} products", columns, rows), output=output)


def show_product(
    product: Annotated[str, typer.Argument(help="Its id or its slug.")],
    *,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Show all that stands of a product.

    Example: `defter catalog show cam-surahi -o json`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    show_object(product, connect(profile).get(f"/api/admin/products/{product}").body, output=output)
