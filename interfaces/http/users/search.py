"""Find customers by the beginnings of their names, addresses, numbers and ids (USR-04)."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, Field

from application.permissions import Permission
from infrastructure.users.person_index import PURPOSE, found_by, matched, token_of
from infrastructure.users.search_words import ID, ID_PREFIX, asked_words
from interfaces.http.edge.exchange import Exchange
from interfaces.http.parts import View
from interfaces.http.routing.pages import Page, cursor_of, place_of
from interfaces.http.routing.query import Answer, QueryRoute, Question
from interfaces.http.users.customers import READ_MODEL, CustomerView, sealed, told
from interfaces.http.wire.personal import opened
from interfaces.http.wire.problems import FieldError, Problem
from projections.users import customers

QUESTION_LENGTH_MAX = 120


class SearchParams(Page):
    """What to look for."""

    q: Annotated[
        str,
        Field(
            min_length=2,
            max_length=QUESTION_LENGTH_MAX,
            description="Beginnings of words, two letters each at least; all have to match",
            examples=["ayş demi"],
        ),
    ]


class FoundView(CustomerView):
    """A customer, and which of their fields matched."""

    matched: list[str] = Field(examples=[["name"]])


class FoundPageView(BaseModel):
    """A page of customers that were found."""

    items: list[FoundView]
    next_cursor: str | None


async def _search(question: Question[SearchParams]) -> Answer:
    """Who may not read personal data finds by the id alone: else they could guess it by letters.

    Somebody who became known is found a moment later, when their words are indexed.
    """
    exchange, params = question.exchange, question.params
    tenant_id = exchange.principal.tenant_id
    after = "" if params.cursor is None else place_of(params.cursor, str)[0]
    async with question.view(READ_MODEL) as view:
        found = await _found(exchange, view, params.q.strip(), after, params.limit + 1)
        shown = list(found)[: params.limit]
        rows = await customers.customers_of(view.connection, tenant_id, shown)
        texts = await opened(exchange, view, [one for row in rows.values() for one in sealed(row)])
    items = [{**told(rows[one], texts), "matched": found[one]} for one in shown if one in rows]
    more = cursor_of(shown[-1]) if len(found) > params.limit else None
    return Answer({"items": items, "next_cursor": more}, view.position)


async def _found(
    exchange: Exchange, view: View, asked: str, after: str, limit: int
) -> Mapping[str, list[str]]:
    tenant_id = exchange.principal.tenant_id
    if asked.startswith(ID_PREFIX):
        ids = await customers.ids_from(view.connection, tenant_id, asked, after=after, limit=limit)
        return {one: [ID] for one in ids}
    words = [await _tokens(exchange, word) for word in asked_words(asked)]
    if not words:
        raise _too_short()
    if not exchange.principal.may(Permission.PII_READ):
        return {}
    ids = await found_by(view.connection, tenant_id, words, after=after, limit=limit)
    fields = {token: field for word in words for token, field in word.items()}
    why = await matched(view.connection, tenant_id, ids, fields)
    return {one: why.get(one, []) for one in ids}


async def _tokens(exchange: Exchange, word: Mapping[str, str]) -> dict[int, str]:
    keys, tenant_id = exchange.services.claim_keys, exchange.principal.tenant_id
    return {
        token_of(await keys.hash(tenant_id, PURPOSE + text)): field for text, field in word.items()
    }


def _too_short() -> Problem:
    wrong = FieldError("/q", "field.too_short", "a word has two letters at least")
    return Problem(422, "request.invalid", "some fields are not as they should be", errors=[wrong])


SEARCH = QueryRoute(
    "/api/customers/search",
    SearchParams,
    _search,
    permission=Permission.USERS_READ,
    result=FoundPageView,
    summary="Find customers by what their name, address, number or id begins with",
    name="users_search_customers",
    staff_only=True,
)
