"""What the demo must come to, worked out with `csv` and `Decimal` alone."""

import csv
import gzip
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from pathlib import Path

PENNY = Decimal("0.01")


@dataclass
class Totals:
    """Pence by customer ("guest" for those the file does not name), and lines left out by kind."""

    sales: Counter[str] = field(default_factory=Counter[str])
    credits: Counter[str] = field(default_factory=Counter[str])
    dirt: Counter[str] = field(default_factory=Counter[str])
    lines: int = 0
    invoices: int = 0


def totals_of(path: Path) -> Totals:
    opened = gzip.open if path.suffix == ".gz" else open
    totals = Totals()
    amounts: defaultdict[str, Decimal] = defaultdict(Decimal)
    customers: defaultdict[str, set[str]] = defaultdict(set)
    with opened(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            totals.lines += 1
            kind = dirt_of(row)
            if kind:
                totals.dirt[kind] += 1
                continue
            number = row["InvoiceNo"].strip()
            amounts[number] += int(row["Quantity"]) * Decimal(row["UnitPrice"])
            customer = row["CustomerID"].strip().removesuffix(".0")
            customers[number].add(customer or "guest")
    for number, amount in amounts.items():
        pence = int(abs(amount).quantize(PENNY, ROUND_HALF_EVEN) / PENNY)
        if len(customers[number]) > 1:
            totals.dirt["CUSTOMERS_DIFFER"] += 1
        elif pence == 0:
            totals.dirt["TOTAL_NOT_POSITIVE"] += 1
        else:
            totals.invoices += 1
            side = totals.credits if number[0] == "C" else totals.sales
            side[next(iter(customers[number]))] += pence
    return totals


def dirt_of(row: dict[str, str]) -> str | None:  # noqa: PLR0911 - one line a kind
    number, customer = row["InvoiceNo"].strip(), row["CustomerID"].strip().removesuffix(".0")
    letter, digits = (number[:1], number[1:]) if number[:1] in {"C", "A"} else ("", number)
    quantity, price = whole(row["Quantity"]), decimal(row["UnitPrice"])
    cancels = letter == "C"
    if not (digits.isascii() and digits.isdigit()):
        return "INVOICE_NUMBER"
    if letter == "A":
        return "ADJUSTMENT"
    if quantity is None:
        return "QUANTITY_UNREADABLE"
    if price is None:
        return "PRICE_UNREADABLE"
    if not readable_day(row["InvoiceDate"]):
        return "DATE_UNREADABLE"
    if customer and not (customer.isascii() and customer.isdigit()):
        return "CUSTOMER_UNREADABLE"
    if not cancels and quantity <= 0:
        return "QUANTITY_NOT_POSITIVE"
    if cancels and quantity >= 0:
        return "QUANTITY_NOT_NEGATIVE"
    if price < 0:
        return "PRICE_NEGATIVE"
    return "PRICE_ZERO" if price == 0 else None


def whole(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


def decimal(text: str) -> Decimal | None:
    try:
        price = Decimal(text)
    except InvalidOperation:
        return None
    return price if price.is_finite() else None


def readable_day(text: str) -> bool:
    try:
        datetime.strptime(text[:10], "%Y-%m-%d")  # noqa: DTZ007 - a day of the shop, as it stands
    except ValueError:
        return False
    return True
