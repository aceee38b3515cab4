"""Wallets as tests speak of them: Ada, Bora, and what happened to their money, spelled out."""

from dataclasses import replace
from datetime import date, datetime

from domain.kernel.money import Money
from domain.ledger.events import BooksOpened
from domain.ledger.postings import Entry, Posting
from domain.wallet.bonus_events import BonusExpired, BonusGranted
from domain.wallet.events import (
    FundsCredited,
    FundsHeld,
    FundsToppedUp,
    HeldFundsCaptured,
    HoldCaptured,
    HoldPlaced,
    SchemeChosen,
    TransferReceived,
    TransferSent,
    WalletOpened,
)
from domain.wallet.gifts.events import GiftCardIssued, GiftCardRedeemed, GiftReceived
from domain.wallet.lots import LotPart

TODAY = date(2026, 3, 5)
BOOKS = BooksOpened("TRY", "Europe/Istanbul")
LICENSED = SchemeChosen("licensed")

ADA, BORA = "wal_ada", "wal_bora"
ADA_OPENED = WalletOpened(ADA, "usr_ada", "TRY")
BORA_OPENED = WalletOpened(BORA, "usr_bora", "TRY")
ADA_CASH, ADA_HELD = "wallet.cash:wal_ada", "wallet.held:wal_ada"
ADA_BONUS = "wallet.bonus:wal_ada"
BORA_CASH = "wallet.cash:wal_bora"

CARD, CARD_GIFT, CODE = "gft_one", "wallet.gift:gft_one", "hash-of-a-code"


def lira(minor: int) -> Money:
    """Give an amount in kuruş."""
    return Money(minor, "TRY")


def entry(rule: str, minor: int, *, debit: str, credit: str, on: date = TODAY) -> Entry:
    """Spell an entry of two lines out."""
    return Entry(rule, 1, on, (Posting(debit, lira(minor)), Posting(credit, lira(-minor))))


def lines(rule: str, *lines: tuple[str, int]) -> Entry:
    """Spell an entry of several lines out; debits are positive."""
    return Entry(rule, 1, TODAY, tuple(Posting(account, lira(minor)) for account, minor in lines))


def topped_up(minor: int, *, wallet: str = ADA, top_up_id: str = "top_1") -> FundsToppedUp:
    """Money came in through the bank."""
    books = entry("wallet.top_up", minor, debit="bank", credit=f"wallet.cash:{wallet}")
    return FundsToppedUp(wallet, top_up_id, lira(minor), "bank", books, None)


def credited(minor: int, *, wallet: str = ADA) -> FundsCredited:
    """The shop gave money for returned goods."""
    books = entry("wallet.credit", minor, debit="sales.returns", credit=f"wallet.cash:{wallet}")
    return FundsCredited(wallet, "crd_1", lira(minor), "sales.returns", books, None)


def held(
    minor: int,
    *,
    version: int,
    hold_id: str = "ord_1",
    expires_at: datetime | None = None,
) -> tuple[FundsHeld, HoldPlaced]:
    """Ada's money was set aside, as the event number `version` of her wallet."""
    books = entry("wallet.hold", minor, debit=ADA_CASH, credit=ADA_HELD)
    return (
        FundsHeld(ADA, hold_id, lira(minor), books, ()),
        HoldPlaced(hold_id, ADA, lira(minor), None, f"wallet-{ADA}.{version}", expires_at, ()),
    )


def captured(
    minor: int, *, remaining: int, version: int, capture_id: str = "cap_1", to: str = "sales"
) -> tuple[HeldFundsCaptured, HoldCaptured]:
    """A part of Ada's hold `ord_1` was taken."""
    books = entry("wallet.capture", minor, debit=ADA_HELD, credit=to)
    amount, left, where = lira(minor), lira(remaining), f"wallet-{ADA}.{version}"
    return (
        HeldFundsCaptured(ADA, "ord_1", capture_id, amount, to, books),
        HoldCaptured("ord_1", capture_id, amount, to, left, where, ()),
    )


def sent(minor: int, *, version: int) -> tuple[TransferSent, TransferReceived]:
    """Ada sent money to Bora, as the event number `version` of her wallet."""
    books = entry("wallet.transfer", minor, debit=ADA_CASH, credit=BORA_CASH)
    return (
        TransferSent(ADA, BORA, "trf_1", lira(minor), books),
        TransferReceived(BORA, ADA, "trf_1", lira(minor), f"wallet-{ADA}.{version}"),
    )


def part(minor: int, lot_id: str = "bon_1", ends: datetime | None = None) -> LotPart:
    """Money out of a lot of Ada's."""
    return LotPart(lot_id, lira(minor), ends)


def granted(minor: int, lot_id: str = "bon_1", ends: datetime | None = None) -> BonusGranted:
    """Ada got bonus."""
    books = entry("wallet.bonus_grant", minor, debit="bonus_expense", credit=ADA_BONUS)
    return BonusGranted(ADA, lot_id, lira(minor), "spring", ends, books)


def lapsed(minor: int, lot_id: str = "bon_1", *, on: date = TODAY) -> BonusExpired:
    """Ada's bonus went back to the shop."""
    books = entry("wallet.bonus_breakage", minor, debit=ADA_BONUS, credit="breakage", on=on)
    return BonusExpired(ADA, lot_id, lira(minor), books)


def held_with_bonus(
    minor: int,
    *bonus: LotPart,
    version: int,
    hold_id: str = "ord_1",
    expires_at: datetime | None = None,
) -> tuple[FundsHeld, HoldPlaced]:
    """Ada's money was set aside, some of it out of lots."""
    of_lots = sum(one.amount.minor for one in bonus)
    shares = [(ADA_BONUS, of_lots), (ADA_CASH, minor - of_lots), (ADA_HELD, -minor)]
    books = lines("wallet.hold", *(share for share in shares if share[1]))
    where = f"wallet-{ADA}.{version}"
    return (
        FundsHeld(ADA, hold_id, lira(minor), books, bonus),
        HoldPlaced(hold_id, ADA, lira(minor), None, where, expires_at, bonus),
    )


def captured_with_bonus(
    minor: int, *bonus: LotPart, remaining: int, version: int, capture_id: str = "cap_1"
) -> tuple[HeldFundsCaptured, HoldCaptured]:
    """A part of Ada's hold `ord_1` was taken, some of it bonus."""
    wallets, holds = captured(minor, remaining=remaining, version=version, capture_id=capture_id)
    return wallets, replace(holds, bonus=bonus)


def gift_card(minor: int, *, expires_at: datetime | None = None) -> GiftCardIssued:
    """A gift card was sold."""
    books = entry("wallet.gift_issue", minor, debit="bank", credit=CARD_GIFT)
    return GiftCardIssued(CARD, CODE, "…K7Q2", lira(minor), "bank", books, expires_at)


def redeemed(minor: int, *, remaining: int, version: int) -> tuple[GiftCardRedeemed, GiftReceived]:
    """A part of the card went to Ada, as the event number `version` of the card."""
    books = entry("wallet.gift_redeem", minor, debit=CARD_GIFT, credit=ADA_CASH)
    amount, where = lira(minor), f"gift_card-{CARD}.{version}"
    return (
        GiftCardRedeemed(CARD, ADA, "rdm_1", amount, lira(remaining), books),
        GiftReceived(ADA, CARD, "rdm_1", amount, where),
    )
