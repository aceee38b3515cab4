"""Answers of the search, kept like those of the shop window: until anything of the listing changes.

What is asked takes several looks, one after another, within one transaction.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from interfaces.http.catalog.window import READ_MODEL
from interfaces.http.edge.exchange import NOT_MODIFIED
from interfaces.http.parts import View
from interfaces.http.routing.query import Answer, Question
from interfaces.http.wire.etags import unchanged
from projections.catalog import listing

_VARY = (b"vary", b"x-api-key, accept-language, defter-min-position")


async def kept(
    question: Question[Any],
    locale: str,
    make: Callable[[View], Awaitable[bytes]],
    *beside: str,
) -> Answer:
    """Give the kept answer to a question, or make it; 304 for whom it is no news.

    `beside` are further read models that it is made of.
    """
    exchange = question.exchange
    answers, tenant_id = exchange.services.kept_answers, exchange.principal.tenant_id
    asked = (exchange.path, exchange.scope["query_string"], locale)
    found = answers.find(tenant_id, asked, question.min_position())
    if found is None:
        async with question.view(READ_MODEL, *beside) as view:
            position = view.position
            changes = await listing.CHANGED.tuples(view.connection, tenant_id=tenant_id)
            changed = changes[0][0] if changes else 0
            still = answers.look(tenant_id, asked, position=position, changed=changed)
            found = (still or answers.keep(tenant_id, asked, await make(view), position)), position
    answer, position = found
    exchange.cache_control = b"private, no-cache"
    headers = ((b"etag", answer.tag), _VARY)
    if unchanged(exchange.headers.get(b"if-none-match"), answer.tag):
        return Answer(b"", position, headers, NOT_MODIFIED)
    return Answer(answer.body, position, headers)
