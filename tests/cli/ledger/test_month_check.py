"""WLT-13: the checker of sealed months, shown to find each way in which they can be wrong."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid5

import pytest

from application.book import Book
from application.commands import decide
from application.envelope import Actor, Envelope
from application.ledger.accounts import OpenBooks
from application.ledger.closing import (
    ApproveReopening,
    CancelClosing,
    RequestReopening,
    SealPeriod,
    StartClosing,
)
from application.ledger.journal import PostEntry
from domain.kernel.events import Event, stream_of
from domain.ledger.closing import digest
from domain.ledger.events import (
    BooksOpened,
    ClosingCancelled,
    ClosingStarted,
    EntryPosted,
    PeriodReopened,
    PeriodSealed,
    ReopeningRequested,
)
from domain.ledger.periods import Late, Total
from domain.ledger.postings import Posting
from infrastructure.event_log.codec import Codec
from infrastructure.ledger_check.findings import Damaged
from infrastructure.ledger_check.folding import LedgerFold
from infrastructure.sealing.layout import Row
from infrastructure.sealing.leaves import EPOCH
from tests.kit.memory import LogInMemory
from tests.kit.scenario import NOW, STAFF, TENANT_ID
from tests.kit.wallets import lira

pytestmark = pytest.mark.row("WLT-13")

JANUARY, FEBRUARY = "2026-01", "2026-02"
IN_JANUARY, IN_MARCH = date(2026, 1, 20), date(2026, 3, 1)
ECE = Actor("stf_ece")
TOTALS = (Total("bank", "TRY", 75, 5), Total("sales", "TRY", 5, 75))
AGAIN = (Total("bank", "TRY", 78, 5), Total("sales", "TRY", 5, 78))
CODEC = Codec(lambda personal: f"sealed:{personal.subject}")


def sale(minor: int, day: date, late: Late = Late.REFUSE) -> PostEntry:
    lines = (Posting("bank", lira(minor)), Posting("sales", lira(-minor)))
    return PostEntry(lines, day, late=late)


Asked = Callable[[LogInMemory], object]


def seal(period: str, totals: tuple[Total, ...]) -> Asked:
    def asked(log: LogInMemory) -> object:
        closing = log.state("books-main")[1].closing
        return SealPeriod(period, closing.closing_id, totals, len(log.events))

    return asked


COMMANDS: tuple[tuple[Actor, Any], ...] = (
    (STAFF, OpenBooks("TRY", "Europe/Istanbul")),
    (STAFF, sale(75, IN_JANUARY)),
    (STAFF, sale(-5, date(2025, 6, 1))),
    (STAFF, sale(11, IN_MARCH)),
    (STAFF, StartClosing(JANUARY)),
    (STAFF, CancelClosing(JANUARY)),
    (STAFF, StartClosing(JANUARY)),
    (STAFF, seal(JANUARY, TOTALS)),
    (STAFF, sale(9, IN_JANUARY, Late.ADJUST)),
    (STAFF, RequestReopening(JANUARY, "an invoice was forgotten")),
    (ECE, ApproveReopening(JANUARY)),
    (STAFF, sale(3, IN_JANUARY)),
    (STAFF, StartClosing(JANUARY)),
    (STAFF, sale(2, IN_JANUARY, Late.ADJUST)),
    (STAFF, seal(JANUARY, AGAIN)),
    (STAFF, StartClosing(FEBRUARY)),
    (STAFF, sale(1, IN_JANUARY, Late.ADJUST)),
)


def written() -> list[Event]:
    log = LogInMemory()
    for n, (actor, asked) in enumerate(COMMANDS):
        command = asked(log) if callable(asked) else asked
        command_id = uuid5(TENANT_ID, f"command {n}")
        book = Book(log, Envelope(TENANT_ID, command_id, b"", command, actor, "test"), NOW)
        decide(command, book)
        for _, _, event in book.events:
            log.append(event)
    return log.events


def checked(events: list[Event], at: datetime = NOW) -> LedgerFold:
    fold = LedgerFold()
    versions: dict[str, int] = {}
    for position, event in enumerate(events, 1):
        stream = stream_of(event.CATEGORY, event.key)
        version = versions[stream] = versions.get(stream, 0) + 1
        data = CODEC.encode(event)
        recorded_at = (at - EPOCH) // timedelta(microseconds=1)
        fold.look(Row(position, stream, version, event.NAME, event.SCHEMA, recorded_at, data))
    fold.finish()
    return fold


def nth(kind: type[Event], n: int = 1) -> int:
    return [index for index, event in enumerate(written()) if type(event) is kind][n - 1]


def changed(kind: type[Event], n: int = 1, **fields: object) -> list[Event]:
    """Change one event of the log."""
    events = written()
    index = nth(kind, n)
    events[index] = replace(events[index], **fields)  # type: ignore[type-var] - every event is a dataclass
    return events


def entry(n: int, **fields: object) -> list[Event]:
    events = written()
    index = nth(EntryPosted, n)
    posted: Any = events[index]
    events[index] = replace(posted, entry=replace(posted.entry, **fields))
    return events


def without(kind: type[Event], n: int = 1) -> list[Event]:
    events = written()
    del events[nth(kind, n)]
    return events


def moved_up(kind: type[Event], n: int) -> list[Event]:
    """Take an event one place towards the beginning."""
    events = written()
    index = nth(kind, n)
    events.insert(index - 1, events.pop(index))
    return events


def resealed(**fields: Any) -> list[Event]:  # noqa: ANN401 - fields of a seal
    """Change what was sealed together with its digest, as who knows the form would."""
    was: Any = written()[nth(PeriodSealed)]
    told = {"period": was.period, "position": was.position, "totals": was.totals} | fields
    return changed(PeriodSealed, **fields, digest=digest(**told))


OTHER_TOTALS = (Total("bank", "TRY", 76, 5), Total("sales", "TRY", 5, 76))
SPOILT: dict[str, tuple[list[Event], str]] = {
    "totals that its events do not give": (resealed(totals=OTHER_TOTALS), "something else"),
    "totals that do not balance": (resealed(totals=TOTALS[:1]), "something else"),
    "a digest of something else": (changed(PeriodSealed, digest="0" * 64), "something else"),
    "a seal as of before its closing": (resealed(position=3), "outside its closing"),
    "a seal as of after itself": (resealed(position=8), "outside its closing"),
    "a seal of another closing": (changed(PeriodSealed, closing_id="cls_x"), "can not happen"),
    "a seal without a closing": (without(ClosingStarted, 2), "can not happen"),
    "a seal of another month": (resealed(period=FEBRUARY), "can not happen"),
    "a month that is none": (changed(ClosingStarted, period="2026-13"), "can not happen"),
    "a closing before the books": (without(BooksOpened), "before the books were opened"),
    "a closing out of order": (changed(ClosingStarted, 4, period="2026-03"), "can not happen"),
    "a closing that was not begun": (without(ClosingStarted), "can not happen"),
    "a reopening nobody asked for": (without(ReopeningRequested), "can not happen"),
    "a reopening by who asked": (
        changed(PeriodReopened, approved_by=STAFF.actor_id),
        "can not happen",
    ),
    "a reopening asked by another": (changed(PeriodReopened, requested_by="x"), "something else"),
    "a request for another month": (changed(ReopeningRequested, period=FEBRUARY), "can not happen"),
    "an entry in a sealed month": (
        entry(4, effective_on=IN_JANUARY, adjusts=None),
        "is sealed",
    ),
    "an entry in a closing month": (entry(6, effective_on=IN_JANUARY), "is being closed"),
    "an entry moved before a sealed month": (entry(4, effective_on=date(2019, 1, 1)), "is sealed"),
    "a late entry that is put into the month": (moved_up(EntryPosted, 6), "which was open"),
    "an adjustment of an open month": (entry(4, adjusts=FEBRUARY), "which was open"),
    "an adjustment before anything was shut": (entry(1, adjusts="2025-06"), "which was open"),
    "an entry taken away": (without(EntryPosted, 1), "something else"),
    "a closing cancelled by nobody": (without(ClosingCancelled), "can not happen"),
}


def test_a_sound_month_passes() -> None:
    assert checked(written()).entries == 7


@pytest.mark.parametrize("spoilt", SPOILT)
def test_what_can_not_have_happened_to_a_month_is_found(spoilt: str) -> None:
    events, complaint = SPOILT[spoilt]
    with pytest.raises(Damaged, match=complaint):
        checked(events)


def test_a_month_that_was_closed_before_it_was_over_is_found() -> None:
    with pytest.raises(Damaged, match="is not over yet"):
        checked(written(), at=datetime(2026, 1, 31, 20, tzinfo=UTC))


def test_a_closing_before_the_books_were_opened_is_found() -> None:
    with pytest.raises(Damaged, match="can not happen"):
        checked([ClosingStarted(JANUARY, "cls_1", "stf_ece")])


@pytest.mark.parametrize("time_zone", ["UT ", "../Istanbul", "\0"])
def test_a_month_of_books_in_no_time_zone_is_found(time_zone: str) -> None:
    with pytest.raises(Damaged, match="can not happen"):
        checked(changed(BooksOpened, time_zone=time_zone))
