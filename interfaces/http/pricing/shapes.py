"""What requests and answers about prices are made of."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from domain.kernel.ids import ID_PATTERN
from domain.kernel.money import AMOUNT_MINOR_MAX, Money
from domain.pricing.events import STANDARD_LIST
from domain.pricing.prices import MINIMUM_QUANTITY_MAX, Price
from interfaces.http.wire.fields import Body, CurrencyCode
from interfaces.http.wire.money import MoneyView, money

PRICES, HISTORY, TAX_RATES = "pricing_prices", "pricing_history", "pricing_tax_rates"
PRICE_LIST_PATTERN = f"{STANDARD_LIST}|{ID_PATTERN.pattern}"

VariantId = Annotated[
    str, Field(pattern=f"^{ID_PATTERN.pattern}$", examples=["var_01k3xq8m5wf2v9c7d4h6jt0b1n"])
]
ScheduleId = Annotated[
    str, Field(pattern=f"^{ID_PATTERN.pattern}$", examples=["sch_01k3xq8m5wf2v9c7d4h6jt0b1n"])
]
PriceListId = Annotated[
    str, Field(pattern=f"^({PRICE_LIST_PATTERN})$", max_length=64, examples=[STANDARD_LIST])
]
MinimumQuantity = Annotated[
    int,
    Field(ge=1, le=MINIMUM_QUANTITY_MAX, description="For whoever buys at least so many"),
]


class UnitPrice(Body):
    """What one unit costs, in whole minor units (kuruş, cents)."""

    minor: Annotated[int, Field(ge=0, le=AMOUNT_MINOR_MAX, examples=[12_990])]
    currency: CurrencyCode

    def money(self) -> Money:
        """Give the amount as the rules know it."""
        return Money(self.minor, self.currency)


def price_of(amount: UnitPrice, list_price: UnitPrice | None) -> Price:
    """Give a price as the rules know it."""
    return Price(amount.money(), None if list_price is None else list_price.money())


class PriceView(BaseModel):
    """What one unit costs now; `list_price` is shown crossed out beside it."""

    price_list_id: str = Field(examples=[STANDARD_LIST])
    minimum_quantity: int = Field(examples=[1])
    amount: MoneyView
    list_price: MoneyView | None
    since: datetime
    schedule_id: str | None
    ends_at: datetime | None


class ScheduleView(BaseModel):
    """A price for a span of time; without an end it stays."""

    schedule_id: str
    price_list_id: str = Field(examples=[STANDARD_LIST])
    minimum_quantity: int = Field(examples=[1])
    amount: MoneyView
    list_price: MoneyView | None
    begins_at: datetime
    ends_at: datetime | None
    begun: bool


def amounts(row: Mapping[str, Any]) -> dict[str, Any]:
    """Tell amount and list price of a row; None where there is none."""
    currency = row["currency"]
    return {
        name: None if row[name] is None else money(row[name], currency)
        for name in ("amount", "list_price")
    }
