"""See the journal."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from application.permissions import Permission
from domain.ledger.journal import EntryNotFound
from interfaces.http.ledger.reports import JOURNAL
from interfaces.http.routing.pages import Page, cursor_of, page_of, place_of
from interfaces.http.routing.query import Answer, QueryRoute, Question, Standing
from interfaces.http.wire.money import MoneyView, money
from projections.ledger import entries


class PostingView(BaseModel):
    """One line; a debit is positive."""

    account: str
    amount: MoneyView


class EntryView(BaseModel):
    """A balanced set of postings. `adjusts` is the shut month to which a late fact belongs."""

    entry_id: str
    position: int
    type: str
    rule: str
    effective_on: date
    recorded_at: datetime
    adjusts: str | None
    postings: list[PostingView]


class EntriesView(BaseModel):
    """A page of the journal, in the order of recording."""

    items: list[EntryView]
    next_cursor: str | None


def _told(lines: Sequence[dict[str, Any]]) -> dict[str, Any]:
    kept = ("entry_id", "position", "type", "rule", "effective_on", "recorded_at", "adjusts")
    postings = [
        {"account": line["account"], "amount": money(line["minor"], line["currency"])}
        for line in lines
    ]
    return {**{name: lines[0][name] for name in kept}, "postings": postings}


async def _entries(question: Question[Page]) -> Answer:
    params = question.params
    async with question.view(JOURNAL) as view:
        found = await entries.journal(
            view.connection,
            question.exchange.principal.tenant_id,
            after=0 if params.cursor is None else place_of(params.cursor, int)[0],
            limit=params.limit + 1,
        )
    page = page_of(
        [_told(lines) for lines in found],
        params.limit,
        item=lambda entry: entry,
        place=lambda entry: cursor_of(entry["position"]),
    )
    return Answer(page, view.position)


async def _entry(question: Question[Standing]) -> Answer:
    async with question.view(JOURNAL) as view:
        lines = await entries.entry(
            view.connection, question.exchange.principal.tenant_id, question.path["entry_id"]
        )
    if not lines:
        raise EntryNotFound("there is no such entry")
    return Answer(_told(lines), view.position)


LIST = QueryRoute(
    "/api/ledger/entries",
    Page,
    _entries,
    permission=Permission.LEDGER_READ,
    result=EntriesView,
    summary="Read the journal",
    name="ledger_entries",
    staff_only=True,
)

ONE = QueryRoute(
    "/api/ledger/entries/{entry_id}",
    Standing,
    _entry,
    permission=Permission.LEDGER_READ,
    result=EntryView,
    summary="See an entry",
    name="ledger_entry",
    staff_only=True,
)
