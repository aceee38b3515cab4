"""The shop window: answers that everybody gets alike, kept for as long as they hold.

What is asked and whether it changed since the kept answer are one look in one round trip.
"""

from collections.abc import Callable, Sequence
from typing import Any

from interfaces.http.edge.exchange import NOT_MODIFIED
from interfaces.http.routing.command import JSON
from interfaces.http.routing.query import Answer, Question
from interfaces.http.wire.etags import unchanged
from projections.catalog import listing
from projections.query import Asked

READ_MODEL = "catalog_listing"
CATEGORIES = "catalog_categories"

_VARY = (b"vary", b"x-api-key, accept-language, defter-min-position")
_REVALIDATE = b"private, no-cache"

Rows = Sequence[tuple[Any, ...]]


async def shown(
    question: Question[Any],
    locale: str,
    *asked: Asked,
    tell: Callable[..., bytes],
    media_type: bytes = JSON,
    read_models: Sequence[str] = (READ_MODEL,),
) -> Answer:
    """Give the kept answer, or what `tell` makes of the rows of each thing `asked`.

    304 for whom it is no news.
    """
    exchange = question.exchange
    kept_answers, tenant_id = exchange.services.kept_answers, exchange.principal.tenant_id
    key = (exchange.path, exchange.scope["query_string"], locale)
    found = kept_answers.find(tenant_id, key, question.min_position())
    if found is not None:
        kept, position = found
    else:
        position, (changes, *rows) = await question.ask(
            listing.CHANGED.with_values(tenant_id=tenant_id), *asked, read_models=read_models
        )
        changed = changes[0][0] if changes else 0
        kept = kept_answers.look(tenant_id, key, position=position, changed=changed)
        if kept is None:
            kept = kept_answers.keep(tenant_id, key, tell(*rows), position)
    exchange.cache_control = _REVALIDATE
    headers = ((b"etag", kept.tag), _VARY)
    if unchanged(exchange.headers.get(b"if-none-match"), kept.tag):
        return Answer(b"", position, headers, NOT_MODIFIED, media_type)
    return Answer(kept.body, position, headers, media_type=media_type)
