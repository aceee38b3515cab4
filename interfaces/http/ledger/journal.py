"""Post entries by hand, and take entries back."""

from typing import Annotated

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from application.ledger.journal import EntryResult, PostEntry, ReverseEntry
from application.permissions import Permission
from domain.ledger.periods import Late
from domain.ledger.postings import POSTINGS_MAX, Posting
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.wire.fields import AccountCode, Body, Day, LateFact, SignedAmount, Text

EXAMPLE: JsonDict = {
    "postings": [
        {"account": "bank", "amount": {"minor": 1250, "currency": "TRY"}},
        {"account": "sales", "amount": {"minor": -1250, "currency": "TRY"}},
    ]
}


class PostingBody(Body):
    """One line; a debit is positive."""

    account: AccountCode
    amount: SignedAmount


class EntryBody(Body):
    """Lines whose debits equal their credits in each currency."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    postings: Annotated[list[PostingBody], Field(min_length=2, max_length=POSTINGS_MAX)]
    effective_on: Day | None = None
    description: Text | None = None
    late: LateFact = Late.REFUSE


class ReversalBody(Body):
    """Why, and when it counts."""

    effective_on: Day | None = None
    reason: Text | None = None
    late: LateFact = Late.REFUSE


def _post(asked: Asked[EntryBody]) -> PostEntry:
    body = asked.body
    postings = tuple(Posting(line.account, line.amount.money()) for line in body.postings)
    return PostEntry(postings, body.effective_on, body.description, body.late)


def _reverse(asked: Asked[ReversalBody]) -> ReverseEntry:
    body = asked.body
    return ReverseEntry(asked.path["entry_id"], body.effective_on, body.reason, body.late)


POST = CommandRoute(
    "/api/ledger/entries",
    PostEntry,
    EntryBody,
    _post,
    permission=Permission.LEDGER_POST,
    result=EntryResult,
    summary="Post an entry by hand",
    staff_only=True,
)

REVERSE = CommandRoute(
    "/api/ledger/entries/{entry_id}/reversals",
    ReverseEntry,
    ReversalBody,
    _reverse,
    permission=Permission.LEDGER_POST,
    result=EntryResult,
    summary="Take an entry back with its opposite",
    staff_only=True,
)
