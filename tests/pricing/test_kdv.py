"""INV-07: which KDV rate a class of products has on which day, by law or by the tenant."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from application.book import Book
from application.envelope import Envelope
from application.pricing.tax_rates import KdvRateResult, SetKdvRate, kdv_rate
from domain.kernel.events import Event
from domain.kernel.refusals import Refusal
from domain.ledger.books import BooksNotOpen
from domain.ledger.periods import InClosingPeriod, InSealedPeriod
from domain.pricing.events import KdvRateSet
from domain.pricing.kdv import (
    DECISION_2023,
    LAW,
    OWN_RATES_MAX,
    SOURCE_LENGTH_MAX,
    ExemptHasNoRate,
    RateSourceMissing,
    RateUnknown,
    TaxClass,
    TaxClassUnknown,
    TooManyRates,
    own_rate,
    rate_on,
    rates_on,
)
from domain.pricing.lines import RateInvalid
from tests.kit.memory import LogInMemory
from tests.kit.months import CLOSING, SEALED
from tests.kit.scenario import COMMAND_ID, NOW, STAFF, TENANT_ID, given
from tests.kit.wallets import BOOKS

pytestmark = pytest.mark.row("INV-07")

LAW_OF_2027 = "CK 9999, Resmî Gazete 1.1.2027"
FROM = date(2027, 1, 1)
SET = SetKdvRate(TaxClass.REDUCED, 1_200, FROM, LAW_OF_2027)
WAS_SET = KdvRateSet("reduced", 1_200, FROM, LAW_OF_2027)


@pytest.mark.parametrize(
    ("day", "rates"),
    [
        (date(2008, 1, 1), [1_800, 800, 100, 0]),
        (date(2023, 7, 9), [1_800, 800, 100, 0]),
        (date(2023, 7, 10), [2_000, 1_000, 100, 0]),
        (date(2026, 11, 1), [2_000, 1_000, 100, 0]),
    ],
)
def test_the_law_says(day: date, rates: list[int]) -> None:
    assert [rate.rate_basis_points for rate in rates_on(day)] == rates


def test_every_rate_of_the_law_names_its_source_and_class() -> None:
    assert all("Resmî Gazete" in rate.source and not rate.own for rate in LAW)
    assert rate_on(TaxClass.STANDARD, NOW.date()).source == DECISION_2023
    assert {rate.tax_class for rate in LAW} == set(TaxClass)


def test_nothing_is_guessed_of_what_was_before() -> None:
    with pytest.raises(RateUnknown) as refused:
        rate_on(TaxClass.STANDARD, date(2007, 12, 31))
    assert refused.value.facts == {"since": "2008-01-01"}


def test_a_tenants_rate_holds_from_its_day_until_a_newer_one() -> None:
    own = [own_rate(WAS_SET)]
    day_before = FROM - timedelta(days=1)
    assert rate_on(TaxClass.REDUCED, day_before, own).rate_basis_points == 1_000
    assert rate_on(TaxClass.REDUCED, FROM, own) == own[0]
    assert rate_on(TaxClass.STANDARD, FROM, own).rate_basis_points == 2_000
    before_the_law = own_rate(replace(WAS_SET, effective_from=date(2023, 7, 9)))
    assert rate_on(TaxClass.REDUCED, date(2023, 7, 9), [before_the_law]).own
    assert not rate_on(TaxClass.REDUCED, date(2023, 7, 10), [before_the_law]).own
    same_day = own_rate(replace(WAS_SET, effective_from=date(2023, 7, 10)))
    assert rate_on(TaxClass.REDUCED, date(2023, 7, 10), [same_day]).own


def test_a_rate_is_set_and_set_otherwise_and_told_once() -> None:
    told = KdvRateResult("reduced", 1_200, FROM)
    given(BOOKS).when(SET).then(WAS_SET).then_result(told)
    given(BOOKS, WAS_SET).when(SET).then().then_result(told)
    other = given(BOOKS, WAS_SET).when(replace(SET, rate_basis_points=1_100))
    other.then(replace(WAS_SET, rate_basis_points=1_100))
    assert [rate.rate_basis_points for rate in other.state("kdv_rates-main").own] == [1_100]


@pytest.mark.parametrize(
    ("past", "command", "refusal", "facts"),
    [
        ((), SET, BooksNotOpen, {}),
        ((BOOKS,), replace(SET, source=""), RateSourceMissing, {}),
        ((BOOKS,), replace(SET, source=" "), RateSourceMissing, {}),
        ((BOOKS,), replace(SET, source="a\nb"), RateSourceMissing, {}),
        ((BOOKS,), replace(SET, source="a" * (SOURCE_LENGTH_MAX + 1)), RateSourceMissing, {}),
        ((BOOKS,), replace(SET, rate_basis_points=10_001), RateInvalid, {}),
        ((BOOKS,), replace(SET, tax_class=TaxClass.EXEMPT), ExemptHasNoRate, {}),
        (
            SEALED,
            replace(SET, effective_from=date(2026, 1, 31)),
            InSealedPeriod,
            {"period": "2026-01"},
        ),
        (
            CLOSING,
            replace(SET, effective_from=date(2026, 1, 1)),
            InClosingPeriod,
            {"period": "2026-01"},
        ),
    ],
)
def test_refuses_a_rate_that_can_not_be(
    past: tuple[Event, ...],
    command: SetKdvRate,
    refusal: type[Refusal],
    facts: dict[str, str | int],
) -> None:
    given(*past).when(command).then_refused(refusal, **facts)


def test_a_rate_may_hold_from_the_first_day_after_what_is_sealed() -> None:
    given(*SEALED).when(replace(SET, effective_from=date(2026, 2, 1))).then(
        replace(WAS_SET, effective_from=date(2026, 2, 1))
    )


def test_what_is_exempt_may_be_told_to_have_none() -> None:
    nothing = SetKdvRate(TaxClass.EXEMPT, 0, FROM, LAW_OF_2027)
    given(BOOKS).when(nothing).then(KdvRateSet("exempt", 0, FROM, LAW_OF_2027))


def test_a_tenant_has_a_limited_number_of_rates() -> None:
    full = [replace(WAS_SET, effective_from=FROM + timedelta(days=n)) for n in range(OWN_RATES_MAX)]
    given(BOOKS, *full).when(replace(SET, tax_class=TaxClass.STANDARD)).then_refused(TooManyRates)
    given(BOOKS, *full).when(replace(SET, rate_basis_points=1)).then(
        replace(WAS_SET, rate_basis_points=1)
    )


def book_over(*events: Event) -> Book:
    envelope = Envelope(TENANT_ID, COMMAND_ID, b"", None, STAFF, "test")
    return Book(LogInMemory(events), envelope, NOW)


def test_an_order_asks_for_the_rate_of_its_day() -> None:
    assert kdv_rate(book_over(), "reduced", FROM).rate_basis_points == 1_000
    assert kdv_rate(book_over(WAS_SET), "reduced", FROM).rate_basis_points == 1_200
    with pytest.raises(TaxClassUnknown):
        kdv_rate(book_over(), "luxury", FROM)
