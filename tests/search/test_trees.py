"""SRC-02: the facet of categories, compared with counting by hand in trees of any shape."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infrastructure.postgres.connections import connect
from infrastructure.search.engine import Filters
from infrastructure.search.memory import MemorySearch
from infrastructure.search.postgres import PostgresSearch
from tests.projections.stepping import catch_up
from tests.projections.written_logs import Log
from tests.search.engines import (
    ARTICLES,
    CATEGORIES,
    COLORS,
    WINDOW,
    Article,
    Engines,
    below,
    look,
    on_shelves,
)

FORESTS = st.lists(
    st.integers(-1, len(CATEGORIES) - 2), min_size=len(CATEGORIES), max_size=len(CATEGORIES)
).map(
    lambda places: {
        one: tuple(CATEGORIES)[place]
        for n, (one, place) in enumerate(zip(CATEGORIES, places, strict=True))
        if 0 <= place < n
    }
)
"""Every category stands at the top, or below one that was there before it."""


@pytest.mark.row("SRC-02")
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    articles=ARTICLES,
    above=FORESTS,
    picked=st.lists(st.sampled_from(sorted(CATEGORIES)), max_size=2, unique=True),
    colors=st.lists(st.sampled_from(COLORS), max_size=2, unique=True).map(tuple),
)
def test_a_category_counts_what_choosing_it_would_find(
    module_database_url: str,
    articles: list[Article],
    above: dict[str, str],
    picked: list[str],
    colors: tuple[str, ...],
) -> None:
    whole = {one: below(above, one) for one in CATEGORIES}
    fitting = [one for one in articles if not colors or one.color in colors]
    counted = {
        category_id: sum(1 for one in fitting if not within.isdisjoint(one.categories))
        for category_id, within in whole.items()
    }
    expected = {category_id: count for category_id, count in counted.items() if count}

    async def compare() -> None:
        log = Log()
        memory = MemorySearch(on_shelves(log, articles, above), above=above)
        log.store(module_database_url)
        async with await connect(module_database_url) as connection:
            await catch_up(connection, log.tenant_id, WINDOW)
            shop = await look(connection, log.tenant_id)
            chosen = {"attributes.color": colors} if colors else {}
            if picked:  # as whoever asks says it; a facet is not narrowed by what is chosen of it
                chosen["category"] = tuple({one for each in picked for one in whole[each]})
            for engine in (memory, PostgresSearch()):
                asking = Engines(engine, shop)
                facets = await asking.facets(("category",), filters=Filters(chosen))
                assert facets.counts["category"] == expected
                for category_id, within in whole.items():
                    choice = Filters({**chosen, "category": tuple(within)})
                    assert (await asking.found(filters=choice)).total == counted[category_id]
            await connection.execute(b"ROLLBACK")

    asyncio.run(compare())
