"""INV-06, INV-07: what an order of a day comes to, from the list to the invoice's last line."""

from datetime import date

import pytest

from application.book import Book
from application.envelope import Envelope
from application.pricing.prices import price_for
from application.pricing.tax_rates import kdv_rate
from domain.kernel.events import Event
from domain.pricing.choosing import Buyer
from domain.pricing.lines import Line, Taxed, Totals, line, totals
from tests.kit.memory import LogInMemory
from tests.kit.prices import DEALERS, MUG, SHOP, price
from tests.kit.scenario import COMMAND_ID, NOW, STAFF, TENANT_ID
from tests.kit.wallets import lira

pytestmark = [pytest.mark.row("INV-06"), pytest.mark.row("INV-07")]

PAST: tuple[Event, ...] = (*SHOP, price(11_990), price(8_000, quantity=10, price_list_id=DEALERS))
ANYBODY, DEALER = Buyer("TRY"), Buyer("TRY", customer_group="dealers")
LAST_OF_18, FIRST_OF_20 = date(2023, 7, 9), date(2023, 7, 10)


def bought(buyer: Buyer, quantity: int, tax_class: str, day: date) -> Line:
    """Work a line out as an order does: the price of the list, the rate of the day."""
    book = Book(LogInMemory(PAST), Envelope(TENANT_ID, COMMAND_ID, b"", None, STAFF, "test"), NOW)
    choice = price_for(book, MUG, buyer, quantity=quantity)
    assert choice is not None
    return line(
        choice.price.amount,
        quantity,
        rate_basis_points=kdv_rate(book, tax_class, day).rate_basis_points,
        tax_included=choice.price_list.tax_included,
    )


def amounts(net: int, tax: int, gross: int) -> Taxed:
    return Taxed(lira(net), lira(tax), lira(gross))


def test_a_consumer_pays_the_same_whatever_the_rate_is_and_the_shop_keeps_less() -> None:
    assert bought(ANYBODY, 1, "standard", LAST_OF_18).amounts == amounts(10_161, 1_829, 11_990)
    assert bought(ANYBODY, 1, "standard", FIRST_OF_20).amounts == amounts(9_992, 1_998, 11_990)


def test_a_dealer_pays_the_tax_on_top_of_the_net_price() -> None:
    assert bought(DEALER, 10, "standard", LAST_OF_18).amounts == amounts(80_000, 14_400, 94_400)
    assert bought(DEALER, 10, "standard", FIRST_OF_20).amounts == amounts(80_000, 16_000, 96_000)
    few = bought(DEALER, 9, "standard", FIRST_OF_20)
    assert (few.unit_price, few.tax_included) == (lira(11_990), True)


def test_an_invoice_ties_in_each_rate_and_altogether() -> None:
    lines = [
        bought(ANYBODY, quantity, tax_class, FIRST_OF_20)
        for quantity, tax_class in ((1, "standard"), (3, "reduced"), (2, "standard"), (1, "exempt"))
    ]
    assert totals(lines, currency="TRY") == Totals(
        amounts(74_665, 9_265, 83_930),
        {
            0: amounts(11_990, 0, 11_990),
            1_000: amounts(32_700, 3_270, 35_970),
            2_000: amounts(29_975, 5_995, 35_970),
        },
    )
