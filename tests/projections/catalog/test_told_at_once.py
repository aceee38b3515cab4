"""CAT-03: a product that was told at once is read as one that was told piece by piece."""

from collections.abc import Iterable
from typing import Any

import pytest

from domain.catalog.content import Option, Restrictions, Text
from domain.catalog.events import (
    AttributesSet,
    ChannelsChosen,
    MediaArranged,
    ProductClassified,
    ProductCreated,
    ProductEvent,
    ProductPublished,
    RestrictionsSet,
    TaxClassChosen,
)
from domain.catalog.products.describing import saying
from domain.catalog.variant_events import OptionsChosen, VariantAdded
from domain.kernel.events import Event
from domain.search.events import SynonymsSet
from infrastructure.postgres.connections import connect
from projections.read_models import READ_MODELS
from tests.kit.lively.shelves import PICTURE, price, received, sorting
from tests.projections.stepping import all_rows, catch_up
from tests.projections.written_logs import Log

pytestmark = pytest.mark.row("CAT-03")

ID = "prd_0001"
BEGUN = ProductCreated(ID, "vazo", {"tr": Text("Mavi vazo", "El yapımı"), "en": Text("Vase")})
SAID: tuple[ProductEvent, ...] = (
    ProductClassified(ID, ("cat_vazo", "cat_ev"), "cat_vazo", "brd_ada1"),
    TaxClassChosen(ID, "standard"),
    AttributesSet(ID, "pty_vazo", {"color": "mavi", "fragile": True, "use": ("ev", "ofis")}),
    MediaArranged(ID, (PICTURE,)),
    RestrictionsSet(ID, Restrictions(minimum_age_years=18, not_regions=("DE",))),
    ChannelsChosen(ID, ("web", "pos")),
    OptionsChosen(ID, (Option("boy", ("küçük", "büyük")),)),
)
NEXT = (
    VariantAdded(ID, "var_1", "SKU-1", None, None, {"boy": "büyük"}, 900),
    price("var_1", 1_000),
    received("var_1", 5),
    ProductPublished(ID),
)
COUNTED_BY_EVENTS = {"version", "place"}


async def rows_after(url: str, events: Iterable[Event]) -> dict[str, list[Any]]:
    """Give the rows of the catalogue, but for what counts the events of a product."""
    log = Log()
    log.record([*sorting(), *events])
    log.store(url)
    async with await connect(url) as connection:
        assert await catch_up(connection, log.tenant_id) == ()
    found = all_rows(url, log.tenant_id)
    tables = (table for model in READ_MODELS for table in model.tables)
    return {
        table.name: [
            [
                cell
                for column, cell in zip(table.columns, row, strict=True)
                if column not in COUNTED_BY_EVENTS
            ]
            for row in found[table.name]
        ]
        for table in tables
        if table.name.startswith("catalog_")
    }


async def test_every_read_model_says_the_same(module_database_url: str) -> None:
    meanwhile = [SynonymsSet(())] * len(SAID)
    singly = await rows_after(module_database_url, [BEGUN, *SAID, *NEXT])
    at_once = [saying(BEGUN, SAID), *meanwhile, *NEXT]
    assert await rows_after(module_database_url, at_once) == singly
    assert sum(map(bool, singly.values())) > 8, "there is something to compare"


def test_each_piece_is_said_by_the_field_of_its_own_event() -> None:
    whole = saying(BEGUN, SAID)
    for event in SAID:
        for name in event.__slots__:
            assert getattr(whole, name) == getattr(event, name)
    assert saying(BEGUN, ()) == BEGUN
