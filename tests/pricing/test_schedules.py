"""INV-06: scheduled prices begin and end by themselves, each once, and never overlap."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from application.pricing.prices import SetPrice
from application.pricing.schedules import (
    BeginPrice,
    CancelSchedule,
    EndPrice,
    SchedulePrice,
    ScheduleResult,
)
from application.process import ClearTimer, Reaction, SetTimer
from application.processes.price_schedules import PRICE_BEGIN, PRICE_END, PRICE_SCHEDULES
from application.timers import TIMERS
from domain.kernel.events import Recorded
from domain.kernel.money import CurrencyMismatch, Money
from domain.pricing.events import STANDARD_LIST, PricesEvent
from domain.pricing.prices import SCHEDULES_MAX, Prices
from domain.pricing.schedules import (
    SCHEDULED_AHEAD_MAX,
    ScheduleExists,
    ScheduleInvalid,
    ScheduleNotDue,
    ScheduleNotFound,
    ScheduleOverlaps,
    TooManySchedules,
)
from domain.pricing.setting import MinimumQuantityInvalid
from tests.kit.prices import (
    IN_A_WEEK,
    MUG,
    SCHEDULE,
    SHOP,
    TOMORROW,
    began,
    cancelled,
    ended,
    price,
    scheduled,
)
from tests.kit.scenario import NOW, TENANT_ID, given, new_id
from tests.kit.wallets import lira

pytestmark = pytest.mark.row("INV-06")

DAY = timedelta(days=1)
PRICED = (*SHOP, price(1_000))
PLANNED = (*PRICED, scheduled())
RUNNING = (*PLANNED, began())


def plan(begins_at: datetime = TOMORROW, ends_at: datetime | None = IN_A_WEEK) -> SchedulePrice:
    return SchedulePrice(MUG, lira(800), begins_at, ends_at, schedule_id="sch_2")


def test_a_price_is_scheduled_under_an_id_of_ones_own_or_a_new_one() -> None:
    given(*PRICED).when(SchedulePrice(MUG, lira(800), TOMORROW, IN_A_WEEK)).then(
        scheduled(schedule_id=new_id("sch"))
    ).then_result(ScheduleResult(MUG, new_id("sch")))
    given(*PRICED).when(plan()).then(scheduled(schedule_id="sch_2"))


@pytest.mark.parametrize(
    ("begins_at", "ends_at"),
    [
        (NOW, IN_A_WEEK),
        (NOW - DAY, IN_A_WEEK),
        (TOMORROW, TOMORROW),
        (IN_A_WEEK, TOMORROW),
        (TOMORROW, NOW + SCHEDULED_AHEAD_MAX + DAY),
        (NOW + SCHEDULED_AHEAD_MAX + DAY, None),
    ],
)
def test_refuses_a_span_that_is_none(begins_at: datetime, ends_at: datetime | None) -> None:
    refused = given(*PRICED).when(plan(begins_at, ends_at))
    refused.then_refused(ScheduleInvalid)


def test_refuses_what_could_not_be_set_either() -> None:
    wrong = SchedulePrice(MUG, Money(1, "EUR"), TOMORROW)
    given(*PRICED).when(wrong).then_refused(CurrencyMismatch, expected="TRY", found="EUR")
    none = SchedulePrice(MUG, lira(1), TOMORROW, minimum_quantity=0)
    given(*PRICED).when(none).then_refused(MinimumQuantityInvalid)


@pytest.mark.parametrize(
    ("begins_at", "ends_at"),
    [
        (TOMORROW, IN_A_WEEK),
        (TOMORROW + DAY, TOMORROW + 2 * DAY),
        (NOW + DAY / 2, TOMORROW + DAY),
        (IN_A_WEEK - DAY, IN_A_WEEK + DAY),
        (TOMORROW, None),
        (TOMORROW + DAY, None),
    ],
)
def test_refuses_schedules_that_overlap(begins_at: datetime, ends_at: datetime | None) -> None:
    given(*PLANNED).when(plan(begins_at, ends_at)).then_refused(
        ScheduleOverlaps, schedule_id=SCHEDULE
    )


@pytest.mark.parametrize(
    ("begins_at", "ends_at"),
    [
        (NOW + DAY / 2, TOMORROW),
        (IN_A_WEEK, IN_A_WEEK + DAY),
        (NOW + DAY / 2, None),
        (IN_A_WEEK, None),
    ],
)
def test_schedules_may_touch(begins_at: datetime, ends_at: datetime | None) -> None:
    given(*PLANNED).when(plan(begins_at, ends_at)).then(
        scheduled(schedule_id="sch_2", begins_at=begins_at, ends_at=ends_at)
    )


def test_a_span_may_lie_after_a_change_that_stays() -> None:
    past = (*PRICED, scheduled(ends_at=None))
    given(*past).when(plan(TOMORROW + DAY)).then(
        scheduled(schedule_id="sch_2", begins_at=TOMORROW + DAY)
    )


def test_another_quantity_has_schedules_of_its_own() -> None:
    other = SchedulePrice(
        MUG, lira(800), TOMORROW, IN_A_WEEK, minimum_quantity=10, schedule_id="sch_2"
    )
    given(*PLANNED).when(other).then(scheduled(schedule_id="sch_2", quantity=10))


def test_refuses_an_id_that_is_in_use() -> None:
    again = SchedulePrice(MUG, lira(1), IN_A_WEEK + DAY, schedule_id=SCHEDULE)
    given(*PLANNED).when(again).then_refused(ScheduleExists)


def test_a_variant_has_a_limited_number_of_schedules() -> None:
    full = [
        scheduled(schedule_id=f"sch_{n}", begins_at=IN_A_WEEK + n * DAY, ends_at=None)
        for n in range(SCHEDULES_MAX)
    ]
    given(*PRICED, *full).when(
        SchedulePrice(MUG, lira(1), TOMORROW, schedule_id="sch_new")
    ).then_refused(TooManySchedules, limit=SCHEDULES_MAX)


def test_a_price_begins_and_what_was_set_last_holds_again_after_it() -> None:
    running = given(*PLANNED).when(BeginPrice(MUG, SCHEDULE), at=TOMORROW).then(began())
    running.then_result(ScheduleResult(MUG, SCHEDULE))
    over = running.when(EndPrice(MUG, SCHEDULE), at=IN_A_WEEK).then(ended(1_000))
    over.then_result(ScheduleResult(MUG, SCHEDULE))


def test_what_was_set_meanwhile_holds_when_it_ends() -> None:
    given(*RUNNING, price(950)).when(EndPrice(MUG, SCHEDULE), at=IN_A_WEEK).then(ended(950))
    given(*RUNNING, price(None)).when(EndPrice(MUG, SCHEDULE), at=IN_A_WEEK).then(ended(None))
    given(*SHOP, scheduled(), began()).when(EndPrice(MUG, SCHEDULE), at=IN_A_WEEK).then(ended(None))


def test_a_price_without_an_end_stays_and_is_no_schedule_any_more() -> None:
    past = (*PRICED, scheduled(ends_at=None))
    stays = given(*past).when(BeginPrice(MUG, SCHEDULE), at=TOMORROW).then(began(ends_at=None))
    assert stays.state(f"prices-{MUG}").schedules == ()
    stays.when(EndPrice(MUG, SCHEDULE), at=IN_A_WEEK).then_refused(ScheduleNotFound)
    given(*past).when(EndPrice(MUG, SCHEDULE), at=IN_A_WEEK).then_refused(ScheduleNotDue)


def test_a_price_begins_once() -> None:
    given(*RUNNING).when(BeginPrice(MUG, SCHEDULE), at=TOMORROW).then()


@pytest.mark.parametrize("command", [BeginPrice, EndPrice])
def test_refuses_to_begin_or_end_early_or_what_is_not_there(command: type[BeginPrice]) -> None:
    early = given(*PLANNED).when(command(MUG, SCHEDULE))
    facts = {"begins": TOMORROW.isoformat()} if command is BeginPrice else {}
    early.then_refused(ScheduleNotDue, **facts)
    given(*PRICED).when(command(MUG, SCHEDULE), at=IN_A_WEEK).then_refused(ScheduleNotFound)
    given(*SHOP).when(command("var_none", SCHEDULE)).then_refused(ScheduleNotFound)


def test_what_begins_in_the_moment_in_which_another_ends_ends_that_first() -> None:
    following = scheduled(700, schedule_id="sch_2", begins_at=IN_A_WEEK, ends_at=IN_A_WEEK + DAY)
    other = scheduled(600, schedule_id="sch_3", quantity=10)
    past = (*RUNNING, following, other)
    begun = given(*past).when(BeginPrice(MUG, "sch_2"), at=IN_A_WEEK)
    begun.then(ended(1_000), began(700, schedule_id="sch_2", ends_at=IN_A_WEEK + DAY))
    begun.when(EndPrice(MUG, SCHEDULE), at=IN_A_WEEK).then_refused(ScheduleNotFound)


def test_a_schedule_is_cancelled_and_one_that_runs_ends_now() -> None:
    given(*PLANNED).when(CancelSchedule(MUG, SCHEDULE)).then(cancelled()).then_result(
        ScheduleResult(MUG, SCHEDULE)
    )
    given(*RUNNING).when(CancelSchedule(MUG, SCHEDULE), at=TOMORROW).then(ended(1_000))
    given(*PRICED).when(CancelSchedule(MUG, SCHEDULE)).then_refused(ScheduleNotFound)


def test_a_schedule_whose_whole_time_was_missed_is_over() -> None:
    given(*PLANNED).when(EndPrice(MUG, SCHEDULE), at=IN_A_WEEK).then(cancelled())


def test_what_is_set_leaves_schedules_as_they_are() -> None:
    planned = given(*PLANNED).when(SetPrice(MUG, lira(900))).then(price(900))
    planned.when(BeginPrice(MUG, SCHEDULE), at=TOMORROW).then(began())


def reactions_to(event: PricesEvent) -> list[Reaction]:
    recorded = Recorded(TENANT_ID, 1, UUID(int=1), f"prices-{MUG}", 1, NOW, event, b"{}")
    return list(PRICE_SCHEDULES.reactions[type(event)](recorded))


def test_timers_begin_and_end_it() -> None:
    key = f"{MUG}/{SCHEDULE}"
    begins, ends = SetTimer(PRICE_BEGIN, key, TOMORROW), SetTimer(PRICE_END, key, IN_A_WEEK)
    assert reactions_to(scheduled()) == [begins, ends]
    assert reactions_to(scheduled(ends_at=None)) == [begins]
    cleared = [ClearTimer(PRICE_BEGIN, key), ClearTimer(PRICE_END, key)]
    assert reactions_to(cancelled()) == reactions_to(ended(1)) == cleared
    assert TIMERS[PRICE_BEGIN](key) == BeginPrice(MUG, SCHEDULE)
    assert TIMERS[PRICE_END](key) == EndPrice(MUG, SCHEDULE)


def test_nothing_else_happens_to_prices() -> None:
    class Unheard(PricesEvent):
        pass

    with pytest.raises(AssertionError):
        Prices.evolve(None, Unheard())


def test_what_begins_leaves_other_schedules_as_they_are() -> None:
    other = scheduled(schedule_id="sch_2", begins_at=IN_A_WEEK, ends_at=None)
    state = (
        given(*PLANNED, other).when(BeginPrice(MUG, SCHEDULE), at=TOMORROW).state(f"prices-{MUG}")
    )
    assert {one.schedule_id: one.begun for one in state.schedules} == {
        SCHEDULE: True,
        "sch_2": False,
    }
    assert state.tier(STANDARD_LIST, 1).after.amount == lira(1_000)
