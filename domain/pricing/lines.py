"""Net, tax and gross of a line and of a document.

The tax of a line is what is rounded: half up to whole minor units, a return mirrors its sale. The
rest follows by adding or subtracting, so net + tax = gross in every line; a document's totals are
the sums of its lines, so they tie as well.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from domain.kernel.money import Money, zero
from domain.kernel.refusals import Invalid

BASIS_POINTS = 10_000
"""The whole: a rate of 20 % is 2,000 basis points."""


class RateInvalid(Invalid):
    """A rate lies between 0 and 100 %."""

    code = "pricing.rate_invalid"


@dataclass(frozen=True, slots=True)
class Taxed:
    """Amounts of one currency with net + tax = gross."""

    net: Money
    tax: Money
    gross: Money

    def __add__(self, other: "Taxed") -> "Taxed":
        return Taxed(self.net + other.net, self.tax + other.tax, self.gross + other.gross)


@dataclass(frozen=True, slots=True)
class Line:
    """So many units at a price, under a rate."""

    quantity: int
    unit_price: Money
    rate_basis_points: int
    tax_included: bool
    amounts: Taxed


@dataclass(frozen=True, slots=True)
class Totals:
    """What the lines of a document come to, and of that what stands under each rate."""

    amounts: Taxed
    by_rate: Mapping[int, Taxed]


def line(unit_price: Money, quantity: int, *, rate_basis_points: int, tax_included: bool) -> Line:
    """Work out a line; a negative quantity or price is a return.

    `tax_included` says whether the price has the tax in it, as consumers' prices do.
    """
    whole = Money(unit_price.minor * quantity, unit_price.currency)
    amounts = taxed(whole, rate_basis_points=rate_basis_points, tax_included=tax_included)
    return Line(quantity, unit_price, rate_basis_points, tax_included, amounts)


def taxed(amount: Money, *, rate_basis_points: int, tax_included: bool) -> Taxed:
    """Split a gross amount into net and tax, or add the tax to a net one."""
    check_rate(rate_basis_points)
    of = BASIS_POINTS + rate_basis_points if tax_included else BASIS_POINTS
    tax = Money(_half_up(amount.minor * rate_basis_points, of), amount.currency)
    return Taxed(amount - tax, tax, amount) if tax_included else Taxed(amount, tax, amount + tax)


def totals(lines: Iterable[Line], *, currency: str) -> Totals:
    """Add lines up, all together and by rate; all are in the document's currency."""
    ordered = sorted(lines, key=_rate)
    nothing = Taxed(zero(currency), zero(currency), zero(currency))
    by_rate = {
        rate: sum((one.amounts for one in of_rate), nothing)
        for rate, of_rate in groupby(ordered, key=_rate)
    }
    return Totals(sum(by_rate.values(), nothing), by_rate)


def check_rate(rate_basis_points: int) -> None:
    """Refuse what is no rate."""
    if not 0 <= rate_basis_points <= BASIS_POINTS:
        raise RateInvalid("a rate lies between 0 and 10,000 basis points")


def _rate(one: Line) -> int:
    return one.rate_basis_points


def _half_up(dividend: int, divisor: int) -> int:
    """Divide and round half away from zero."""
    rounded = (2 * abs(dividend) + divisor) // (2 * divisor)
    return -rounded if dividend < 0 else rounded
