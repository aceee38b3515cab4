"""What happens to limits: what a tenant allows per level, and what a person used of it."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from domain.kernel.events import Event
from domain.kernel.money import Money

LIMITS_KEY = "main"


@dataclass(frozen=True, slots=True)
class LimitsSet(Event):
    """A level may move this much in one way, in minor units of a currency; None is no limit."""

    NAME: ClassVar[str] = "wallet.limits_set"
    CATEGORY: ClassVar[str] = "wallet_limits"

    level: str
    currency: str
    kind: str
    per_transaction_minor: int | None
    per_day_minor: int | None
    per_month_minor: int | None

    @property
    def key(self) -> str:
        return LIMITS_KEY


class PersonEvent(Event):
    """An event of the stream in which a person's use of their limits is counted."""

    __slots__ = ()
    CATEGORY: ClassVar[str] = "limit_usage"

    owner: str

    @property
    def key(self) -> str:
        return self.owner


@dataclass(frozen=True, slots=True)
class LevelSet(PersonEvent):
    """Staff put a person on a level."""

    NAME: ClassVar[str] = "wallet.level_set"

    owner: str
    level: str


@dataclass(frozen=True, slots=True)
class UsageCounted(PersonEvent):
    """A person moved money in a way that is limited for them; `day` is the tenant's."""

    NAME: ClassVar[str] = "wallet.usage_counted"

    owner: str
    kind: str
    amount: Money
    day: date
