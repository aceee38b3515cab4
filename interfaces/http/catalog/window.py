"""The shop window: answers that everybody gets alike, kept for as long as they hold."""

from collections.abc import Awaitable, Callable
from typing import Any

from interfaces.http.edge.exchange import NOT_MODIFIED
from interfaces.http.parts import View
from interfaces.http.routing.command import JSON
from interfaces.http.routing.query import Answer, Question
from interfaces.http.wire.etags import unchanged
from projections.catalog import listing

READ_MODEL = "catalog_listing"

_VARY = (b"vary", b"x-api-key, accept-language, defter-min-position")
_REVALIDATE = b"private, no-cache"


async def shown(
    question: Question[Any],
    locale: str,
    make: Callable[[View], Awaitable[bytes]],
    *,
    media_type: bytes = JSON,
) -> Answer:
    """Give the kept answer to a question, or make it; 304 for whom it is no news."""
    exchange = question.exchange
    kept_answers, tenant_id = exchange.services.kept_answers, exchange.principal.tenant_id
    asked = (exchange.path, exchange.scope["query_string"], locale)
    found = kept_answers.find(tenant_id, asked, question.min_position())
    if found is not None:
        kept, position = found
    else:
        async with question.view(READ_MODEL) as view:
            position = view.position
            changed = await listing.changed_at(view.connection, tenant_id)
            still = kept_answers.look(tenant_id, asked, position=position, changed=changed)
            kept = still or kept_answers.keep(tenant_id, asked, await make(view), position)
    exchange.cache_control = _REVALIDATE
    headers = ((b"etag", kept.tag), _VARY)
    if unchanged(exchange.headers.get(b"if-none-match"), kept.tag):
        return Answer(b"", position, headers, NOT_MODIFIED, media_type)
    return Answer(kept.body, position, headers, media_type=media_type)
