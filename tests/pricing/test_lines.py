"""INV-07: net, tax and gross tie in every line and in every document, for any input."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.money import AMOUNT_MINOR_MAX, CurrencyMismatch, Money
from domain.pricing.lines import BASIS_POINTS, Line, RateInvalid, Taxed, line, taxed, totals
from tests.kit.wallets import lira

pytestmark = pytest.mark.row("INV-07")

RATES = st.sampled_from((0, 100, 800, 1_000, 1_800, 2_000)) | st.integers(0, BASIS_POINTS)
LINES = st.builds(
    line,
    st.builds(lira, st.integers(-AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX)),
    st.integers(-1_000, 1_000),
    rate_basis_points=RATES,
    tax_included=st.booleans(),
)


def amounts(net: int, tax: int, gross: int) -> Taxed:
    return Taxed(lira(net), lira(tax), lira(gross))


@pytest.mark.parametrize(
    ("minor", "quantity", "rate", "included", "expected"),
    [
        (12_000, 1, 2_000, True, (10_000, 2_000, 12_000)),
        (10_000, 1, 2_000, False, (10_000, 2_000, 12_000)),
        (999, 3, 2_000, True, (2_497, 500, 2_997)),
        (333, 3, 1_000, False, (999, 100, 1_099)),
        (5, 1, 1_000, False, (5, 1, 6)),
        (4, 1, 1_000, False, (4, 0, 4)),
        (-5, 1, 1_000, False, (-5, -1, -6)),
        (3, 1, 2_000, True, (2, 1, 3)),
        (-3, 1, 2_000, True, (-2, -1, -3)),
        (1_000, 2, 0, True, (2_000, 0, 2_000)),
        (1_000, 0, 2_000, True, (0, 0, 0)),
        (10_100, 1, 100, True, (10_000, 100, 10_100)),
        (200, 1, BASIS_POINTS, True, (100, 100, 200)),
    ],
)
def test_a_line_comes_to(
    *, minor: int, quantity: int, rate: int, included: bool, expected: tuple[int, int, int]
) -> None:
    made = line(lira(minor), quantity, rate_basis_points=rate, tax_included=included)
    assert made.amounts == amounts(*expected)
    assert (made.unit_price, made.quantity) == (lira(minor), quantity)
    assert (made.rate_basis_points, made.tax_included) == (rate, included)


@given(LINES)
def test_net_and_tax_are_gross_and_the_price_stays_as_it_is(made: Line) -> None:
    of = made.amounts
    assert of.net + of.tax == of.gross
    kept = of.gross if made.tax_included else of.net
    assert kept.minor == made.unit_price.minor * made.quantity


@given(LINES)
def test_the_tax_is_the_exact_one_rounded_half_up(made: Line) -> None:
    whole, rate = made.unit_price.minor * made.quantity, made.rate_basis_points
    base = BASIS_POINTS + rate if made.tax_included else BASIS_POINTS
    exact = abs(Fraction(whole * rate, base))
    tax = abs(made.amounts.tax.minor)
    assert exact - Fraction(1, 2) < tax <= exact + Fraction(1, 2)


@given(LINES)
def test_a_return_mirrors_its_sale(made: Line) -> None:
    back = line(
        made.unit_price,
        -made.quantity,
        rate_basis_points=made.rate_basis_points,
        tax_included=made.tax_included,
    )
    assert back.amounts + made.amounts == amounts(0, 0, 0)


@given(st.lists(LINES, max_size=12))
def test_a_document_is_the_sum_of_its_lines_and_of_its_rates(lines: list[Line]) -> None:
    found = totals(lines, currency="TRY")
    of = found.amounts
    assert of.net + of.tax == of.gross
    for name in ("net", "tax", "gross"):
        minor = getattr(of, name).minor
        assert minor == sum(getattr(one.amounts, name).minor for one in lines)
        assert minor == sum(getattr(one, name).minor for one in found.by_rate.values())
    assert found.by_rate.keys() == {one.rate_basis_points for one in lines}


def test_a_document_is_in_one_currency() -> None:
    euro = line(Money(1, "EUR"), 1, rate_basis_points=0, tax_included=True)
    with pytest.raises(CurrencyMismatch):
        totals([euro], currency="TRY")


@pytest.mark.parametrize("rate", [-1, BASIS_POINTS + 1])
def test_refuses_what_is_no_rate(rate: int) -> None:
    with pytest.raises(RateInvalid):
        taxed(lira(1), rate_basis_points=rate, tax_included=True)
