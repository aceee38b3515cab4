"""`defter prices`: what things cost, what they cost before, and under which tax rates."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from interfaces.cli.terminal.options import ProfileOption
from interfaces.cli.terminal.output import Column, FileOption, Format, FormatOption, Report, show

PRICES, LISTS, TAX_RATES = "/api/admin/prices", "/api/admin/price-lists", "/api/admin/tax-rates"
OF_VARIANT = "/api/admin/products/variants"
AMOUNTS = ("amount", "list_price")
BASIS_POINTS_OF_PERCENT = 100

VariantArgument = Annotated[str, typer.Argument(metavar="VARIANT", help="The variant, var_…")]
ListOption = Annotated[str | None, typer.Option("--list", help="Only this list, such as standard.")]


def list_prices(
    variant_id: VariantArgument,
    *,
    price_list: ListOption = None,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List what a variant costs now and what is scheduled, by list and quantity.

    Example: `defter prices list var_01k3xq8m5w`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    query = {"variant_id": variant_id, "price_list_id": price_list}
    body = connect(profile).get(PRICES, **query).body
    now = [{**_amounts(one), "holds": "now", "begins_at": one["since"]} for one in body["items"]]
    to_come = [
        {**_amounts(one), "holds": "scheduled"} for one in body["scheduled"] if not one["begun"]
    ]
    columns = (
        Column("price_list_id"),
        Column("minimum_quantity", number=True),
        Column("holds"),
        Column("currency"),
        *(Column(name, amount=True) for name in AMOUNTS),
        Column("begins_at"),
        Column("ends_at"),
        Column("schedule_id"),
    )
    show(Report(f"Prices of {variant_id}", columns, now + to_come), output=output, to=to)


def history(
    variant_id: VariantArgument,
    *,
    price_list: ListOption = None,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List every change of a variant's prices, newest first.

    Where the present price is reduced, it is told what was lowest in the 30 days before.

    Example: `defter prices history var_01k3xq8m5w -o csv --to prices.csv`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    path = f"{OF_VARIANT}/{variant_id}/price-history"
    pages = list(connect(profile).pages(path, price_list_id=price_list))
    rows = [_amounts(one) for page in pages for one in page.body["items"]]
    columns = (
        Column("at"),
        Column("position", number=True),
        Column("happened"),
        Column("price_list_id"),
        Column("minimum_quantity", number=True),
        Column("currency"),
        *(Column(name, amount=True) for name in AMOUNTS),
        Column("schedule_id"),
    )
    title = f"What happened to the prices of {variant_id}"
    show(Report(title, columns, rows), output=output, to=to)
    reduction = pages[0].body["reduction"]
    if reduction is not None and output is Format.TABLE:
        typer.echo(_reduced(reduction), err=True)


def list_lists(
    *,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List the price lists, the one that counts before the others first.

    Example: `defter prices lists`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    names = (
        "price_list_id",
        "name",
        "currency",
        "channel",
        "customer_group",
        "priority",
        "tax_included",
    )
    rows = [one for page in connect(profile).pages(LISTS) for one in page.body["items"]]
    show(Report("Price lists", tuple(map(Column, names)), rows), output=output, to=to)


def tax_rates(
    *,
    on: Annotated[
        str | None, typer.Option(help="The day (YYYY-MM-DD); else today.", metavar="DAY")
    ] = None,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List the KDV rate of each tax class on a day, with the law that it comes from.

    Example: `defter prices tax-rates --on 2026-11-01`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    body = connect(profile).get(TAX_RATES, on=on).body
    rows = [
        {**one, "percent": one["rate_basis_points"] / BASIS_POINTS_OF_PERCENT}
        for one in body["items"]
    ]
    columns = (
        Column("tax_class"),
        Column("percent", number=True),
        Column("effective_from"),
        Column("source"),
        Column("own"),
    )
    show(Report(f"KDV rates on {body['on']}", columns, rows), output=output, to=to)


def _amounts(one: Mapping[str, Any]) -> dict[str, Any]:
    minor = {name: one[name] and one[name]["minor"] for name in AMOUNTS}
    return {**one, **minor, "currency": one["amount"] and one["amount"]["currency"]}


def _reduced(reduction: Mapping[str, Any]) -> str:
    from interfaces.cli.terminal.amounts import written  # noqa: PLC0415 - `--help` stays quick

    since, lowest = reduction["since"], reduction["lowest_30_days"]
    if lowest is None:
        return f"reduced since {since}; there was no price in the 30 days before"
    told = written(lowest["minor"], lowest["currency"])
    return f"reduced since {since}; lowest in the 30 days before: {told} {lowest['currency']}"
