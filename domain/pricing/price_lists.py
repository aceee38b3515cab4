"""Price lists: in which currency, for whom and where, and which of them counts before others."""

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from domain.kernel.refusals import Invalid, NotFound, RuleBroken
from domain.pricing.events import STANDARD_LIST, PriceListDefined

PRIORITY_MAX = 1_000
NAME_LENGTH_MAX = 120
CODE_LENGTH_MAX = 40
STANDARD_PRIORITY = 0
"""Every list of a tenant's own stands above the standard one."""


class PriceListNotFound(NotFound):
    """There is no such price list."""

    code = "pricing.price_list_not_found"


class PriceListInvalid(Invalid):
    """A price list can not be as it was told; `field` says where."""

    code = "pricing.price_list_invalid"


class StandardListFixed(RuleBroken):
    """The standard list is the same for every tenant, but for its prices."""

    code = "pricing.standard_list_fixed"


class ListCurrencyFixed(RuleBroken):
    """The currency of a list stays, since its prices are in it."""

    code = "pricing.list_currency_fixed"


@dataclass(frozen=True, slots=True)
class PriceList:
    """A list of prices. Without a channel or a customer group it holds for all of them."""

    CATEGORY: ClassVar[str] = "price_list"
    FOLD_VERSION: ClassVar[int] = 1

    price_list_id: str
    name: str
    currency: str
    channel: str | None
    customer_group: str | None
    priority: int
    tax_included: bool

    @classmethod
    def evolve(cls, state: "PriceList | None", event: PriceListDefined) -> "PriceList":  # noqa: ARG003 - all of it is told anew
        return cls(
            event.price_list_id,
            event.name,
            event.currency,
            event.channel,
            event.customer_group,
            event.priority,
            event.tax_included,
        )


@lru_cache(maxsize=64)
def standard_list(base_currency: str) -> PriceList:
    """Give the list that every tenant has; its prices are what consumers pay, tax included."""
    return PriceList(
        STANDARD_LIST,
        STANDARD_LIST,
        base_currency,
        None,
        None,
        STANDARD_PRIORITY,
        tax_included=True,
    )


def define(known: PriceList | None, wanted: PriceList) -> tuple[PriceListDefined, ...]:
    """Define a list, or tell one that is known anew; nothing where it is so already."""
    if wanted.price_list_id == STANDARD_LIST:
        raise StandardListFixed("the standard list stays as it is; define one of your own")
    _check_text("name", wanted.name, NAME_LENGTH_MAX)
    for field in ("channel", "customer_group"):
        code = getattr(wanted, field)
        if code is not None:
            _check_text(field, code, CODE_LENGTH_MAX)
    if not STANDARD_PRIORITY < wanted.priority <= PRIORITY_MAX:
        raise PriceListInvalid(f"a priority lies between 1 and {PRIORITY_MAX}", field="priority")
    if known is not None and known.currency != wanted.currency:
        raise ListCurrencyFixed(
            f"this list is in {known.currency}; define another", currency=known.currency
        )
    if known == wanted:
        return ()
    return (
        PriceListDefined(
            wanted.price_list_id,
            wanted.name,
            wanted.currency,
            wanted.channel,
            wanted.customer_group,
            wanted.priority,
            wanted.tax_included,
        ),
    )


def _check_text(field: str, text: str, length_max: int) -> None:
    if not 0 < len(text) <= length_max or not text.isprintable() or text != text.strip():
        raise PriceListInvalid(f"this is one line of {length_max} letters at most", field=field)
