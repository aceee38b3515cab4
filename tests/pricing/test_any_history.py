"""INV-06: whatever is set, scheduled and cancelled, what holds is what a plain reading gives.

The reading knows nothing of schedules that begin and end: it is asked at each hour which span
covers it, and what was the last word before.
"""

from datetime import timedelta
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.pricing import schedules, setting
from domain.pricing.events import STANDARD_LIST, PricesEvent
from domain.pricing.price_lists import standard_list
from domain.pricing.prices import UNPRICED, Price, Prices, Schedule
from domain.pricing.setting import TierPrice
from tests.kit.prices import MUG
from tests.kit.scenario import NOW
from tests.kit.wallets import lira

pytestmark = pytest.mark.row("INV-06")

STANDARD = standard_list("TRY")
HOURS, AHEAD, LASTS = 24, 12, 8
MINOR = st.integers(1, 9)


class Set(NamedTuple):
    minor: int | None


class Plan(NamedTuple):
    minor: int
    ahead: int
    hours: int | None


class Cancel(NamedTuple):
    number: int


Step = Set | Plan | Cancel
STEPS = (
    st.builds(Set, st.none() | MINOR)
    | st.builds(Plan, MINOR, st.integers(1, AHEAD), st.none() | st.integers(1, LASTS))
    | st.builds(Cancel, st.integers(0, 9))
)
HISTORIES = st.dictionaries(st.integers(0, HOURS - 1), st.lists(STEPS, max_size=4), max_size=HOURS)


class Span:
    """A price from an hour until another, unless somebody said something else meanwhile."""

    def __init__(self, first: int, end: int, minor: int) -> None:
        self.first, self.end, self.minor = first, end, minor

    def covers(self, hour: int) -> bool:
        return self.first <= hour < self.end


class Reading:
    """Notes what was asked, and reads off what holds at an hour."""

    def __init__(self) -> None:
        self.words: list[tuple[int, int | None, str]] = []
        self.spans: dict[str, Span] = {}

    def say(self, hour: int, minor: int | None) -> None:
        self.words.append((hour, minor, ""))
        self.end(hour, *self.spans)

    def plan(self, name: str, first: int, plan: Plan) -> None:
        if plan.hours is None:
            self.words.append((first, plan.minor, name))
        else:
            self.spans[name] = Span(first, first + plan.hours, plan.minor)

    def cancel(self, hour: int, name: str) -> None:
        if name in self.spans and self.spans[name].first > hour:
            del self.spans[name]
        self.end(hour, name)
        self.words = [word for word in self.words if word[2] != name or word[0] <= hour]

    def end(self, hour: int, *names: str) -> None:
        for name in names:
            if name in self.spans and self.spans[name].covers(hour):
                self.spans[name].end = hour

    def at(self, hour: int) -> int | None:
        holding = [span.minor for span in self.spans.values() if span.covers(hour)]
        assert len(holding) <= 1, "spans never overlap"
        said = sorted((word for word in self.words if word[0] <= hour), key=lambda word: word[0])
        return holding[0] if holding else said[-1][1] if said else None


class Run:
    """Decides hour by hour; what is due comes first, and beginnings before ends."""

    def __init__(self) -> None:
        self.prices: Prices = UNPRICED
        self.reading = Reading()
        self.timers: set[tuple[int, bool, str]] = set()
        self.names: list[str] = []

    def hour(self, hour: int, steps: list[Step]) -> None:
        for _, ends, name in sorted(timer for timer in self.timers if timer[0] == hour):
            decide = schedules.end if ends else schedules.begin
            if self.prices.schedule(name) is not None:
                at = NOW + timedelta(hours=hour)
                self.record(decide(self.prices, name, variant_id=MUG, at=at))
        for step in steps:
            match step:
                case Set(minor):
                    self.set(hour, minor)
                case Plan():
                    self.plan(hour, step)
                case Cancel(number):
                    self.cancel(hour, number)
            assert self.now() == self.reading.at(hour)
        assert self.now() == self.reading.at(hour)

    def set(self, hour: int, minor: int | None) -> None:
        tier = TierPrice(1, None if minor is None else Price(lira(minor)))
        self.record(setting.set_price(self.prices, STANDARD, tier, variant_id=MUG, at=NOW))
        self.reading.say(hour, minor)

    def plan(self, hour: int, plan: Plan) -> None:
        name, first = f"sch_{len(self.names)}", hour + plan.ahead
        end = None if plan.hours is None else first + plan.hours
        begins_at = NOW + timedelta(hours=first)
        ends_at = None if end is None else NOW + timedelta(hours=end)
        price, at = Price(lira(plan.minor)), NOW + timedelta(hours=hour)
        wanted = Schedule(name, STANDARD_LIST, 1, price, begins_at, ends_at)
        try:
            self.record(schedules.schedule(self.prices, STANDARD, wanted, variant_id=MUG, at=at))
        except schedules.ScheduleOverlaps:
            return
        self.names.append(name)
        self.reading.plan(name, first, plan)
        self.timers |= {(first, False, name)} | ({(end, True, name)} if end else set())

    def cancel(self, hour: int, number: int) -> None:
        name = self.names[number] if number < len(self.names) else "sch_none"
        try:
            self.record(schedules.cancel(self.prices, name, variant_id=MUG))
        except schedules.ScheduleNotFound:
            return
        self.reading.cancel(hour, name)

    def record(self, events: tuple[PricesEvent, ...]) -> None:
        for event in events:
            self.prices = Prices.evolve(self.prices, event)

    def now(self) -> int | None:
        price = self.prices.tier(STANDARD_LIST, 1).now
        return price and price.amount.minor


@given(HISTORIES)
def test_what_holds_is_what_a_plain_reading_gives(history: dict[int, list[Step]]) -> None:
    run = Run()
    for hour in range(HOURS + AHEAD + LASTS + 1):
        run.hour(hour, history.get(hour, []))
    assert run.prices.schedules == (), "all that was scheduled is over"
    assert len(run.prices.tiers) <= 1


def test_a_reading_that_forgets_what_was_set_meanwhile_is_found_out() -> None:
    run = Run()
    run.hour(0, [Set(5), Plan(3, 1, 4)])
    run.hour(1, [])
    run.set(3, 7)
    run.reading.words.pop()
    assert run.now() != run.reading.at(3)
