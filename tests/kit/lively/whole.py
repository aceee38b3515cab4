"""A log in which everything happens that a tenant can see."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domain.audit import reader
from domain.jobs import effects
from domain.kernel.events import Personal
from domain.kernel.money import Money
from domain.ledger import closing, journal
from domain.ledger.accounts import AccountType
from domain.ledger.books import Books, open_account, open_books
from domain.ledger.postings import move
from domain.wallet import bonus, holds, refunds, standing, topups, transfers, wallet
from domain.wallet.bonus_events import BonusGranted
from domain.wallet.gifts import cards as gift_cards
from domain.wallet.limits import limits
from domain.wallet.limits.limits import NO_LIMITS, LimitKind, Limits, Most, Person
from tests.kit.lively.accounts import account_events
from tests.kit.lively.people import people
from tests.kit.lively.prices import price_events
from tests.kit.lively.requests import ask_for_adjustments, ask_for_money_in, ask_for_money_out
from tests.kit.lively.sessions import session_events
from tests.kit.lively.shelves import shelf
from tests.kit.lively.stock import stock_events
from tests.projections.written_endpoints import endpoint_events
from tests.projections.written_logs import DAY, START, Log


def lively(tenant_id: UUID | None = None) -> Log:
    """A log in which everything happens that wallets and ledger know."""
    log = Log(tenant_id)
    log.record(open_books(None, base_currency="TRY", time_zone="Europe/Istanbul"))
    books = Books("TRY", "Europe/Istanbul", {})
    log.record(
        open_account(
            books, code="sales.books", type=AccountType.INCOME, name="Books, 'new' \\ \"x\""
        )
    )
    for name in ("wal_aaaa", "wal_bbbb"):
        opened = wallet.open_wallet(None, None, wallet_id=name, owner=f"usr_{name}", currency="TRY")
        log.record(opened)
    _fund(log, "wal_aaaa", 100_000)
    _fund(log, "wal_bbbb", 5_000)
    _hold_and_capture(log)
    for n in range(20):
        source, target = log.wallet("wal_aaaa"), log.wallet("wal_bbbb")
        amount, day = Money(100 + n, "TRY"), DAY + timedelta(days=n % 3)
        log.record(
            transfers.send(source, target, amount, transfer_id=f"trf_{n:04}", effective_on=day)
        )
    _gifts(log)
    _limits(log)
    ask_for_money_in(log)
    ask_for_money_out(log)
    ask_for_adjustments(log)
    people(log)
    log.record(account_events())
    log.record(session_events())
    log.record(stock_events())
    _take_bonus_back(log)
    _spend_bonus(log)
    _close_and_freeze(log)
    log.record(endpoint_events())
    effect_id = "0198c1de-0000-5000-8000-000000000000"
    log.record((*effects.retry(effect_id), *effects.discard(effect_id)))
    read = reader.note(
        "stf_a", frozenset({"cus_ada"}), route="GET /api/customers", request_id="req_1"
    )
    log.record(read)
    log.record(shelf())
    log.record(price_events())
    _close(log, books)
    return log


def _close(log: Log, books: Books) -> None:
    """Close January and February, reopen February, and adjust it once it is sealed again."""

    def decided(events: tuple[Any, ...]) -> None:
        nonlocal books
        log.record(events)
        for event in events:
            books = Books.evolve(books, event)

    def begin(period: str, closing_id: str) -> None:
        at = START + timedelta(days=9)
        decided(closing.start(books, period=period, closing_id=closing_id, by="stf_a", at=at))

    def seal(period: str, closing_id: str) -> None:
        seen: dict[str, Any] = {"totals": (), "position": len(log.events), "by": "stf_a"}
        decided(closing.seal(books, period=period, closing_id=closing_id, **seen))

    begin("2026-01", "cls_0001")
    decided(closing.cancel(books, period="2026-01", by="stf_a"))
    for n, period in enumerate(("2026-01", "2026-02"), 2):
        begin(period, f"cls_{n:04}")
        seal(period, f"cls_{n:04}")
    reason = Personal("stf_a", "an invoice was forgotten")
    again = {"period": "2026-02"}
    decided(closing.request_reopening(books, reason=reason, by="stf_a", **again))
    decided(closing.approve_reopening(books, by="stf_b", **again))
    begin("2026-02", "cls_0004")
    seal("2026-02", "cls_0004")
    log.record(
        journal.post(
            None,
            books,
            journal_id="jrn_0001",
            postings=move(Money(700, "TRY"), debit="suspense", credit="bank"),
            effective_on=DAY,
            description=None,
            adjusts="2026-02",
        )
    )


def _fund(log: Log, name: str, minor: int) -> None:
    log.record(
        topups.top_up(
            log.wallet(name),
            Money(minor, "TRY"),
            top_up_id=f"top_{name}",
            source="bank",
            effective_on=DAY,
            note=Personal("usr_1", "from her mother"),
        )
    )


def _hold_and_capture(log: Log) -> None:
    for name in ("hld_0001", "hld_0002"):
        reference = Personal("usr_1", "order 7")
        log.record(
            holds.place(
                None,
                log.wallet("wal_aaaa"),
                Money(3_000, "TRY"),
                hold_id=name,
                effective_on=DAY,
                reference=reference,
                at=START,
            )
        )
    for part in ("cap_0001", "cap_0002"):
        log.record(
            holds.capture(
                log.hold("hld_0001"),
                log.wallet("wal_aaaa"),
                Money(1_500, "TRY"),
                capture_id=part,
                destination="sales.books",
                effective_on=DAY,
            )
        )
    log.record(
        refunds.refund(
            log.hold("hld_0001"),
            log.wallet("wal_aaaa"),
            Money(500, "TRY"),
            capture_id="cap_0002",
            refund_id="rfd_0001",
            effective_on=DAY + timedelta(days=1),
            at=START,
        )
    )
    log.record(
        holds.release(log.hold("hld_0002"), log.wallet("wal_aaaa"), effective_on=DAY, at=START)
    )


LOT_ENDS = START + timedelta(days=1)


def _granted(log: Log, lot_id: str, minor: int, ends: datetime | None) -> BonusGranted:
    (granted,) = bonus.grant(
        log.wallet("wal_bbbb"),
        Money(minor, "TRY"),
        lot_id=lot_id,
        campaign="spring",
        expires_at=ends,
        effective_on=DAY,
        at=START,
    )
    log.record((granted,))
    return granted


def _take_bonus_back(log: Log) -> None:
    entry_id = log.wallet("wal_bbbb").next_entry
    mistyped = _granted(log, "bon_0004", 9_000, None)
    owner = log.wallet("wal_bbbb")
    log.record(bonus.take_back(owner, mistyped, entry_id=entry_id, effective_on=DAY, reason=None))


def _spend_bonus(log: Log) -> None:
    for lot_id, ends in (("bon_0001", LOT_ENDS), ("bon_0002", None), ("bon_0003", LOT_ENDS)):
        _granted(log, lot_id, 300, ends)
    log.record(bonus.warn(log.wallet("wal_bbbb"), "bon_0001", at=START))
    log.record(
        holds.place(
            None,
            log.wallet("wal_bbbb"),
            Money(1_000, "TRY"),
            hold_id="hld_0003",
            effective_on=DAY,
            reference=None,
            at=START,
        )
    )
    log.record(
        holds.capture(
            log.hold("hld_0003"),
            log.wallet("wal_bbbb"),
            Money(700, "TRY"),
            capture_id="cap_0003",
            destination="sales",
            effective_on=DAY,
        )
    )
    day = DAY + timedelta(days=1)
    log.record(
        refunds.refund(
            log.hold("hld_0003"),
            log.wallet("wal_bbbb"),
            Money(150, "TRY"),
            capture_id="cap_0003",
            refund_id="rfd_0003",
            effective_on=day,
            at=LOT_ENDS,
        )
    )
    hold, owner = log.hold("hld_0003"), log.wallet("wal_bbbb")
    log.record(holds.release(hold, owner, effective_on=day, at=LOT_ENDS))


def _close_and_freeze(log: Log) -> None:
    opened = wallet.open_wallet(None, None, wallet_id="wal_cccc", owner="usr_c", currency="TRY")
    log.record(opened)
    log.record(standing.close(log.wallet("wal_cccc"), reason=None))
    why = Personal("usr_1", "looked into")
    log.record(standing.freeze(log.wallet("wal_aaaa"), reason=why))
    log.record(standing.unfreeze(log.wallet("wal_aaaa"), reason=why))
    log.record(standing.freeze(log.wallet("wal_bbbb"), reason=why))


def _gifts(log: Log) -> None:
    for n in range(3):
        log.record(
            gift_cards.issue(
                Money(900, "TRY"),
                card_id=f"gft_{n:04}",
                code_hash=f"hash-{n}",
                hint="…K7Q2",
                source="bank",
                effective_on=DAY,
                at=START,
                expires_at=START + timedelta(days=n + 1),
            )
        )
    for n, minor in ((0, 400), (0, 500), (1, 100)):
        log.record(
            gift_cards.redeem(
                log.gift_card(f"gft_{n:04}"),
                log.wallet("wal_bbbb"),
                Money(minor, "TRY"),
                redemption_id=f"rdm_{n:04}",
                effective_on=DAY,
                at=START,
            )
        )
    last = START + timedelta(days=9)
    log.record(gift_cards.expire(log.gift_card("gft_0001"), effective_on=DAY, at=last))
    voided = log.gift_card("gft_0002")
    log.record(gift_cards.void(voided, effective_on=DAY, at=START, reason=None))


def _limits(log: Log) -> None:
    most = Most(None, 1_000, 5_000)
    of = {"level": "vip", "currency": "TRY"}
    set_to = limits.set_limits(NO_LIMITS, most, kind=LimitKind.HOLD, **of)
    known = Limits.evolve(None, set_to[0])
    person = limits.set_level(known, None, owner="usr_1", level="vip")
    log.record((*set_to, *person))
    on_vip = Person.evolve(None, person[0])
    for n in range(4):
        day = DAY + timedelta(days=n // 2)
        used = Money(10 + n, "TRY")
        log.record(limits.count(known, on_vip, used, owner="usr_1", kind=LimitKind.HOLD, day=day))
    log.record(limits.set_limits(known, Most(5, None, None), kind=LimitKind.HOLD, **of))
