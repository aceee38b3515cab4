"""Logs for tests: events as the writer stores them, put there by SQL."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg

from domain.kernel.events import Event, Personal, stream_of
from domain.kernel.money import Money
from domain.ledger import closing, journal
from domain.ledger.accounts import AccountType
from domain.ledger.books import Books, open_account, open_books
from domain.ledger.postings import move
from domain.users import customer
from domain.users.customer import Contact, Customer, Email, Locale
from domain.wallet import bonus, holds, refunds, standing, topups, transfers, wallet
from domain.wallet.bonus_events import BonusGranted
from domain.wallet.gifts import cards as gift_cards
from domain.wallet.gifts.cards import GiftCard
from domain.wallet.holds import Hold
from domain.wallet.limits import limits
from domain.wallet.limits.limits import NO_LIMITS, LimitKind, Limits, Most, Person
from domain.wallet.requests import approvals, withdrawals
from domain.wallet.requests import topups as topup_requests
from domain.wallet.requests.approvals import Approver
from domain.wallet.requests.topups import TopUpRequest
from domain.wallet.requests.withdrawals import Withdrawal
from domain.wallet.wallet import Wallet
from infrastructure.event_log.codec import Codec
from tests.projections.written_endpoints import endpoint_events

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = date(2026, 3, 1)
CODEC = Codec(lambda personal: f"sealed:{personal.subject}")

KINDS = {kind.CATEGORY: kind for kind in (Wallet, Hold, TopUpRequest, Withdrawal)}


class Log:
    """A tenant's log in the making: every event is folded, so that the rules make the next ones."""

    def __init__(self, tenant_id: UUID | None = None) -> None:
        self.tenant_id = tenant_id or uuid4()
        self.events: list[tuple[int, str, int, Event]] = []
        self.states: dict[str, Wallet | Hold | TopUpRequest | Withdrawal | GiftCard] = {}
        self.versions: dict[str, int] = {}
        self.books: Books | None = None

    def record(self, events: Iterable[Event]) -> None:
        for event in events:
            stream = stream_of(event.CATEGORY, event.key)
            version = self.versions[stream] = self.versions.get(stream, 0) + 1
            kind = KINDS.get(event.CATEGORY)
            if kind is not None:
                old = self.states.get(stream)
                self.states[stream] = kind.evolve(old, event)  # type: ignore[arg-type]
            self.events.append((len(self.events) + 1, stream, version, event))

    def wallet(self, key: str) -> Wallet:
        state = self.states[f"wallet-{key}"]
        assert isinstance(state, Wallet)
        return state

    def hold(self, key: str) -> Hold:
        state = self.states[f"hold-{key}"]
        assert isinstance(state, Hold)
        return state

    def top_up_request(self, key: str) -> TopUpRequest:
        state = self.states[f"top_up_request-{key}"]
        assert isinstance(state, TopUpRequest)
        return state

    def withdrawal(self, key: str) -> Withdrawal:
        state = self.states[f"withdrawal-{key}"]
        assert isinstance(state, Withdrawal)
        return state

    def gift_card(self, key: str) -> GiftCard:
        state = self.states[f"gift_card-{key}"]
        assert isinstance(state, GiftCard)
        return state

    def store(self, url: str, *, first: int = 1, last: int | None = None) -> None:
        """Append events of this log to the database."""
        rows = [
            (
                self.tenant_id,
                position,
                uuid4(),
                stream,
                version,
                event.NAME,
                event.SCHEMA,
                CODEC.encode(event),
                b"{}",
                START + timedelta(seconds=position),
            )
            for position, stream, version, event in self.events[first - 1 : last]
        ]
        with psycopg.connect(url) as connection, connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO defter.log_head VALUES (%s) ON CONFLICT DO NOTHING", (self.tenant_id,)
            )
            cursor.executemany(
                "INSERT INTO defter.events VALUES (%s,%s,%s,%s,%s,%s,%s,%s,%s,%s)", rows
            )


def store_raw(url: str, tenant_id: UUID, position: int, name: str, data: bytes) -> None:
    """Append bytes that no codec made."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO defter.events VALUES (%s,%s,%s,%s,1,%s,1,%s,'{}',%s)",
            (tenant_id, position, uuid4(), f"odd-{position}", name, data, START),
        )


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
    _ask_for_money_in(log)
    _ask_for_money_out(log)
    _customers(log)
    _take_bonus_back(log)
    _spend_bonus(log)
    _close_and_freeze(log)
    _close(log, books)
    log.record(endpoint_events())
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


def _customers(log: Log) -> None:
    name, email = Personal("cus_ada1", "Ada"), Email(Personal("cus_ada1", "a@a.example"), "a1")
    contact = Contact(name, email, Locale.TURKISH)
    log.record(customer.register(None, contact, customer_id="cus_ada1", holder=None))
    log.record(customer.register(None, contact, customer_id="cus_bora", holder=None))
    ada, bora = Customer("cus_ada1", "a1", bounced=False), Customer("cus_bora", "a1", bounced=False)
    log.record(customer.bounce(ada, email_key="a1", reply="550 5.1.1"))
    log.record(customer.change_contact(bora, Contact(None, None, Locale.ENGLISH), holder=None))


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


CHECKER = Approver("stf_umut", None)
WORDS = Personal("usr_wal_bbbb", "as agreed")


def _ask_for_money_in(log: Log) -> None:
    log.record(approvals.set_threshold(None, Money(500, "TRY")))
    wallet = log.wallet("wal_bbbb")
    names = [f"tpr_000{n}" for n in range(1, 6)]
    for name in names:
        log.record(
            topup_requests.request(
                wallet,
                Money(700, "TRY"),
                request_id=name,
                reference=WORDS,
                requested_by="stf_deniz",
                at=START,
                expires_at=None,
            )
        )
    asked = [log.top_up_request(name) for name in names]
    log.record(topup_requests.approve(asked[0], wallet, CHECKER, source="bank", effective_on=DAY))
    log.record(topup_requests.reject(asked[1], rejected_by="stf_umut", reason=WORDS))
    log.record(topup_requests.cancel(asked[2], cancelled_by="stf_deniz"))
    log.record(topup_requests.expire(asked[3], at=asked[3].expires_at))


def _ask_for_money_out(log: Log) -> None:
    names = [f"wdr_000{n}" for n in range(1, 9)]
    for name in names:
        log.record(
            withdrawals.request(
                log.wallet("wal_bbbb"),
                Money(100, "TRY"),
                request_id=name,
                iban=Personal("usr_wal_bbbb", "TR330006100519786457841326"),
                iban_tail="1326",
                reference=WORDS,
                requested_by="stf_deniz",
                effective_on=DAY,
                at=START,
                expires_at=None,
            )
        )
    for name in names[:4]:
        log.record(withdrawals.approve(log.withdrawal(name), CHECKER))
    for name in names[:2]:
        log.record(
            withdrawals.pay(*_of(log, name), account="bank", bank_reference=WORDS, effective_on=DAY)
        )
    for name in names[1:3]:
        log.record(withdrawals.bounce(*_of(log, name), reason=WORDS, effective_on=DAY))
    rejected, cancelled, expired = names[4:7]
    log.record(
        withdrawals.reject(
            *_of(log, rejected), rejected_by="stf_umut", reason=None, effective_on=DAY
        )
    )
    log.record(withdrawals.cancel(*_of(log, cancelled), cancelled_by="stf_deniz", effective_on=DAY))
    asked, wallet = _of(log, expired)
    log.record(withdrawals.expire(asked, wallet, effective_on=DAY, at=asked.expires_at))


def _of(log: Log, name: str) -> tuple[Withdrawal, Wallet]:
    return log.withdrawal(name), log.wallet("wal_bbbb")


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
