"""What every stored sample of an event of prices means; see `stored_shapes`."""

from datetime import date

from domain.kernel.events import Event
from domain.kernel.money import Money
from domain.pricing import events as pricing
from tests.architecture.stored_values import AMOUNT, MOMENT

CROSSED_OUT = Money(1_500, "TRY")
PLACE = "var_mug", "standard", 1

PRICING_SHAPES: dict[tuple[str, int], Event] = {
    ("pricing.price_list_defined", 1): pricing.PriceListDefined(
        "plt_dealers", "Bayiler", "TRY", "web", "dealers", 10, tax_included=False
    ),
    ("pricing.price_set", 1): pricing.PriceSet(*PLACE, AMOUNT, CROSSED_OUT),
    ("pricing.price_scheduled", 1): pricing.PriceScheduled(
        *PLACE, "sch_1", AMOUNT, None, MOMENT, MOMENT
    ),
    ("pricing.price_began", 1): pricing.PriceBegan(*PLACE, "sch_1", AMOUNT, CROSSED_OUT, MOMENT),
    ("pricing.price_ended", 1): pricing.PriceEnded(*PLACE, "sch_1", None, None),
    ("pricing.schedule_cancelled", 1): pricing.ScheduleCancelled(*PLACE, "sch_1"),
    ("pricing.kdv_rate_set", 1): pricing.KdvRateSet(
        "reduced", 1_200, date(2027, 1, 1), "CK 9999, Resmî Gazete 1.1.2027"
    ),
}
