import operator
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.money import AMOUNT_MINOR_MAX, CurrencyMismatch, Money, zero

AMOUNTS = st.integers(-AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX)
WEIGHTS = st.lists(st.integers(0, 10_000), min_size=1, max_size=30).filter(any)


def test_adds_subtracts_negates_and_compares_within_a_currency() -> None:
    one, two = Money(1, "TRY"), Money(2, "TRY")
    assert one + two == Money(3, "TRY")
    assert one - two == Money(-1, "TRY")
    assert -one == Money(-1, "TRY")
    assert one < two
    assert not two < one
    assert not one < Money(1, "TRY")
    assert one <= Money(1, "TRY")
    assert not two <= one
    assert zero("TRY") == Money(0, "TRY")


@pytest.mark.parametrize("meet", [operator.add, operator.sub, operator.lt, operator.le])
def test_currencies_never_mix(meet: Callable[[Money, Money], object]) -> None:
    with pytest.raises(CurrencyMismatch) as refused:
        meet(Money(1, "TRY"), Money(1, "EUR"))
    assert refused.value.facts == {"expected": "TRY", "found": "EUR"}
    assert str(refused.value) == refused.value.detail


@pytest.mark.parametrize("minor", [1.0, "1", None, True])
def test_minor_units_are_whole_numbers(minor: object) -> None:
    with pytest.raises(TypeError):
        Money(minor, "TRY")  # type: ignore[arg-type]


@pytest.mark.parametrize("currency", ["", "TL", "LIRA"])
def test_a_currency_has_three_letters(currency: str) -> None:
    with pytest.raises(ValueError, match="three letters"):
        Money(1, currency)


@given(AMOUNTS, WEIGHTS)
def test_a_split_conserves(minor: int, weights: list[int]) -> None:
    shares = Money(minor, "TRY").split(weights)
    assert sum(share.minor for share in shares) == minor
    assert len(shares) == len(weights)
    assert {share.currency for share in shares} == {"TRY"}


@given(AMOUNTS, WEIGHTS)
def test_no_share_is_a_minor_unit_away_from_its_exact_part(minor: int, weights: list[int]) -> None:
    for share, weight in zip(Money(minor, "TRY").split(weights), weights, strict=True):
        assert abs(share.minor * sum(weights) - minor * weight) < sum(weights)


@given(AMOUNTS, WEIGHTS)
def test_a_split_of_a_debt_mirrors_the_split_of_the_same_credit(
    minor: int, weights: list[int]
) -> None:
    assert (-Money(minor, "TRY")).split(weights) == tuple(
        -share for share in Money(minor, "TRY").split(weights)
    )


@given(AMOUNTS, WEIGHTS)
def test_the_largest_remainders_get_the_rest(minor: int, weights: list[int]) -> None:
    shares = [abs(share.minor) for share in Money(minor, "TRY").split(weights)]
    exact = [divmod(abs(minor) * weight, sum(weights)) for weight in weights]
    served = [exact[n][1] for n in range(len(shares)) if shares[n] > exact[n][0]]
    unserved = [exact[n][1] for n in range(len(shares)) if shares[n] == exact[n][0]]
    assert not served or not unserved or min(served) >= max(unserved)


def test_equal_remainders_are_served_in_order() -> None:
    shares = Money(5, "TRY").split((1, 1, 1))
    assert [share.minor for share in shares] == [2, 2, 1]


def test_a_weight_of_zero_gets_nothing() -> None:
    assert [share.minor for share in Money(7, "TRY").split((0, 1, 0, 1))] == [0, 4, 0, 3]


@pytest.mark.parametrize("weights", [(), (0,), (0, 0), (2, -1), (-1, -1)])
def test_refuses_weights_that_share_nothing(weights: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="weights"):
        Money(1, "TRY").split(weights)
