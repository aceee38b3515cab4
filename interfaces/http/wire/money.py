"""Money and moments as answers tell them."""

from typing import Annotated, Any

from pydantic import BaseModel, Field


class MoneyView(BaseModel):
    """Whole minor units (kuruş, cents) of an ISO 4217 currency."""

    minor: Annotated[int, Field(examples=[1250])]
    currency: Annotated[str, Field(examples=["TRY"])]


def money(minor: int, currency: str) -> dict[str, Any]:
    """Tell an amount."""
    return {"minor": minor, "currency": currency}
