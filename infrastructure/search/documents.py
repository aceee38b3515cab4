"""Fills a search cluster: a document for each published product, behind the read models.

What changed is known from the log, what it is now from the index of the listing, both in one look.
The cluster says itself how far it is, so whatever was lost there is brought again. Documents carry
the position that they are of, and a late writer can not put an older one over a newer.
"""

import secrets
from collections.abc import AsyncIterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import structlog

from domain.catalog.sorting.events import CategoriesEvent
from infrastructure.postgres.pipelines import PipelinedConnection
from infrastructure.projections import checkpoints as leases
from infrastructure.projections.engine import Step
from infrastructure.search.changes import EVENTS_FOLLOWED_MAX, changes
from infrastructure.search.cluster import Cluster, Json, NoIndex, alias_of
from projections.catalog.facts import VARIANTS
from projections.catalog.listing import CATALOG_LISTING, CHANGES
from projections.catalog.searched import BRAND, CATEGORY, INDEX, NO_PRICE

DOCUMENTS = "search_documents_v1"
"""What its checkpoints are filed under; at 0 everything is brought anew."""

WRITTEN_AT_ONCE = 500

GONE: Json = {}
"""Stands for a product that is not published, so that no late writer brings it back."""

_log = structlog.get_logger(__name__)
_LOOK = f"""
SELECT coalesce((SELECT position FROM defter.checkpoints
        WHERE tenant_id = %(tenant_id)s AND projection = %(listing)s), 0),
    coalesce((SELECT max(position) FROM read_models.{CHANGES.name}
        WHERE tenant_id = %(tenant_id)s), 0),
    coalesce((SELECT max(position) FROM defter.events WHERE tenant_id = %(tenant_id)s), 0)
""".encode()  # noqa: S608 - names from code
_CATEGORIES = b"""
SELECT DISTINCT data ->> 'category_id' FROM defter.events_json
WHERE tenant_id = %s AND position > %s AND position <= %s AND starts_with(stream, %s)
"""
_CHANGED = f"""
SELECT unnest(%(products)s::text[]) COLLATE "C"
UNION SELECT product_id FROM read_models.{VARIANTS.name}
WHERE tenant_id = %(tenant_id)s AND variant_id = ANY(%(variants)s)
UNION SELECT product_id FROM read_models.{INDEX.name}
WHERE tenant_id = %(tenant_id)s AND cardinality(%(sorters)s::text[]) > 0
    AND facets && %(sorters)s::text[]
""".encode()  # noqa: S608 - as above
_TOLD = f"""
SELECT product_id, newest, cheapest, dearest, name_key, facets, tsvector_to_array(words)
FROM read_models.{INDEX.name} WHERE tenant_id = %s
"""  # noqa: S608 - as above
_CHOSEN = f"{_TOLD} AND product_id = ANY(%s)".encode()
_PAGE = f"{_TOLD} AND product_id > %s ORDER BY product_id LIMIT {WRITTEN_AT_ONCE}".encode()


class _Filed(NamedTuple):
    key: str = DOCUMENTS


class _Look(NamedTuple):
    """Where the listing stands, when it last changed, and where the log ends."""

    position: int
    changed: int
    end: int


class Documents:
    """Brings all tenants' products to a cluster, as what follows their logs."""

    def __init__(self, cluster: Cluster) -> None:
        self.keys = [DOCUMENTS]
        self._cluster = cluster
        self._seen: set[UUID] = set()
        """Tenants whose index this process saw whole, at their checkpoint."""

    async def advance(
        self,
        connection: PipelinedConnection,
        tenant_id: UUID,
        *,
        filling: bool = False,
        reader: PipelinedConnection | None = None,  # noqa: ARG002 - all is one look
    ) -> Step:
        """Bring what changed up to where the listing stands."""
        lease = await leases.lease(
            connection, tenant_id, [_Filed()], filling=filling, snapshot=True
        )
        if not lease.positions:
            return Step(None, more=False)
        given = {"tenant_id": tenant_id, "listing": CATALOG_LISTING.key}
        row = await (await connection.execute(_LOOK, given)).fetchone()
        assert row is not None
        look = _Look(*row)
        position = lease.positions[DOCUMENTS]
        if look.changed and (look.changed > position or tenant_id not in self._seen):
            self._seen.discard(tenant_id)
            await self._bring(connection, tenant_id, look, anew=not position)
            self._seen.add(tenant_id)
        if look.position > position:
            await leases.move(connection, tenant_id, lease.positions, to=look.position)
        await leases.commit(connection)
        return Step(max(look.position, position), more=False)

    async def _bring(
        self, connection: PipelinedConnection, tenant_id: UUID, look: _Look, *, anew: bool
    ) -> None:
        stands = await self._stands(tenant_id)
        if (
            anew
            or stands is None
            or stands > look.end  # the database was set back
            or look.position - stands > EVENTS_FOLLOWED_MAX
        ):
            await self._fill(connection, tenant_id, look.position)
        elif stands < look.changed:
            await self._follow(connection, tenant_id, after=stands, until=look.position)

    async def _stands(self, tenant_id: UUID) -> int | None:
        try:
            return (await self._cluster.search(tenant_id, {"size": 0})).position
        except NoIndex:
            return None

    async def _follow(
        self, connection: PipelinedConnection, tenant_id: UUID, *, after: int, until: int
    ) -> None:
        """Write what changed anew, and what is not published any more as gone."""
        ids = await _changed(connection, tenant_id, after=after, until=until)
        for first in range(0, len(ids), WRITTEN_AT_ONCE):
            some = ids[first : first + WRITTEN_AT_ONCE]
            cursor = await connection.execute(_CHOSEN, (tenant_id, some))
            told = dict.fromkeys(some, GONE) | dict(map(_document, await cursor.fetchall()))
            await self._cluster.write(tenant_id, told.items(), position=until, ends=False)
        await self._cluster.write(tenant_id, (), position=until, ends=True)

    async def _fill(self, connection: PipelinedConnection, tenant_id: UUID, position: int) -> None:
        """Fill a second index while the first one answers, and let it take its place."""
        index = f"{alias_of(tenant_id)}.{secrets.token_hex(8)}"
        await self._cluster.begin(index)
        count = 0
        async for rows in _pages(connection, tenant_id):
            documents = map(_document, rows)
            await self._cluster.write(
                tenant_id, documents, position=position, ends=False, into=index
            )
            count += len(rows)
        await self._cluster.write(tenant_id, (), position=position, ends=True, into=index)
        await self._cluster.take_up(tenant_id, index)
        _log.info("search_index_filled", tenant_id=str(tenant_id), documents=count)


async def _changed(
    connection: PipelinedConnection, tenant_id: UUID, *, after: int, until: int
) -> list[str]:
    found = await changes(connection, tenant_id, after=after, until=until)
    sorters = [f"{BRAND}={one}" for one in found.brands]
    if found.categories:
        stretch = (tenant_id, after, until, f"{CategoriesEvent.CATEGORY}-")
        cursor = await connection.execute(_CATEGORIES, stretch)
        sorters += [f"{CATEGORY}={row[0]}" for row in await cursor.fetchall()]
    given = {
        "tenant_id": tenant_id,
        "products": found.products,
        "variants": found.variants,
        "sorters": sorters,
    }
    return [row[0] for row in await (await connection.execute(_CHANGED, given)).fetchall()]


async def _pages(
    connection: PipelinedConnection, tenant_id: UUID
) -> AsyncIterator[list[tuple[Any, ...]]]:
    after = ""
    while rows := await (await connection.execute(_PAGE, (tenant_id, after))).fetchall():
        yield rows
        after = rows[-1][0]


def _document(row: Sequence[Any]) -> tuple[str, Json]:
    product_id, newest, cheapest, dearest, name_key, facets, words = row
    price = {} if cheapest == NO_PRICE else {"price": cheapest}
    return product_id, {
        "product_id": product_id,
        "newest": newest,
        "cheapest": cheapest,
        "dearest": dearest,
        "name_key": name_key,
        "facets": facets,
        "words": words,
        **price,
    }
