"""What happens to watches: somebody wants to hear when a variant is there again.

One stream for each watcher and variant. A guest is known by `watcher_id`, a keyed hash of their
address; the address is sealed for `subject_id`, which is of this watch alone and forgotten with it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.kernel.events import Event, Personal

WATCHING_KEY = "all"


@dataclass(frozen=True, slots=True)
class WatchingBegun(Event):
    """For the first time somebody watches something in this shop."""

    NAME: ClassVar[str] = "stock.watching_begun"
    CATEGORY: ClassVar[str] = "stock_watching"

    @property
    def key(self) -> str:
        return WATCHING_KEY


class WatchEvent(Event):
    """An event of a watch's stream."""

    __slots__ = ()
    CATEGORY: ClassVar[str] = "stock_watch"

    variant_id: str
    watcher_id: str

    @property
    def key(self) -> str:
        return f"{self.variant_id}.{self.watcher_id}"


@dataclass(frozen=True, slots=True)
class WatchBegun(WatchEvent):
    """A customer waits for a variant."""

    NAME: ClassVar[str] = "stock.watch_begun"

    variant_id: str
    watcher_id: str
    product_id: str


@dataclass(frozen=True, slots=True)
class WatchAsked(WatchEvent):
    """Somebody gave an address; whoever reads what is sent there confirms it by `expires_at`."""

    NAME: ClassVar[str] = "stock.watch_asked"

    variant_id: str
    watcher_id: str
    product_id: str
    subject_id: str
    email: Personal
    locale: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class WatchConfirmed(WatchEvent):
    """Whoever has the address waits for a variant."""

    NAME: ClassVar[str] = "stock.watch_confirmed"

    variant_id: str
    watcher_id: str


@dataclass(frozen=True, slots=True)
class WatcherNotified(WatchEvent):
    """The variant is there again: the one notice of this watch goes out."""

    NAME: ClassVar[str] = "stock.watcher_notified"

    variant_id: str
    watcher_id: str


@dataclass(frozen=True, slots=True)
class WatchEnded(WatchEvent):
    """Nobody waits any more. `reason` is unsubscribed, lapsed or told; a guest is forgotten."""

    NAME: ClassVar[str] = "stock.watch_ended"

    variant_id: str
    watcher_id: str
    reason: str
    subject_id: str | None

    def forgets(self) -> tuple[str, ...]:
        return (self.subject_id,) if self.subject_id is not None else ()
