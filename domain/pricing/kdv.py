"""KDV, the Turkish value added tax: classes of products, and which rate a class has on which day.

The law (KDV Kanunu 3065, art. 28) lets the President set the rates. The table begins with decision
2007/13033 of the Council of Ministers (Resmî Gazete 30.12.2007/26742), in force since 1.1.2008, as
changed by Presidential Decision 7346 (Resmî Gazete 7.7.2023/32241), in force since 10.7.2023.
A tenant adds rates of its own, such as one that changed before this table knew.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import ClassVar

from domain.kernel.refusals import Invalid, NotFound, RuleBroken
from domain.pricing.events import KdvRateSet
from domain.pricing.lines import check_rate

OWN_RATES_MAX = 200
SOURCE_LENGTH_MAX = 200
KDV_KEY = "main"


class TaxClass(StrEnum):
    """How a product is taxed: by the general rate, by list II, by list I, or not at all."""

    STANDARD = "standard"
    REDUCED = "reduced"
    SUPER_REDUCED = "super_reduced"
    EXEMPT = "exempt"


@dataclass(frozen=True, slots=True)
class Rate:
    """The rate of a class from a day on."""

    tax_class: TaxClass
    rate_basis_points: int
    effective_from: date
    source: str
    own: bool = False


DECISION_2007 = "BKK 2007/13033, Resmî Gazete 30.12.2007/26742"
DECISION_2023 = "CK 7346, Resmî Gazete 7.7.2023/32241"
EXEMPTION = "KDV Kanunu 3065 art. 11-17, Resmî Gazete 2.11.1984/18563"
SINCE_2008, SINCE_2023 = date(2008, 1, 1), date(2023, 7, 10)

LAW: tuple[Rate, ...] = (
    Rate(TaxClass.STANDARD, 1_800, SINCE_2008, DECISION_2007),
    Rate(TaxClass.REDUCED, 800, SINCE_2008, DECISION_2007),
    Rate(TaxClass.SUPER_REDUCED, 100, SINCE_2008, DECISION_2007),
    Rate(TaxClass.EXEMPT, 0, SINCE_2008, EXEMPTION),
    Rate(TaxClass.STANDARD, 2_000, SINCE_2023, DECISION_2023),
    Rate(TaxClass.REDUCED, 1_000, SINCE_2023, DECISION_2023),
)


class TaxClassUnknown(Invalid):
    """There is no such tax class."""

    code = "pricing.tax_class_unknown"


class RateUnknown(NotFound):
    """No rate is known for that day."""

    code = "pricing.rate_unknown"


class RateSourceMissing(Invalid):
    """A rate names the law that it comes from."""

    code = "pricing.rate_source_missing"


class ExemptHasNoRate(Invalid):
    """What is exempt from the tax has no rate."""

    code = "pricing.exempt_has_no_rate"


class TooManyRates(RuleBroken):
    """A tenant has a limited number of rates of its own."""

    code = "pricing.too_many_rates"


@dataclass(frozen=True, slots=True)
class KdvRates:
    """A tenant's own rates, in the order in which they were set."""

    CATEGORY: ClassVar[str] = "kdv_rates"
    FOLD_VERSION: ClassVar[int] = 1

    own: tuple[Rate, ...] = ()

    @classmethod
    def evolve(cls, state: "KdvRates | None", event: KdvRateSet) -> "KdvRates":
        state = state or LAW_ALONE
        rate = own_rate(event)
        others = (one for one in state.own if _place(one) != _place(rate))
        return replace(state, own=(*others, rate))


LAW_ALONE = KdvRates()


def own_rate(event: KdvRateSet) -> Rate:
    """Give the rate that a tenant set."""
    return Rate(
        TaxClass(event.tax_class),
        event.rate_basis_points,
        event.effective_from,
        event.source,
        own=True,
    )


def tax_class_of(text: str) -> TaxClass:
    """Read a tax class, which the catalogue knows as text."""
    try:
        return TaxClass(text)
    except ValueError as unknown:
        known = ", ".join(TaxClass)
        raise TaxClassUnknown(f"a tax class is one of {known}") from unknown


def rate_on(tax_class: TaxClass, day: date, own: Iterable[Rate] = ()) -> Rate:
    """Give the rate of a class on a day: the newest of the law's and the tenant's own.

    Of a rate of the law and one of the tenant from the same day the tenant's counts.
    """
    holding = [
        rate for rate in (*LAW, *own) if rate.tax_class is tax_class and rate.effective_from <= day
    ]
    if not holding:
        raise RateUnknown(f"no rates are known before {SINCE_2008}", since=SINCE_2008.isoformat())
    return max(holding, key=lambda rate: (rate.effective_from, rate.own))


def rates_on(day: date, own: Sequence[Rate] = ()) -> tuple[Rate, ...]:
    """Give the rate of every class on a day."""
    return tuple(rate_on(tax_class, day, own) for tax_class in TaxClass)


def set_rate(rates: KdvRates, wanted: Rate) -> tuple[KdvRateSet, ...]:
    """Set a rate of a class from a day on; nothing where it is so already."""
    check_rate(wanted.rate_basis_points)
    source = wanted.source
    if not 0 < len(source) <= SOURCE_LENGTH_MAX or not source.isprintable() or source.isspace():
        raise RateSourceMissing(
            f"name the law that the rate comes from, in {SOURCE_LENGTH_MAX} letters at most"
        )
    if wanted.tax_class is TaxClass.EXEMPT and wanted.rate_basis_points:
        raise ExemptHasNoRate("what is exempt has no rate; choose another class")
    if wanted in rates.own:
        return ()
    known = any(_place(one) == _place(wanted) for one in rates.own)
    if not known and len(rates.own) >= OWN_RATES_MAX:
        raise TooManyRates(f"a tenant has {OWN_RATES_MAX} rates of its own at most")
    return (
        KdvRateSet(wanted.tax_class.value, wanted.rate_basis_points, wanted.effective_from, source),
    )


def _place(rate: Rate) -> tuple[TaxClass, date]:
    return rate.tax_class, rate.effective_from
