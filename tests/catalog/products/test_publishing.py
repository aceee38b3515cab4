"""CAT-05: a product is published when nothing is missing, archived when it is history."""

from datetime import timedelta
from itertools import product as every_pair

import pytest

from application.catalog.finding import ProductResult
from application.catalog.publishing import (
    ArchiveProduct,
    CancelScheduling,
    DeleteProduct,
    PublishProduct,
    PublishScheduled,
    RestoreProduct,
    ScheduleProduct,
    UnpublishProduct,
)
from domain.catalog.events import (
    ProductArchived,
    ProductEvent,
    ProductPublished,
    ProductRestored,
    ProductScheduled,
    ProductUnpublished,
    SchedulingCancelled,
)
from domain.catalog.products.product import MOVES, Product, ProductNotFound, Status, StatusForbids
from domain.catalog.products.publishing import (
    SCHEDULE_AHEAD_MAX,
    NotPublishable,
    ScheduleInvalid,
    ScheduleNotDue,
)
from domain.catalog.variant_events import VariantRetired
from domain.kernel.events import Event
from domain.pricing.events import STANDARD_LIST, PriceSet
from tests.catalog.products.goods import (
    ADDED,
    ARCHIVED,
    CLASSIFIED,
    CLEAR,
    CREATED,
    DELETED,
    DRAFT,
    FREED,
    GONE,
    GTIN,
    JUG,
    PICTURED,
    PRICED,
    PUBLISHED,
    SCHEDULED,
    SHOP,
    SKU,
    SOON,
    TAXED,
    USED,
    WHOLE,
)
from tests.kit.scenario import NOW, given

pytestmark = pytest.mark.row("CAT-05")

STATES: dict[str, tuple[Event, ...]] = {
    "none": SHOP,
    "draft": WHOLE,
    "scheduled": SCHEDULED,
    "published": PUBLISHED,
    "unpublished": (*PUBLISHED, ProductUnpublished(JUG)),
    "archived": ARCHIVED,
    "archived unseen": (*WHOLE, ProductArchived(JUG)),
    "deleted": DELETED,
}
STEPS: dict[str, object] = {
    "publish": PublishProduct(JUG),
    "schedule": ScheduleProduct(JUG, SOON),
    "when due": PublishScheduled(JUG),
    "cancel": CancelScheduling(JUG),
    "unpublish": UnpublishProduct(JUG),
    "archive": ArchiveProduct(JUG),
    "restore": RestoreProduct(JUG),
    "delete": DeleteProduct(JUG),
}
PUBLISHES, ARCHIVES = (ProductPublished(JUG),), (ProductArchived(JUG),)
SCHEDULES, CANCELS = (ProductScheduled(JUG, SOON),), (SchedulingCancelled(JUG, "asked"),)
RESTORES, GOES = (ProductRestored(JUG),), (GONE, *FREED)

ALLOWED: dict[tuple[str, str], tuple[Event, ...]] = {
    ("draft", "publish"): PUBLISHES,
    ("draft", "schedule"): SCHEDULES,
    ("draft", "archive"): ARCHIVES,
    ("draft", "delete"): GOES,
    ("scheduled", "publish"): PUBLISHES,
    ("scheduled", "schedule"): SCHEDULES,
    ("scheduled", "when due"): PUBLISHES,
    ("scheduled", "cancel"): CANCELS,
    ("scheduled", "archive"): ARCHIVES,
    ("scheduled", "delete"): GOES,
    ("published", "unpublish"): (ProductUnpublished(JUG),),
    ("published", "archive"): ARCHIVES,
    ("published", "delete"): ARCHIVES,
    ("unpublished", "publish"): PUBLISHES,
    ("unpublished", "schedule"): SCHEDULES,
    ("unpublished", "archive"): ARCHIVES,
    ("unpublished", "delete"): ARCHIVES,
    ("archived", "restore"): RESTORES,
    ("archived", "delete"): (),
    ("archived unseen", "restore"): RESTORES,
    ("archived unseen", "delete"): GOES,
}
"""Every step that may be taken; all others are refused."""


@pytest.mark.parametrize(("state", "step"), list(every_pair(STATES, STEPS)))
def test_every_status_answers_every_step(state: str, step: str) -> None:
    at = SOON if step == "when due" else NOW
    answer = given(*STATES[state]).when(STEPS[step], at=at)
    allowed = ALLOWED.get((state, step))
    if allowed is not None:
        answer.then(*allowed)
        return
    refusal = answer.decision.refusal
    absent = state in {"none", "deleted"}
    assert isinstance(refusal, ProductNotFound if absent else StatusForbids)
    if not absent:
        shown = {"archived unseen": "archived", "unpublished": "draft"}.get(state, state)
        assert refusal.facts == {"status": shown}


def test_the_state_machine_is_the_one_table() -> None:
    reached = {Status.DRAFT} | {move.reaches for move in MOVES.values()}
    assert reached == set(Status)
    assert not any(Status.DELETED in move.leaves for move in MOVES.values())
    for kind in MOVES:
        assert issubclass(kind, ProductEvent)


NEEDED: dict[str, tuple[Event, ...]] = {
    "price": (PRICED,),
    "image": (PICTURED,),
    "category": (*USED, CLASSIFIED),
    "tax_class": (TAXED,),
}


@pytest.mark.parametrize("lacking", [*NEEDED, "all"])
def test_everything_that_is_missing_is_told_at_once(lacking: str) -> None:
    if lacking == "all":
        story, missing = given(*DRAFT), "price,image,category,tax_class,variant"
    else:
        there = [event for need, events in NEEDED.items() if need != lacking for event in events]
        story, missing = given(*SHOP, CREATED, ADDED, *there), lacking
    story.when(PublishProduct(JUG)).then_refused(NotPublishable, missing=missing)


def test_the_price_of_a_retired_variant_counts_for_nothing() -> None:
    story = given(*WHOLE, VariantRetired(JUG, CLEAR, SKU, GTIN))
    story.when(PublishProduct(JUG)).then_refused(NotPublishable, missing="price,variant")


def test_a_price_that_was_taken_away_is_none() -> None:
    story = given(*WHOLE, PriceSet(CLEAR, STANDARD_LIST, 1, None, None))
    story.when(PublishProduct(JUG)).then_refused(NotPublishable, missing="price")


def test_what_was_published_is_told_with_its_version() -> None:
    answer = given(*WHOLE).when(PublishProduct(JUG))
    answer.then_result(ProductResult(JUG, "cam-surahi", "published", 6))
    assert answer.state(f"product-{JUG}").version == 6


@pytest.mark.parametrize("when", [NOW, NOW - timedelta(days=1), NOW + SCHEDULE_AHEAD_MAX * 2])
def test_a_schedule_is_for_a_time_to_come_that_is_not_too_far(when: object) -> None:
    asked = ScheduleProduct(JUG, when)  # type: ignore[arg-type]
    given(*WHOLE).when(asked).then_refused(ScheduleInvalid, now=NOW.isoformat())


def test_what_is_scheduled_is_not_published_before_its_time() -> None:
    early = SOON - timedelta(microseconds=1)
    answer = given(*SCHEDULED).when(PublishScheduled(JUG), at=early)
    answer.then_refused(ScheduleNotDue, publish_at=SOON.isoformat())


def test_another_time_counts_in_place_of_the_one_before() -> None:
    later = SOON + timedelta(days=1)
    moved = given(*SCHEDULED).when(ScheduleProduct(JUG, later))
    moved.then(ProductScheduled(JUG, later))
    due = moved.when(PublishScheduled(JUG), at=SOON)
    due.then_refused(ScheduleNotDue, publish_at=later.isoformat())


def test_a_schedule_ends_with_what_is_missing_when_its_time_has_come() -> None:
    story = given(*DRAFT, TAXED, ProductScheduled(JUG, SOON))
    ended = story.when(PublishScheduled(JUG), at=SOON)
    ended.then(SchedulingCancelled(JUG, "price,image,category,variant"))
    assert ended.state(f"product-{JUG}").status is Status.DRAFT


def test_a_status_that_is_none_can_not_be_spelled() -> None:
    for wrong in ({"status": Status.SCHEDULED}, {"publish_at": SOON}):
        with pytest.raises(AssertionError):
            Product(JUG, 1, "jug", **wrong)  # type: ignore[arg-type]


def test_an_event_that_products_do_not_have_is_a_bug() -> None:
    class Planted(ProductEvent):
        product_id = JUG

    with pytest.raises(AssertionError):
        Product.evolve(Product(JUG, 1, "jug"), Planted())
