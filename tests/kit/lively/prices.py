"""What a mug and a plate cost, here and there, for a log in which everything happens."""

from datetime import date, timedelta

from domain.kernel.money import Money
from domain.pricing import kdv, price_lists, schedules, setting
from domain.pricing.events import STANDARD_LIST, KdvRateSet, PriceListDefined, PricesEvent
from domain.pricing.kdv import LAW_ALONE, Rate, TaxClass
from domain.pricing.price_lists import PriceList, standard_list
from domain.pricing.prices import UNPRICED, Price, Prices, Schedule
from domain.pricing.setting import TierPrice
from tests.projections.written_logs import START

MUG, PLATE = "var_mug1", "var_plat"
DEALERS = PriceList("plt_0001", "Dealers", "TRY", None, "dealers", 10, tax_included=False)
STANDARD = standard_list("TRY")
DAY = timedelta(days=1)


def price_events() -> tuple[PricesEvent | PriceListDefined | KdvRateSet, ...]:
    """A list and a rate are defined; prices are set, scheduled, begin, end and are taken away."""
    defined = price_lists.define(None, DEALERS)
    rate = Rate(TaxClass.REDUCED, 1_200, date(2027, 1, 1), "CK 9999", own=True)
    return (*defined, *kdv.set_rate(LAW_ALONE, rate), *_mug(), *_plate())


def _mug() -> tuple[PricesEvent, ...]:
    """On sale once, on sale again, and dearer for good; a last sale never comes."""
    mug = _Story(MUG)
    mug.sets(1_000, crossed_out=1_200)
    mug.sets(900, quantity=10)
    mug.sets(700, price_list=DEALERS)
    for n, (minor, days) in enumerate(((800, 1), (850, 1), (1_100, None), (500, 1))):
        mug.schedules(f"sch_000{n}", minor, begins=2 * n + 1, days=days)
    mug.begins("sch_0000", 1)
    mug.ends("sch_0000", 2)
    mug.begins("sch_0001", 3)
    mug.sets(950)
    mug.ends("sch_0001", 4)
    mug.begins("sch_0002", 5)
    mug.cancels("sch_0003")
    mug.sets(None, quantity=10)
    mug.schedules("sch_0004", 990, begins=100, days=1)
    return tuple(mug.events)


def _plate() -> tuple[PricesEvent, ...]:
    """On sale now, and without any other price."""
    plate = _Story(PLATE)
    plate.schedules("sch_0009", 50, begins=1, days=9)
    plate.begins("sch_0009", 1)
    return tuple(plate.events)


class _Story:
    def __init__(self, variant_id: str) -> None:
        self.variant_id = variant_id
        self.prices: Prices = UNPRICED
        self.events: list[PricesEvent] = []

    def sets(
        self,
        minor: int | None,
        *,
        quantity: int = 1,
        crossed_out: int | None = None,
        price_list: PriceList = STANDARD,
    ) -> None:
        above = None if crossed_out is None else Money(crossed_out, "TRY")
        wanted = None if minor is None else Price(Money(minor, "TRY"), above)
        tier = TierPrice(quantity, wanted)
        self._record(
            setting.set_price(self.prices, price_list, tier, variant_id=self.variant_id, at=START)
        )

    def schedules(self, schedule_id: str, minor: int, *, begins: int, days: int | None) -> None:
        begins_at = START + begins * DAY
        ends_at = None if days is None else begins_at + days * DAY
        price = Price(Money(minor, "TRY"))
        wanted = Schedule(schedule_id, STANDARD_LIST, 1, price, begins_at, ends_at)
        self._record(
            schedules.schedule(self.prices, STANDARD, wanted, variant_id=self.variant_id, at=START)
        )

    def begins(self, schedule_id: str, day: int) -> None:
        at = START + day * DAY
        self._record(schedules.begin(self.prices, schedule_id, variant_id=self.variant_id, at=at))

    def ends(self, schedule_id: str, day: int) -> None:
        at = START + day * DAY
        self._record(schedules.end(self.prices, schedule_id, variant_id=self.variant_id, at=at))

    def cancels(self, schedule_id: str) -> None:
        self._record(schedules.cancel(self.prices, schedule_id, variant_id=self.variant_id))

    def _record(self, events: tuple[PricesEvent, ...]) -> None:
        for event in events:
            self.prices = Prices.evolve(self.prices, event)
            self.events.append(event)
