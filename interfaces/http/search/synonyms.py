"""Which words a shop finds for one another (SRC-01)."""

from typing import Annotated

from pydantic import BaseModel, Field

from application.permissions import Permission
from application.search.synonyms import SetSynonyms, SynonymsResult
from domain.search.events import Synonyms
from domain.search.synonyms import GROUPS_MAX, TERM_LENGTH_MAX, TERMS_MAX
from interfaces.http.catalog.window import READ_MODEL
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.routing.query import Answer, QueryRoute, Question, Standing
from interfaces.http.wire.fields import Body
from projections.search.synonyms import groups_of

PATH = "/api/admin/search/synonyms"

Term = Annotated[str, Field(min_length=1, max_length=TERM_LENGTH_MAX, pattern=r"^[^\x00-\x1f]+$")]


class SynonymsBody(Body):
    """Terms that are found for one another; with `source`, who asks for that finds them too."""

    terms: Annotated[
        list[Term], Field(min_length=1, max_length=TERMS_MAX, examples=[["kilim", "halı"]])
    ]
    source: Term | None = None


class AllSynonymsBody(Body):
    """All groups, in place of those before."""

    groups: Annotated[list[SynonymsBody], Field(max_length=GROUPS_MAX)]


class SynonymsView(BaseModel):
    """A group."""

    terms: list[str]
    source: str | None


class AllSynonymsView(BaseModel):
    """All groups."""

    groups: list[SynonymsView]


def _set(asked: Asked[AllSynonymsBody]) -> SetSynonyms:
    return SetSynonyms(
        tuple(Synonyms(tuple(group.terms), group.source) for group in asked.body.groups)
    )


async def _synonyms(question: Question[Standing]) -> Answer:
    async with question.view(READ_MODEL) as view:
        groups = await groups_of(view.connection, question.exchange.principal.tenant_id)
    return Answer({"groups": groups}, view.position)


SET = CommandRoute(
    PATH,
    SetSynonyms,
    AllSynonymsBody,
    _set,
    permission=Permission.CATALOG_MANAGE,
    result=SynonymsResult,
    summary="Set which words are found for one another",
    method="PUT",
    status=200,
    moves_money=False,
    staff_only=True,
)

SEE = QueryRoute(
    PATH,
    Standing,
    _synonyms,
    permission=Permission.CATALOG_READ,
    result=AllSynonymsView,
    summary="See which words are found for one another",
    name="search_synonyms",
    staff_only=True,
)
