"""KDV rates: those of the law, and those that a tenant sets."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from application.book import Book
from domain.pricing import kdv
from domain.pricing.kdv import KDV_KEY, LAW_ALONE, KdvRates, Rate, TaxClass


@dataclass(frozen=True, slots=True)
class SetKdvRate:
    """Set the rate of a tax class from a day on, in basis points, and name the law it comes from.

    The day lies in no sealed or closing month. A rate of the law from a later day ends it.
    """

    NAME: ClassVar[str] = "pricing.set_kdv_rate"

    tax_class: TaxClass
    rate_basis_points: int
    effective_from: date
    source: str


@dataclass(frozen=True, slots=True)
class KdvRateResult:
    """The rate, and from when on it holds."""

    tax_class: str
    rate_basis_points: int
    effective_from: date


def set_kdv_rate(command: SetKdvRate, book: Book) -> KdvRateResult:
    """Set the rate."""
    shut = book.books().shut(command.effective_from)
    if shut is not None:
        raise shut
    tax_class = command.tax_class
    wanted = Rate(
        tax_class,
        command.rate_basis_points,
        command.effective_from,
        command.source,
        own=True,
    )
    book.record(*kdv.set_rate(_rates(book), wanted))
    return KdvRateResult(tax_class.value, command.rate_basis_points, command.effective_from)


def kdv_rate(book: Book, tax_class: str, day: date) -> Rate:
    """Give the rate that a product of a class has on a day, as an order of that day needs it."""
    return kdv.rate_on(kdv.tax_class_of(tax_class), day, _rates(book).own)


def _rates(book: Book) -> KdvRates:
    return book.find(KdvRates, KDV_KEY) or LAW_ALONE
