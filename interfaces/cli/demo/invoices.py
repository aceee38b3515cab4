"""The Online Retail file as invoices: read lazily, dirt told by kind, totals exact.

The file is D. Chen's Online Retail (UCI Machine Learning Repository): one row per invoice line. A
total is the exact sum of quantity times unit price over the clean lines of an invoice, rounded
half-even to pence once. Lines that are equal in every column stay: the file numbers no lines, so
a shop that scans the same article twice leaves exactly this; without them totals fall short.
"""

# polars names numpy in its hints, which is not installed:
# pyright: reportUnknownMemberType=false

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

import polars as pl

from interfaces.cli.terminal.exits import Exit, Stopped

COLUMNS = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
)
PRICE_DECIMALS = 6
PENNY = 10 ** (PRICE_DECIMALS - 2)
GUEST = "guest"
"""Whose wallet pays the invoices that name no customer."""


class Dirt(StrEnum):
    """Why a line, or a whole invoice, is left out. A line counts under the first that applies."""

    INVOICE_NUMBER = "invoice number that is none"
    ADJUSTMENT = "adjustment of the ledger (A…), such as a bad debt"
    QUANTITY_UNREADABLE = "quantity that is no whole number"
    PRICE_UNREADABLE = "price that is no number"
    DATE_UNREADABLE = "date that is none"
    CUSTOMER_UNREADABLE = "customer number that is none"
    QUANTITY_NOT_POSITIVE = "quantity not above zero on an invoice (a stock correction)"
    QUANTITY_NOT_NEGATIVE = "quantity not below zero on a cancellation"
    PRICE_NEGATIVE = "price below zero"
    PRICE_ZERO = "price of zero (given away)"
    CUSTOMERS_DIFFER = "invoice of several customers"
    TOTAL_NOT_POSITIVE = "invoice whose total rounds to nothing"


INVOICE_DIRT = frozenset({Dirt.CUSTOMERS_DIFFER, Dirt.TOTAL_NOT_POSITIVE})
"""What is counted in invoices; all other kinds are counted in lines."""


@dataclass(frozen=True, slots=True)
class Invoice:
    """A sale, or a cancellation whose number begins with C. `pence` is above zero in both."""

    number: str
    customer: str
    day: date
    pence: int

    @property
    def cancels(self) -> bool:
        """Whether goods came back."""
        return self.number.startswith("C")


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything the file says: invoices in order of day and number, lines read, dirt counted."""

    invoices: tuple[Invoice, ...]
    lines: int
    dirt: Mapping[Dirt, int]


def read_invoices(path: Path) -> Reading:
    """Read the file, gzip or plain; raises `Stopped` for a file that is not whole."""
    try:
        lines = pl.scan_csv(path, infer_schema=False)
        missing = [name for name in COLUMNS if name not in lines.collect_schema().names()]
        if missing:
            raise Stopped(
                f"{path} has no column {', '.join(missing)}",
                code=Exit.SOURCE_INCOMPLETE,
                then=f"it needs {', '.join(COLUMNS)}, as the Online Retail file has them",
            )
        judged = _judged(lines)
        clean, counts = pl.collect_all([_invoices(judged), _counts(judged)])
    except (pl.exceptions.PolarsError, OSError) as broken:
        reason = str(broken).splitlines()[0]
        raise Stopped(
            f"{path} can not be read to its end: {reason}",
            code=Exit.SOURCE_INCOMPLETE,
            then="fetch the file again; nothing of it was sent",
        ) from broken
    dirt = {Dirt(kind): count for kind, count in counts.iter_rows() if kind is not None}
    return _gathered(clean, lines=sum(counts["lines"].to_list()), dirt=dirt)


def _judged(lines: pl.LazyFrame) -> pl.LazyFrame:
    number, quantity, price = pl.col("InvoiceNo"), pl.col("quantity"), pl.col("price")
    cancels = number.str.starts_with("C")
    customer = pl.col("CustomerID")
    faults = (
        (Dirt.INVOICE_NUMBER, ~number.str.contains(r"^[CA]?[0-9]{1,12}$")),
        (Dirt.ADJUSTMENT, number.str.starts_with("A")),
        (Dirt.QUANTITY_UNREADABLE, quantity.is_null()),
        (Dirt.PRICE_UNREADABLE, price.is_null()),
        (Dirt.DATE_UNREADABLE, pl.col("day").is_null()),
        (Dirt.CUSTOMER_UNREADABLE, ~customer.str.contains(r"^([0-9]{1,12}(\.0)?)?$")),
        (Dirt.QUANTITY_NOT_POSITIVE, ~cancels & (quantity <= 0)),
        (Dirt.QUANTITY_NOT_NEGATIVE, cancels & (quantity >= 0)),
        (Dirt.PRICE_NEGATIVE, price < 0),
        (Dirt.PRICE_ZERO, price == 0),
    )
    kind = pl.lit(None, pl.String)
    for fault, applies in reversed(faults):
        kind = pl.when(applies).then(pl.lit(fault.value)).otherwise(kind)
    return (
        lines.select(
            number.fill_null("").str.strip_chars(),
            _number("Quantity", r"^-?[0-9]{1,9}$", pl.Int128()).alias("quantity"),
            _number(
                "UnitPrice", r"^-?[0-9]{1,9}(\.[0-9]{1,6})?$", pl.Decimal(38, PRICE_DECIMALS)
            ).alias("price"),
            pl.col("InvoiceDate").str.head(10).str.to_date("%Y-%m-%d", strict=False).alias("day"),
            customer.fill_null("").str.strip_chars(),
        )
        .with_columns(kind.alias("kind"))
        .with_columns(
            pl.when(customer == "")
            .then(pl.lit(GUEST))
            .otherwise(customer.str.strip_suffix(".0"))
            .alias("customer")
        )
    )


def _number(column: str, pattern: str, kind: pl.DataType) -> pl.Expr:
    text = pl.col(column).str.strip_chars()
    return pl.when(text.str.contains(pattern)).then(text).otherwise(None).cast(kind)


def _invoices(judged: pl.LazyFrame) -> pl.LazyFrame:
    micros = (pl.col("price") * 10**PRICE_DECIMALS).cast(pl.Int128)
    return (
        judged.filter(pl.col("kind").is_null())
        .group_by("InvoiceNo")
        .agg(
            pl.col("customer").first(),
            pl.col("customer").n_unique().alias("customers"),
            pl.col("day").min(),
            (pl.col("quantity") * micros).sum().alias("micros"),
        )
        .sort("day", "InvoiceNo")
    )


def _counts(judged: pl.LazyFrame) -> pl.LazyFrame:
    return judged.group_by("kind").agg(pl.len().alias("lines"))


def _gathered(clean: pl.DataFrame, *, lines: int, dirt: dict[Dirt, int]) -> Reading:
    invoices: list[Invoice] = []
    for number, customer, customers, day, micros in clean.iter_rows():
        pence = half_even(abs(micros))
        if customers > 1:
            dirt[Dirt.CUSTOMERS_DIFFER] = dirt.get(Dirt.CUSTOMERS_DIFFER, 0) + 1
        elif not pence:
            dirt[Dirt.TOTAL_NOT_POSITIVE] = dirt.get(Dirt.TOTAL_NOT_POSITIVE, 0) + 1
        else:
            invoices.append(Invoice(number, customer, day, pence))
    ordered = {kind: dirt[kind] for kind in Dirt if kind in dirt}
    return Reading(tuple(invoices), lines, ordered)


def half_even(micros: int) -> int:
    """Round millionths of a pound to pence; a half goes to the even penny."""
    pence, rest = divmod(micros, PENNY)
    return pence + (2 * rest > PENNY or (2 * rest == PENNY and pence % 2 == 1))
