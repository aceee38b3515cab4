"""Money and moments as answers tell them."""

from decimal import Decimal
from typing import Annotated, Any

from iso4217 import Currency
from pydantic import BaseModel, Field


class MoneyView(BaseModel):
    """Whole minor units (kuruş, cents) of an ISO 4217 currency."""

    minor: Annotated[int, Field(examples=[1250])]
    currency: Annotated[str, Field(examples=["TRY"])]


def written(minor: int, currency: str) -> str:
    """Write an amount for people, with the decimals of its currency."""
    return f"{Decimal(minor).scaleb(-(Currency(currency).exponent or 0)):,}"


def money(minor: int, currency: str) -> dict[str, Any]:
    """Tell an amount."""
    return {"minor": minor, "currency": currency}


def whole_units(minor: int, currency: str) -> Decimal:
    """Give an amount in whole units with the decimals of its currency, as banks write it."""
    return Decimal(minor).scaleb(-(Currency(currency).exponent or 0))
