"""Values that stored samples are made of."""

from datetime import UTC, date, datetime

from domain.kernel.events import Personal
from domain.kernel.money import Money
from domain.ledger.postings import Entry, Posting
from domain.wallet.lots import LotPart

AMOUNT = Money(1_250, "TRY")
ENTRY = Entry(
    "wallet.top_up",
    1,
    date(2026, 3, 5),
    (
        Posting("bank", AMOUNT),
        Posting("wallet.cash:wal_ada", Money(-1_250, "TRY")),
    ),
)
WORDS = Personal("usr_ada", sealed="bm9uY2UrY2lwaGVydGV4dA==")
SHOP = "7e000000-0000-4000-8000-00000000000a"
MOMENT = datetime(2026, 3, 5, 9, 30, 0, 123456, tzinfo=UTC)
WALLET_ENTRY = "wallet-wal_ada.2"
BONUS = (LotPart("bon_1", Money(250, "TRY"), MOMENT), LotPart("bon_2", Money(50, "TRY"), None))
