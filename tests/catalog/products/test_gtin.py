"""CAT-06: a GTIN has a check digit, and is known in one form only."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from domain.catalog import gtin
from domain.catalog.gtin import GtinInvalid

pytestmark = pytest.mark.row("CAT-06")

DIGITS = some.sampled_from([7, 11, 12, 13]).flatmap(
    lambda count: some.text("0123456789", min_size=count, max_size=count)
)


@pytest.mark.parametrize(
    "known",
    [
        "96385074",  # the example of a GTIN-8 in GS1's own guide to check digits
        "614141000036",
        "6291041500213",
        "9780306406157",  # an ISBN-13 is one
        "10614141000415",
    ],
)
def test_numbers_that_are_in_use_are_right(known: str) -> None:
    assert gtin.checked(known) == known


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("0614141000036", "614141000036"),
        ("00614141000036", "614141000036"),
        ("06291041500213", "6291041500213"),
        ("00000096385074", "96385074"),
    ],
)
def test_zeros_in_front_make_it_no_other_number(written: str, known: str) -> None:
    assert gtin.checked(written) == known


@pytest.mark.parametrize(
    "wrong",
    [
        "6291041500214",
        "1234567",
        "123456789012345",
        "629104150021X",
        "٦٢٩١٠٤١٥٠٠٢١٣",
        "",
        "00000000",
    ],
)
def test_what_is_no_gtin_is_refused(wrong: str) -> None:
    with pytest.raises(GtinInvalid):
        gtin.checked(wrong)


@given(DIGITS, some.data())
def test_one_mistaken_digit_is_always_found(digits: str, data: some.DataObject) -> None:
    right = digits + gtin.check_digit(digits)
    place = data.draw(some.integers(0, len(right) - 1))
    other = data.draw(some.sampled_from("0123456789".replace(right[place], "")))
    with pytest.raises(GtinInvalid):
        gtin.checked(right[:place] + other + right[place + 1 :])
