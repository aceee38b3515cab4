"""What a person may move: limits per level, people's levels, and counting what they use."""

from dataclasses import dataclass
from typing import ClassVar

from application.book import Book
from application.wallet.access import staff_only
from domain.kernel.money import Money
from domain.users.customer import Customer, check_remembered
from domain.wallet.limits import limits
from domain.wallet.limits.events import LIMITS_KEY
from domain.wallet.limits.limits import STANDARD, LimitKind, Limits, Most, Person
from domain.wallet.wallet import Wallet


@dataclass(frozen=True, slots=True)
class SetLimits:
    """Say what people of a level may move in one way, in minor units; None is no limit."""

    NAME: ClassVar[str] = "wallet.set_limits"

    kind: LimitKind
    currency: str
    level: str = STANDARD
    per_transaction_minor: int | None = None
    per_day_minor: int | None = None
    per_month_minor: int | None = None


@dataclass(frozen=True, slots=True)
class LimitsResult:
    """What was set."""

    level: str
    currency: str
    kind: LimitKind


def set_limits(command: SetLimits, book: Book) -> LimitsResult:
    """Set the limits of a level."""
    staff_only(book)
    most = Most(command.per_transaction_minor, command.per_day_minor, command.per_month_minor)
    book.record(
        *limits.set_limits(
            book.find(Limits, LIMITS_KEY),
            most,
            level=command.level,
            currency=command.currency,
            kind=command.kind,
        )
    )
    return LimitsResult(command.level, command.currency, command.kind)


@dataclass(frozen=True, slots=True)
class SetLevel:
    """Put a person on a level, whose limits then hold for all their wallets."""

    NAME: ClassVar[str] = "wallet.set_level"

    owner: str
    level: str


@dataclass(frozen=True, slots=True)
class LevelResult:
    """Who stands on which level."""

    owner: str
    level: str


def set_level(command: SetLevel, book: Book) -> LevelResult:
    """Put a person on a level."""
    staff_only(book)
    check_remembered(book.find(Customer, command.owner))
    book.record(
        *limits.set_level(
            book.find(Limits, LIMITS_KEY),
            book.find(Person, command.owner),
            owner=command.owner,
            level=command.level,
        )
    )
    return LevelResult(command.owner, command.level)


def count(book: Book, wallet: Wallet, kind: LimitKind, amount: Money) -> None:
    """Count what leaves or enters a wallet against its owner's limits; raises `LimitExceeded`.

    A tenant without limits costs one look at a stream that is not there; the day is the tenant's
    today, whatever day the entry counts on.
    """
    found = book.find(Limits, LIMITS_KEY)
    if found is None:
        return
    day = book.books().today(book.now)
    person = book.find(Person, wallet.owner)
    book.record(*limits.count(found, person, amount, owner=wallet.owner, kind=kind, day=day))
