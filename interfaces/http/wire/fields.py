"""What requests are made of. All of it is strict: `"12"` is no 12, no field is unknown."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from iso4217 import Currency
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from domain.kernel.ids import ID_PATTERN
from domain.kernel.money import AMOUNT_MINOR_MAX, Money
from domain.ledger.accounts import CODE_PATTERN
from domain.ledger.periods import Late

TEXT_LENGTH_MAX = 500
CUSTOMER_PATTERN = r"cus_[0-9a-zA-Z]{4,56}"
STAFF_PATTERN = r"stf_[0-9a-zA-Z]{4,56}"
_DAY_FIRST = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CUSTOMER = re.compile(CUSTOMER_PATTERN)

CURRENCIES = frozenset(currency.code for currency in Currency if currency.exponent is not None)
"""ISO 4217 codes that have minor units; metals, funds without them and test codes have none."""


_ID = f"^{ID_PATTERN.pattern}$"


def several(one: str, *, between: str = ",") -> str:
    """Give the pattern of one or more of what a pattern describes, joined by a sign."""
    return f"{one}({re.escape(between)}{one})*"


class Body(BaseModel):
    """What a client sends."""

    model_config = ConfigDict(
        strict=True,
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        regex_engine="rust-regex",
    )


def _known_currency(code: str) -> str:
    if code not in CURRENCIES:
        raise PydanticCustomError("money.unknown_currency", "ISO 4217 has no such currency")
    return code


def _printable(text: str) -> str:
    if not text.replace("\n", "").isprintable():
        raise PydanticCustomError("field.not_printable", "the text has unprintable characters")
    return text


def _iso_day(given: Any) -> date:  # noqa: ANN401 - whatever a client sends
    if isinstance(given, str) and len(given) == len("2026-01-31"):
        try:
            return date.fromisoformat(given)
        except ValueError:
            pass
    raise PydanticCustomError("field.not_a_day", "a day is written as 2026-01-31")


def _iso_moment(given: Any) -> datetime:  # noqa: ANN401 - as above
    if isinstance(given, str) and len(given) <= len("2026-01-31T12:00:00.000000+03:00"):
        try:
            moment = datetime.fromisoformat(given)
        except ValueError:
            pass
        else:
            if moment.tzinfo is not None:
                return moment.astimezone(UTC)
    raise PydanticCustomError(
        "field.not_a_moment", "a moment is written as 2026-01-31T12:00:00Z, with its offset"
    )


def _written_out(given: Any) -> Any:  # noqa: ANN401 - whatever a client sends
    if isinstance(given, str) and _DAY_FIRST.match(given) is None:
        raise PydanticCustomError("field.not_a_day", "a day is written as 2026-01-31")
    return given


WrittenOut = BeforeValidator(_written_out)
"""For days and moments in questions: pydantic takes a number for seconds since 1970."""

CurrencyCode = Annotated[
    str,
    Field(pattern="^[A-Z]{3}$", description="ISO 4217 code", examples=["TRY"]),
    AfterValidator(_known_currency),
]
Day = Annotated[
    date,
    BeforeValidator(_iso_day),
    Field(
        description="The day on which it counts; today in the tenant's time zone when left away",
        examples=["2026-01-31"],
    ),
]
LateFact = Annotated[
    Late,
    Field(
        strict=False,
        description="What becomes of a day in a sealed or closing month: refuse it, or adjust that"
        " month with an entry of today",
        examples=["adjust"],
    ),
]
Moment = Annotated[
    datetime,
    BeforeValidator(_iso_moment),
    Field(description="A moment, with its offset from UTC", examples=["2026-01-31T12:00:00Z"]),
]
Text = Annotated[
    str,
    Field(min_length=1, max_length=TEXT_LENGTH_MAX, description="Personal; kept encrypted"),
    AfterValidator(_printable),
]
Name = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_printable)]
WalletId = Annotated[str, Field(pattern=_ID, examples=["wal_01k3xq8m5wf2v9c7d4h6jt0b1n"])]
HoldId = Annotated[str, Field(pattern=_ID, examples=["hld_01k3xq8m5wf2v9c7d4h6jt0b1n"])]
CaptureId = Annotated[str, Field(pattern=_ID, examples=["cap_01k3xq8m5wf2v9c7d4h6jt0b1n"])]
StaffId = Annotated[str, Field(pattern=_ID, examples=["stf_01k3xq8m5wf2v9c7d4h6jt0b1n"])]
CustomerId = Annotated[str, Field(pattern=f"^{CUSTOMER_PATTERN}$", examples=["cus_01k3xq8m5w"])]
IdempotencyKey = Annotated[
    str,
    Field(
        pattern="^[!-~]([ -~]{0,253}[!-~])?$",
        max_length=255,
        description="An idempotency key of this item alone",
    ),
]
AccountCode = Annotated[
    str, Field(pattern=f"^{CODE_PATTERN.pattern}$", max_length=160, examples=["sales"])
]


class Amount(Body):
    """An amount of money in whole minor units (kuruş, cents)."""

    minor: Annotated[int, Field(ge=1, le=AMOUNT_MINOR_MAX, examples=[1250])]
    currency: CurrencyCode

    def money(self) -> Money:
        """Give the amount as the rules know it."""
        return Money(self.minor, self.currency)


class SignedAmount(Body):
    """An amount of a ledger line: positive for a debit, negative for a credit."""

    minor: Annotated[int, Field(ge=-AMOUNT_MINOR_MAX, le=AMOUNT_MINOR_MAX, examples=[-1250])]
    currency: CurrencyCode

    def money(self) -> Money:
        """Give the amount as the rules know it."""
        return Money(self.minor, self.currency)


def money_or_none(amount: Amount | None) -> Money | None:
    """Give an amount that may be left away."""
    return None if amount is None else amount.money()


def is_customer_id(text: str) -> bool:
    """Tell whether a text can name a customer."""
    return _CUSTOMER.fullmatch(text) is not None


def in_utc(moment: datetime | None) -> datetime | None:
    """Take a moment without a zone as UTC."""
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=UTC)
