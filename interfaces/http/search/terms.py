"""What customers search for, and what they do not find (SRC-06)."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from application.permissions import Permission
from infrastructure.search.kept import terms
from interfaces.http.routing.pages import Page, cursor_of, page_of, place_of
from interfaces.http.routing.query import Answer, QueryRoute, Question


class TermParams(Page):
    """Which terms."""

    results: Annotated[
        Literal["none"] | None, Field(description="none: only those that found nothing at times")
    ] = None
    since: Annotated[date, Field(description="This day counts (UTC)")] = date(1, 1, 1)
    until: Annotated[date, Field(description="This day counts")] = date(9998, 12, 31)


class TermView(BaseModel):
    """A term on a day, without whoever asked for it, in small letters without marks."""

    day: date
    term: str = Field(examples=["kirmizi ayakkabi"])
    asked: int
    found_none: int = Field(description="How often nothing was found")


class TermsView(BaseModel):
    """A page of terms, the latest days first."""

    items: list[TermView]
    next_cursor: str | None


async def _terms(question: Question[TermParams]) -> Answer:
    """Latest days first; a search is counted about a second after it, for 400 days.

    What looks like an address or a number of somebody is not counted.
    """
    params = question.params
    after = None if params.cursor is None else place_of(params.cursor, date, str)
    async with question.view() as view:
        rows = await terms(
            view.connection,
            question.exchange.principal.tenant_id,
            since=params.since,
            until=params.until,
            without_results=params.results is not None,
            after=after,  # type: ignore[arg-type] - two of them
            limit=params.limit + 1,
        )
    page = page_of(
        rows,
        params.limit,
        item=dict,
        place=lambda row: cursor_of(row["day"].isoformat(), row["term"]),
    )
    return Answer(page)


TERMS = QueryRoute(
    "/api/admin/search/terms",
    TermParams,
    _terms,
    permission=Permission.CATALOG_READ,
    result=TermsView,
    summary="See what customers search for",
    name="search_terms",
    staff_only=True,
)
