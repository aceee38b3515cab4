"""Whoever waits for a variant hears of it once; a guest proves their address before (INV-05)."""

from collections.abc import Iterable
from typing import Any

from application.process import Known, Passing, Perform, Process, Reaction
from domain.kernel.events import Recorded
from domain.stock.events import StockLevelCrossed
from domain.stock.watch_events import WATCHING_KEY, WatchAsked, WatcherNotified
from domain.stock.watches import Watching

FIND_WATCHERS = "stock.find_watchers"
WATCH_LINK = "stock.watch_link"
WATCH_NOTICE = "stock.watch_notice"


def _crossed(_watching: Any, passing: Passing) -> Iterable[Reaction]:  # noqa: ANN401 - of `Process`
    if passing.type == StockLevelCrossed.NAME:
        yield Perform(FIND_WATCHERS, bulk=True)


def _asked(_recorded: Recorded) -> Iterable[Reaction]:
    yield Perform(WATCH_LINK)


def _notified(_recorded: Recorded) -> Iterable[Reaction]:
    yield Perform(WATCH_NOTICE)


STOCK_WATCHES = Process(
    "stock_watches",
    {WatchAsked: _asked, WatcherNotified: _notified},
    knows=Known(Watching, WATCHING_KEY),
    relay=_crossed,
)
"""Where nobody ever waited, an import of a hundred thousand variants leads to no effect."""
