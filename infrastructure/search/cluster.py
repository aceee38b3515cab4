"""A cluster that speaks OpenSearch's REST protocol: one alias a tenant, and an index behind it.

https://docs.opensearch.org/latest/api-reference/ (Elasticsearch documents what is used alike)
Each index holds a document that says as of which position of the log it stands. It comes in with
what it speaks for, and every answer tells it.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypeAlias, TypeVar
from urllib.parse import urlencode
from uuid import UUID

import httpx
import msgspec

from infrastructure.projections.checkpoints import TryAgain
from projections.catalog.listing import CATALOG_LISTING

ANSWER_SECONDS_MAX = 0.5
"""Somebody waits for it, and PostgreSQL would have answered meanwhile."""

WRITE_SECONDS_MAX = 10.0

LAYOUT = 1
"""Of documents: other ones stand in other indexes, which are filled anew."""

POSITION = "position"
"""The id and the field of the document that says where an index stands."""

Json: TypeAlias = Mapping[str, Any]
_T = TypeVar("_T")

_KEYWORD, _LONG = {"type": "keyword"}, {"type": "long"}
_INDEX: Json = {
    # One shard counts exactly; what is written is seen when its position is, and not before.
    "settings": {"number_of_shards": 1, "refresh_interval": "-1"},
    "mappings": {
        "dynamic": "strict",
        "properties": {
            POSITION: _LONG,
            "product_id": _KEYWORD,
            "newest": _LONG,
            "cheapest": _LONG,
            "dearest": _LONG,
            "price": _LONG,
            "name_key": _KEYWORD,
            "facets": _KEYWORD,
            "words": _KEYWORD,
        },
    },
}
_STANDS: Json = {"global": {}, "aggs": {"highest": {"max": {"field": POSITION}}}}
_REPLACED = {HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.CONFLICT}
"""How a document may come in; a conflict is with a newer one, which stays."""


class Away(TryAgain):
    """The cluster did not answer, or not what its protocol says."""


class NoIndex(TryAgain):
    """The tenant has no index there."""


class Refused(TryAgain):
    """The cluster does not take this question; others it may."""


class _Total(msgspec.Struct):
    value: int


class Hit(msgspec.Struct):
    """What a product was sorted by; the last one is its id."""

    sort: list[Any]


class _Hits(msgspec.Struct):
    total: _Total
    hits: list[Hit]


class _Shards(msgspec.Struct):
    failed: int


class Bucket(msgspec.Struct):
    """How many products have a value."""

    key: str
    doc_count: int


class Values(msgspec.Struct):
    """The values with the most products, and how many products the others have."""

    buckets: list[Bucket] = msgspec.field(default_factory=list[Bucket])
    sum_other_doc_count: int = 0


class Extreme(msgspec.Struct):
    """The lowest or highest number, if there is any."""

    value: float | None = None


class Aggregation(msgspec.Struct):
    """What was counted of one thing; the other fields are left as they are."""

    values: Values = msgspec.field(default_factory=Values)
    lowest: Extreme = msgspec.field(default_factory=Extreme)
    highest: Extreme = msgspec.field(default_factory=Extreme)


class _Said(msgspec.Struct):
    timed_out: bool
    shards: _Shards = msgspec.field(name="_shards")
    hits: _Hits
    aggregations: dict[str, Aggregation]


class Answer(msgspec.Struct):
    """What a search found. `position` is where the index stands, or None for none that is whole."""

    position: int | None
    total: int
    hits: Sequence[Hit]
    counted: Mapping[str, Aggregation]


class _Wrote(msgspec.Struct):
    status: int


class _Bulk(msgspec.Struct):
    items: list[dict[str, _Wrote]]


class Cluster:
    """Talks to it over connections that are kept. `key` is `user:password`."""

    def __init__(
        self, url: str, key: str | None = None, *, answer_seconds: float = ANSWER_SECONDS_MAX
    ) -> None:
        self._answer_seconds = answer_seconds
        user, _, password = (key or "").partition(":")
        login = httpx.BasicAuth(user, password) if key else None
        self._http = httpx.AsyncClient(base_url=url, auth=login, timeout=WRITE_SECONDS_MAX)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def search(self, tenant_id: UUID, body: Json) -> Answer:
        """Ask a tenant's index; every product that fits is counted."""
        aggs = {**body.get("aggs", {}), POSITION: _STANDS}
        asked = {**body, "_source": False, "track_total_hits": True, "aggs": aggs}
        path = f"/{alias_of(tenant_id)}/_search?allow_partial_search_results=false"
        answer = await self._asked(_Said, "POST", path, asked, seconds=self._answer_seconds)
        if answer.timed_out or answer.shards.failed:
            raise Away("a part of the answer is lacking")
        counted = answer.aggregations
        if not counted.keys() >= aggs.keys():
            raise Away("not all was counted")
        at = counted[POSITION].highest.value
        hits = answer.hits
        return Answer(None if at is None else int(at), hits.total.value, hits.hits, counted)

    async def begin(self, index: str) -> None:
        """Make an empty index."""
        await self._asked(dict[str, Any], "PUT", f"/{index}", _INDEX)

    async def write(
        self,
        tenant_id: UUID,
        documents: Iterable[tuple[str, Json]],
        *,
        position: int,
        ends: bool,
        into: str | None = None,
    ) -> None:
        """Put documents as of a position in place of what has their ids; newer ones stay.

        `into` is an index that does not answer yet. Nothing is seen until `ends`, and then all.
        """
        if ends:
            documents = (*documents, (POSITION, {POSITION: position}))
        body = b"".join(
            msgspec.json.encode(line) + b"\n"
            for id_, document in documents
            for line in (
                {"index": {"_id": id_, "version": position, "version_type": "external_gte"}},
                document,
            )
        )
        asked = {"refresh": str(ends).lower(), "require_alias": str(into is None).lower()}
        path = f"/{into or alias_of(tenant_id)}/_bulk?{urlencode(asked)}"
        bulk = await self._asked(_Bulk, "POST", path, body)
        statuses = {wrote.status for item in bulk.items for wrote in item.values()}
        if HTTPStatus.NOT_FOUND in statuses:
            raise NoIndex("it is not there any more")
        if not statuses <= _REPLACED:
            raise Away(f"documents were refused with {max(statuses)}")

    async def take_up(self, tenant_id: UUID, index: str) -> None:
        """Let a filled index answer from now on, in place of all others of the tenant."""
        alias = alias_of(tenant_id)
        there = await self._asked(dict[str, Any], "GET", f"/{alias}.*/_alias")
        actions = [{"add": {"index": index, "alias": alias}}]
        actions += [{"remove_index": {"index": other}} for other in sorted(there) if other != index]
        await self._asked(dict[str, Any], "POST", "/_aliases", {"actions": actions})

    async def _asked(
        self,
        kind: type[_T],
        method: str,
        path: str,
        body: Json | bytes | None = None,
        *,
        seconds: float = WRITE_SECONDS_MAX,
    ) -> _T:
        lines = isinstance(body, bytes)
        content = body if lines or body is None else msgspec.json.encode(body)
        headers = {"content-type": "application/x-ndjson" if lines else "application/json"}
        try:
            async with asyncio.timeout(seconds):
                said = await self._http.request(method, path, content=content, headers=headers)
        except TimeoutError:
            raise Away(f"no answer within {seconds} s") from None
        except (httpx.HTTPError, httpx.InvalidURL) as fault:
            raise Away(type(fault).__name__) from None
        if said.status_code == HTTPStatus.NOT_FOUND:
            raise NoIndex("there is none")
        if said.status_code == HTTPStatus.BAD_REQUEST:
            raise Refused("it does not take the request")
        if not said.is_success:
            raise Away(f"answered {said.status_code}")
        try:
            return msgspec.json.decode(said.content, type=kind)
        except msgspec.MsgspecError:
            raise Away("answered what is not of its protocol") from None


def alias_of(tenant_id: UUID) -> str:
    """Name a tenant's index. Another version of the listing stands in another one."""
    return f"defter-{LAYOUT}-{CATALOG_LISTING.key}-{tenant_id}"
