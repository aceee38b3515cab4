"""How many products stand under a category or a brand; what is in use stays."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from domain.catalog.sorting.events import UseChanged
from domain.kernel.refusals import RuleBroken


class InUse(RuleBroken):
    """Products stand under it; put them elsewhere first."""

    code = "catalog.in_use"


class Kind(StrEnum):
    """What products stand under."""

    CATEGORY = "category"
    BRAND = "brand"

    def key(self, sorter_id: str) -> str:
        """Name the count of one of this kind."""
        return f"{self}.{sorter_id}"


@dataclass(frozen=True, slots=True)
class Use:
    """How many products stand under one category or brand, published or not."""

    CATEGORY: ClassVar[str] = "catalog_use"
    FOLD_VERSION: ClassVar[int] = 1

    products: int

    @classmethod
    def evolve(cls, state: "Use | None", event: UseChanged) -> "Use":
        return cls((state.products if state is not None else 0) + event.change)


def check_unused(use: Use | None) -> None:
    """Refuse to take away what products stand under."""
    if use is not None and use.products:
        raise InUse("products stand under it; put them elsewhere first", products=use.products)
