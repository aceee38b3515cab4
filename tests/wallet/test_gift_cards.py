"""WLT-11: gift cards are issued, redeemed in parts, expire, and are voided."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from application.ledger.journal import ReverseEntry
from application.process import ClearTimer, Reaction, SetTimer
from application.processes.expiries import EXPIRIES, GIFT_CARD_EXPIRY
from application.timers import TIMERS
from application.wallet.access import StaffOnly
from application.wallet.gift_cards import (
    ExpireGiftCard,
    GiftCardResult,
    IssueGiftCard,
    RedeemGiftCard,
    RedemptionResult,
    VoidGiftCard,
)
from domain.kernel.events import Event, Personal, Recorded
from domain.kernel.money import AMOUNT_MINOR_MAX, CurrencyMismatch
from domain.kernel.refusals import Refusal
from domain.ledger.accounts import UnknownAccount
from domain.ledger.journal import EntryNotReversible
from domain.wallet.events import WalletOpened
from domain.wallet.gifts.cards import (
    GIFT_CARD_LASTS_MAX,
    GiftCard,
    GiftCardEnded,
    GiftCardExceeded,
    GiftCardExpiryInvalid,
    GiftCardNotDue,
    GiftCardNotFound,
)
from domain.wallet.gifts.events import (
    GiftCardEvent,
    GiftCardExpired,
    GiftCardIssued,
    GiftCardRedeemed,
    GiftCardVoided,
    GiftReceived,
)
from domain.wallet.wallet import AmountInvalid, BalanceLimitExceeded, WalletNotFound
from tests.kit.scenario import NOW, STAFF, TENANT_ID, acting_for, given, new_id
from tests.kit.wallets import (
    ADA,
    ADA_CASH,
    ADA_OPENED,
    BOOKS,
    BORA,
    BORA_OPENED,
    CARD,
    CARD_GIFT,
    CODE,
    entry,
    gift_card,
    lira,
    redeemed,
    topped_up,
)

pytestmark = pytest.mark.row("WLT-11")

SOON = NOW + timedelta(days=30)
ISSUED = (BOOKS, ADA_OPENED, BORA_OPENED, gift_card(1_000, expires_at=SOON))
PARTLY = (*ISSUED, *redeemed(400, remaining=600, version=2))
USED_UP = (*ISSUED, *redeemed(1_000, remaining=0, version=2))
EXPIRED = (
    *ISSUED,
    GiftCardExpired(
        CARD, lira(1_000), entry("wallet.gift_expiry", 1_000, debit=CARD_GIFT, credit="breakage")
    ),
)
VOIDED = (
    *ISSUED,
    GiftCardVoided(
        CARD,
        lira(1_000),
        "bank",
        entry("wallet.gift_void", 1_000, debit=CARD_GIFT, credit="bank"),
        None,
    ),
)

ISSUE = IssueGiftCard(lira(1_000), CODE, "…K7Q2", expires_at=SOON)
REDEEM = RedeemGiftCard(ADA, (CODE,), lira(250))
EXPIRE, VOID = ExpireGiftCard(CARD), VoidGiftCard(CARD)
ADA_ACTS = acting_for("usr_ada")


def test_a_card_is_filled_out_of_an_account_of_the_shop() -> None:
    card = new_id("gft")
    answer = given(BOOKS).when(ISSUE)
    books = entry("wallet.gift_issue", 1_000, debit="bank", credit=f"wallet.gift:{card}")
    answer.then(GiftCardIssued(card, CODE, "…K7Q2", lira(1_000), "bank", books, SOON))
    answer.then_result(GiftCardResult(card, f"gift_card-{card}.1"))
    assert answer.state(f"gift_card-{card}").remaining == lira(1_000)


def test_a_part_of_a_card_goes_into_a_wallet_and_the_rest_stays() -> None:
    answer = given(*ISSUED).when(REDEEM)
    redemption, where = new_id("rdm"), f"gift_card-{CARD}.2"
    books = entry("wallet.gift_redeem", 250, debit=CARD_GIFT, credit=ADA_CASH)
    answer.then(
        GiftCardRedeemed(CARD, ADA, redemption, lira(250), lira(750), books),
        GiftReceived(ADA, CARD, redemption, lira(250), where),
    )
    answer.then_result(RedemptionResult(CARD, redemption, lira(250), lira(750), where))
    assert answer.state(f"wallet-{ADA}").available == lira(250)


def test_without_an_amount_all_that_is_left_is_redeemed() -> None:
    answer = given(*PARTLY).when(RedeemGiftCard(BORA, (CODE,)))
    assert answer.state(f"wallet-{BORA}").available == lira(600)
    assert answer.state(f"gift_card-{CARD}").remaining == lira(0)


def test_a_card_gives_its_last_minor_unit_and_not_one_more() -> None:
    given(*PARTLY).when(RedeemGiftCard(ADA, (CODE,), lira(601))).then_refused(
        GiftCardExceeded, remaining=600, asked=601
    )
    given(*PARTLY).when(RedeemGiftCard(ADA, (CODE,), lira(600))).when(REDEEM).then_refused(
        GiftCardEnded
    )


def test_a_code_kept_under_an_older_master_key_is_found_too() -> None:
    answer = given(*ISSUED).when(RedeemGiftCard(ADA, ("of the current key", CODE)))
    assert answer.state(f"wallet-{ADA}").available == lira(1_000)


def test_a_code_that_no_card_has_is_refused() -> None:
    given(*ISSUED).when(RedeemGiftCard(ADA, ("other",))).then_refused(GiftCardNotFound)


@pytest.mark.parametrize("history", [USED_UP, EXPIRED, VOIDED])
def test_to_a_customer_a_card_that_has_ended_is_as_absent_as_none(
    history: tuple[Event, ...],
) -> None:
    ended = given(*history).when(REDEEM, actor=ADA_ACTS)
    ended.then_refused(GiftCardNotFound)
    absent = given(*history).when(RedeemGiftCard(ADA, ("other",)), actor=ADA_ACTS)
    assert ended.decision.told == absent.decision.told


def test_a_card_is_redeemed_in_its_last_moment_and_not_after_it_though_no_timer_fired() -> None:
    last = SOON - timedelta(microseconds=1)
    assert given(*ISSUED).when(REDEEM, at=last).decision.refusal is None
    given(*ISSUED).when(REDEEM, at=SOON).then_refused(GiftCardEnded)
    given(*ISSUED).when(REDEEM, at=SOON, actor=ADA_ACTS).then_refused(GiftCardNotFound)


def test_a_card_of_another_currency_is_refused() -> None:
    euros = WalletOpened("wal_eur", "usr_ada", "EUR")
    given(*ISSUED, euros).when(RedeemGiftCard("wal_eur", (CODE,))).then_refused(
        CurrencyMismatch, expected="EUR", found="TRY"
    )


def test_a_redemption_fills_a_wallet_and_never_overfills_it() -> None:
    full = topped_up(AMOUNT_MINOR_MAX - 999)
    given(*ISSUED, full).when(RedeemGiftCard(ADA, (CODE,))).then_refused(BalanceLimitExceeded)


@pytest.mark.parametrize("minor", [0, -1, AMOUNT_MINOR_MAX + 1])
def test_refuses_an_amount_that_no_card_can_carry(minor: int) -> None:
    given(BOOKS).when(IssueGiftCard(lira(minor), CODE, "…")).then_refused(AmountInvalid)
    given(*ISSUED).when(RedeemGiftCard(ADA, (CODE,), lira(minor))).then_refused(AmountInvalid)


@pytest.mark.row("TEN-05")
def test_a_customer_redeems_into_their_own_wallet_only() -> None:
    assert given(*ISSUED).when(REDEEM, actor=ADA_ACTS).decision.refusal is None
    given(*ISSUED).when(REDEEM, actor=acting_for("usr_bora")).then_refused(WalletNotFound)


@pytest.mark.parametrize("command", [ISSUE, VOID])
def test_only_staff_acting_as_themselves_issue_and_void(command: object) -> None:
    given(*ISSUED).when(command, actor=ADA_ACTS).then_refused(StaffOnly)


@pytest.mark.parametrize("account", ["nowhere", "wallet.cash", ADA_CASH, "wallet.gift", CARD_GIFT])
def test_a_card_is_never_filled_out_of_a_wallet_or_another_card(account: str) -> None:
    given(*ISSUED).when(IssueGiftCard(lira(1), "new", "…", account)).then_refused(
        UnknownAccount, account=account
    )


@pytest.mark.parametrize("expires_at", [NOW, NOW + GIFT_CARD_LASTS_MAX + timedelta(seconds=1)])
def test_a_card_expires_in_the_future_and_within_ten_years(expires_at: datetime) -> None:
    given(BOOKS).when(IssueGiftCard(lira(1), CODE, "…", expires_at=expires_at)).then_refused(
        GiftCardExpiryInvalid, now=NOW.isoformat()
    )


def test_what_is_left_when_the_time_is_over_becomes_the_shop_s_income() -> None:
    expired = given(*PARTLY).when(EXPIRE, at=SOON)
    books = expired.decision.events[0][2]
    assert isinstance(books, GiftCardExpired)
    assert books.amount == lira(600)
    assert {line.account: line.amount.minor for line in books.entry.postings} == {
        CARD_GIFT: 600,
        "breakage": -600,
    }
    expired.then_result(GiftCardResult(CARD, f"gift_card-{CARD}.3"))


def test_a_void_card_gives_what_is_left_back_to_where_it_came_from() -> None:
    voided = given(*PARTLY).when(VoidGiftCard(CARD, reason="sold twice"))
    books = entry("wallet.gift_void", 600, debit=CARD_GIFT, credit="bank")
    reason = Personal(STAFF.actor_id, "sold twice")
    voided.then(GiftCardVoided(CARD, lira(600), "bank", books, reason))
    voided.then_result(GiftCardResult(CARD, f"gift_card-{CARD}.3"))


TABLE: tuple[tuple[tuple[Event, ...], object, type[Refusal] | None], ...] = (
    ((BOOKS, ADA_OPENED), ISSUE, None),
    ((BOOKS, ADA_OPENED), REDEEM, GiftCardNotFound),
    ((BOOKS, ADA_OPENED), EXPIRE, GiftCardNotFound),
    ((BOOKS, ADA_OPENED), VOID, GiftCardNotFound),
    (ISSUED, REDEEM, None),
    (ISSUED, EXPIRE, GiftCardNotDue),
    (ISSUED, VOID, None),
    (PARTLY, REDEEM, None),
    (PARTLY, EXPIRE, GiftCardNotDue),
    (PARTLY, VOID, None),
    (USED_UP, REDEEM, GiftCardEnded),
    (USED_UP, EXPIRE, GiftCardEnded),
    (USED_UP, VOID, GiftCardEnded),
    (EXPIRED, REDEEM, GiftCardEnded),
    (EXPIRED, EXPIRE, GiftCardEnded),
    (EXPIRED, VOID, GiftCardEnded),
    (VOIDED, REDEEM, GiftCardEnded),
    (VOIDED, EXPIRE, GiftCardEnded),
    (VOIDED, VOID, GiftCardEnded),
)
"""What becomes of each command in each state of a card; the timer's time has not come."""


@pytest.mark.parametrize(("history", "command", "refusal"), TABLE)
def test_every_command_in_every_state(
    history: tuple[Event, ...], command: object, refusal: type[Refusal] | None
) -> None:
    answer = given(*history).when(command)
    assert type(answer.decision.refusal) is (refusal or type(None))


@pytest.mark.parametrize(
    ("history", "command", "refusal"),
    [
        (ISSUED, EXPIRE, None),
        (ISSUED, REDEEM, GiftCardEnded),
        (ISSUED, VOID, GiftCardEnded),
        (PARTLY, EXPIRE, None),
    ],
)
def test_every_command_once_the_time_is_over(
    history: tuple[Event, ...], command: object, refusal: type[Refusal] | None
) -> None:
    answer = given(*history).when(command, at=SOON)
    assert type(answer.decision.refusal) is (refusal or type(None))


def test_a_card_without_an_end_never_expires() -> None:
    given(BOOKS, gift_card(5)).when(EXPIRE, at=NOW + timedelta(days=9_999)).then_refused(
        GiftCardNotDue
    )


def reactions(event: Event) -> list[Reaction]:
    recorded = Recorded(TENANT_ID, 7, UUID(int=7), f"gift_card-{CARD}", 1, NOW, event, b"")
    return list(EXPIRIES.reactions[type(event)](recorded))


def test_a_card_with_an_end_has_a_timer_until_nothing_is_left() -> None:
    cleared = [ClearTimer(GIFT_CARD_EXPIRY, CARD)]
    assert reactions(gift_card(5, expires_at=SOON)) == [SetTimer(GIFT_CARD_EXPIRY, CARD, SOON)]
    assert reactions(gift_card(5)) == []
    assert reactions(redeemed(400, remaining=600, version=2)[0]) == []
    assert reactions(redeemed(1_000, remaining=0, version=2)[0]) == cleared
    assert reactions(EXPIRED[-1]) == reactions(VOIDED[-1]) == cleared
    assert TIMERS[GIFT_CARD_EXPIRY](CARD) == EXPIRE


def test_entries_of_a_card_are_undone_by_voiding_it_and_never_by_reversal() -> None:
    given(*PARTLY).when(ReverseEntry(f"gift_card-{CARD}.1")).then_refused(EntryNotReversible)
    given(*PARTLY).when(ReverseEntry(f"gift_card-{CARD}.2")).then_refused(EntryNotReversible)


def test_two_cards_never_have_one_code() -> None:
    answer = given(*ISSUED).when(ISSUE)
    assert answer.decision.refusal is not None
    assert answer.decision.refusal.code == "log.claim_taken"


def test_an_event_that_a_card_does_not_know_is_never_guessed_at() -> None:
    card = GiftCard.evolve(None, gift_card(1))
    with pytest.raises(AssertionError):
        GiftCard.evolve(card, GiftCardEvent())
