"""CAT-05: what is scheduled has a timer while it is."""

from uuid import UUID

import pytest

from application.process import ClearTimer, Reaction, SetTimer
from application.processes.publications import PUBLICATION, PUBLICATIONS
from application.timers import TIMERS
from domain.catalog.events import (
    ProductArchived,
    ProductEvent,
    ProductScheduled,
    SchedulingCancelled,
)
from domain.kernel.events import Recorded
from tests.catalog.products.goods import GONE, JUG, SOON
from tests.kit.scenario import NOW, TENANT_ID

pytestmark = pytest.mark.row("CAT-05")


def reactions(event: ProductEvent) -> list[Reaction]:
    recorded = Recorded(TENANT_ID, 7, UUID(int=7), f"product-{JUG}", 1, NOW, event, b"")
    return list(PUBLICATIONS.reactions[type(event)](recorded))


def test_a_schedule_sets_a_timer_for_its_time() -> None:
    assert reactions(ProductScheduled(JUG, SOON)) == [SetTimer(PUBLICATION, JUG, SOON)]
    assert TIMERS[PUBLICATION](JUG).product_id == JUG


@pytest.mark.parametrize("event", [SchedulingCancelled(JUG, "asked"), ProductArchived(JUG), GONE])
def test_what_is_no_longer_scheduled_has_no_timer(event: ProductEvent) -> None:
    assert reactions(event) == [ClearTimer(PUBLICATION, JUG)]
