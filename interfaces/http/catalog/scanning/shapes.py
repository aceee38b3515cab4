"""What is said of variants that were scanned."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, Field

from domain.kernel.ids import ID_PATTERN

VariantId = Annotated[str, Field(pattern=f"^{ID_PATTERN.pattern}$", examples=["var_01k3xq8m5w"])]


class VariantView(BaseModel):
    """A variant, and the product it is of."""

    variant_id: str
    product_id: str
    slug: str = Field(description="The product's")
    published: bool
    sku: str
    gtin: str | None = Field(examples=["8690000000005"])
    barcode: str | None
    options: dict[str, str] = Field(examples=[{"Beden": "M"}])


def variant_view(row: Mapping[str, Any]) -> dict[str, Any]:
    """Lay a variant out."""
    names = ("variant_id", "product_id", "slug", "published", "sku", "options")
    numbers = {name: row[name] or None for name in ("gtin", "barcode")}
    return {name: row[name] for name in names} | numbers
