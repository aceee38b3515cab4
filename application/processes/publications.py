"""A scheduled product gets a timer, and loses it when it is no longer scheduled."""

from collections.abc import Iterable
from typing import Any

from application.process import ClearTimer, Process, Reaction, SetTimer
from domain.catalog.events import (
    ProductArchived,
    ProductDeleted,
    ProductScheduled,
    SchedulingCancelled,
)
from domain.kernel.events import Recorded

PUBLICATION = "catalog.publication"


def _begin(recorded: Recorded) -> Iterable[Reaction]:
    event: Any = recorded.event
    yield SetTimer(PUBLICATION, event.product_id, event.publish_at)


def _end(recorded: Recorded) -> Iterable[Reaction]:
    event: Any = recorded.event
    yield ClearTimer(PUBLICATION, event.product_id)


PUBLICATIONS = Process(
    "publications",
    {
        ProductScheduled: _begin,
        SchedulingCancelled: _end,
        ProductArchived: _end,
        ProductDeleted: _end,
    },
)
"""Publishing clears none: an imported catalogue publishes a hundred thousand products that had
none. Where one was published before its time, its timer finds it so and changes nothing."""
