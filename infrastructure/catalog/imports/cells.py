"""What cells say: amounts, whole numbers, lists and words."""

import re
from collections.abc import Mapping
from decimal import Decimal

from iso4217 import Currency

from domain.catalog.content import AttributeValue
from domain.catalog.products.product import Status
from domain.catalog.slugs import slug_of
from domain.kernel.money import Money
from infrastructure.catalog.imports.refused import CellWrong

SEPARATOR = "|"
STEP = ">"
THREE_DECIMALS = 3

_PLAIN = re.compile(r"[0-9]{1,13}([.,][0-9]{1,4})?")
_GROUPED = re.compile(
    r"[0-9]{1,3}(\.[0-9]{3})+,[0-9]{1,4}|[0-9]{1,3}(,[0-9]{3})+\.[0-9]{1,4}"
    r"|[0-9]{1,3}(\.[0-9]{3}){2,}|[0-9]{1,3}(,[0-9]{3}){2,}"
)
_THREE = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
_WHOLE = re.compile(r"-?[0-9]{1,15}")
_CURRENCY = re.compile(r"[A-Z]{3}")

_STATUSES: Mapping[str, Status] = {
    "draft": Status.DRAFT,
    "taslak": Status.DRAFT,
    "published": Status.PUBLISHED,
    "yayinda": Status.PUBLISHED,
    "archived": Status.ARCHIVED,
    "arsiv": Status.ARCHIVED,
}
_ANSWERS: Mapping[str, bool] = {
    **dict.fromkeys(("true", "evet", "yes", "1"), True),
    **dict.fromkeys(("false", "hayir", "no", "0"), False),
}
_SCHEDULED = frozenset({"scheduled", "planli"})


def amount(text: str, currency: str, *, field: str) -> Money:
    """Read an amount: 12,50 and 12.50 are the same, 1.234,50 and 1,234.50 as well.

    What may be either, as 1.234, is refused: it is written 1234, or 1.234,00.
    """
    if _THREE.fullmatch(text) and _exponent(currency) < THREE_DECIMALS:
        raise CellWrong(field, f"{text} may mean two amounts; write it without thousands")
    if _GROUPED.fullmatch(text) and not _THREE.fullmatch(text):
        last = max(text.rfind("."), text.rfind(","))
        whole, parts = text[:last], text[last + 1 :]
        if text.count(text[last]) > 1:  # all of them part thousands
            whole, parts = text, ""
        digits = re.sub("[.,]", "", whole) + (f".{parts}" if parts else "")
    elif _PLAIN.fullmatch(text):
        digits = text.replace(",", ".")
    else:
        raise CellWrong(field, "an amount is written as 1234,50 or 1234.50")
    minor = Decimal(digits).scaleb(_exponent(currency))
    if minor != minor.to_integral_value():
        raise CellWrong(field, f"{currency} has not so many decimals")
    return Money(int(minor), currency)


def written(minor: int, currency: str) -> str:
    """Write an amount so that it is read as the same."""
    exponent = _exponent(currency)
    return f"{Decimal(minor).scaleb(-exponent):.{exponent}f}" if exponent else str(minor)


def _exponent(currency: str) -> int:
    try:
        return Currency(currency).exponent or 0
    except ValueError as unknown:
        raise CellWrong("currency", "a currency is written as TRY or EUR") from unknown


def whole(text: str, *, field: str) -> int:
    """Read a whole number."""
    if not _WHOLE.fullmatch(text):
        raise CellWrong(field, "this is a whole number")
    return int(text)


def several(text: str) -> tuple[str, ...]:
    """Read a list."""
    return tuple(filter(None, (part.strip() for part in text.split(SEPARATOR))))


def path(text: str) -> tuple[str, ...]:
    """Read a path of categories: Ev > Mutfak > Bardak."""
    return tuple(filter(None, (part.strip() for part in text.split(STEP))))


def status(text: str) -> Status | None:
    """Read a status; that a product is scheduled is told, and not changed here."""
    word = slug_of(text)
    if word in _SCHEDULED:
        return None
    if word not in _STATUSES:
        raise CellWrong("status", "a status is one of draft, published, archived")
    return _STATUSES[word]


def value(text: str, kind: str, *, field: str) -> AttributeValue:
    """Read an attribute as its type says."""
    match kind:
        case "boolean":
            word = slug_of(text)
            if word not in _ANSWERS:
                raise CellWrong(field, "this is yes or no")
            return _ANSWERS[word]
        case "number":
            plain = text.replace(",", ".")
            return int(plain) if _WHOLE.fullmatch(plain) else plain
        case "choice" if SEPARATOR in text:
            return several(text)
        case _:
            return text
