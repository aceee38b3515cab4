"""Where a product was made (CAT-03)."""

import pytest

from application.catalog.origin import StateOrigin
from domain.catalog.events import OriginStated
from domain.catalog.products.origin import CountryInvalid
from tests.catalog.products.goods import DRAFT, JUG
from tests.kit.scenario import given


def test_a_country_is_stated_changed_and_taken_back() -> None:
    made = OriginStated(JUG, "TR")
    given(*DRAFT).when(StateOrigin(JUG, "TR")).then(made)
    given(*DRAFT, made).when(StateOrigin(JUG, "TR")).then()
    given(*DRAFT, made).when(StateOrigin(JUG, None)).then(OriginStated(JUG, None))


@pytest.mark.parametrize("country", ["tr", "TUR", "T1"])
def test_a_country_has_two_capital_letters(country: str) -> None:
    given(*DRAFT).when(StateOrigin(JUG, country)).then_refused(CountryInvalid)
