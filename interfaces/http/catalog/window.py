"""The shop window: answers that everybody gets alike, kept until anything of the listing changes.

What is asked and whether it changed since the kept answer are one look in one round trip, or
several looks of one transaction where one answer asks for the next.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from infrastructure.catalog.kept_answers import Kept
from interfaces.http.edge.exchange import NOT_MODIFIED
from interfaces.http.parts import View
from interfaces.http.routing.command import JSON
from interfaces.http.routing.query import Answer, Question
from interfaces.http.wire.etags import unchanged
from projections.catalog import listing
from projections.query import Asked, Rows

READ_MODEL = "catalog_listing"
CATEGORIES = "catalog_categories"
SORTED = (READ_MODEL, CATEGORIES)

_VARY = (b"vary", b"x-api-key, accept-language, defter-min-position")
_REVALIDATE = b"private, no-cache"


async def shown(  # noqa: PLR0913 - what an answer is made of
    question: Question[Any],
    locale: str,
    asked: Callable[[], Asked],
    *,
    tell: Callable[[Rows], bytes],
    media_type: bytes = JSON,
    read_models: Sequence[str] = (READ_MODEL,),
) -> Answer:
    """Give the kept answer, or what `tell` makes of the rows of what is `asked`.

    304 for whom it is no news.
    """
    exchange = question.exchange
    kept_answers, tenant_id = exchange.services.kept_answers, exchange.principal.tenant_id
    key = _key(question, locale)
    found = kept_answers.find(tenant_id, key, question.min_position())
    if found is not None:
        kept, position = found
    else:
        position, (changes, rows) = await question.ask(
            listing.CHANGED.with_values(tenant_id=tenant_id), asked(), read_models=read_models
        )
        changed = changes[0][0] if changes else 0
        kept = kept_answers.look(tenant_id, key, position=position, changed=changed)
        if kept is None:
            kept = kept_answers.keep(tenant_id, key, tell(rows), position)
    return _answer(question, kept, position, media_type)


async def shown_after_looks(
    question: Question[Any],
    locale: str,
    make: Callable[[View, Sequence[Rows]], Awaitable[bytes]],
    *,
    asked: Sequence[Asked] = (),
    read_models: Sequence[str] = (READ_MODEL,),
) -> Answer:
    """Give the kept answer, or what `make` finds in several looks; else as `shown`.

    It is given the view and the rows of what was `asked` with its beginning.
    """
    exchange = question.exchange
    kept_answers, tenant_id = exchange.services.kept_answers, exchange.principal.tenant_id
    key = _key(question, locale)
    found = kept_answers.find(tenant_id, key, question.min_position())
    if found is not None:
        return _answer(question, *found)
    changed_at = listing.CHANGED.with_values(tenant_id=tenant_id)
    async with question.view(*read_models, asked=(changed_at, *asked)) as view:
        position, (changes, *told) = view.position, view.told
        changed = changes[0][0] if changes else 0
        kept = kept_answers.look(tenant_id, key, position=position, changed=changed)
        if kept is None:
            kept = kept_answers.keep(tenant_id, key, await make(view, told), position)
    return _answer(question, kept, position)


def _key(question: Question[Any], locale: str) -> tuple[str, bytes, str]:
    exchange = question.exchange
    return exchange.path, exchange.scope["query_string"], locale


def _answer(question: Question[Any], kept: Kept, position: int, media_type: bytes = JSON) -> Answer:
    exchange = question.exchange
    exchange.cache_control = _REVALIDATE
    headers = ((b"etag", kept.tag), _VARY)
    if unchanged(exchange.headers.get(b"if-none-match"), kept.tag):
        return Answer(b"", position, headers, NOT_MODIFIED, media_type)
    return Answer(kept.body, position, headers, media_type=media_type)
