"""What every stored sample of an event means, by stored name and schema.

A sample is never edited: a log may hold events like it. A new schema adds a sample beside the old
one, and the old one's value here becomes what the upcaster makes of it.
"""

from datetime import UTC, date, datetime

from domain.channels import events as channels
from domain.kernel.events import Event, Personal
from domain.kernel.money import Money
from domain.ledger import events as ledger
from domain.ledger.postings import Entry, Posting
from domain.tenants import events as tenants
from domain.wallet import events as wallet

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

SHAPES: dict[tuple[str, int], Event] = {
    ("wallet.scheme_chosen", 1): wallet.SchemeChosen("licensed"),
    ("wallet.opened", 1): wallet.WalletOpened("wal_ada", "usr_ada", "TRY"),
    ("wallet.funds_topped_up", 1): wallet.FundsToppedUp(
        "wal_ada", "top_1", AMOUNT, "bank", ENTRY, WORDS
    ),
    ("wallet.funds_credited", 1): wallet.FundsCredited(
        "wal_ada", "crd_1", AMOUNT, "sales.returns", ENTRY, None
    ),
    ("wallet.income_reversed", 1): wallet.IncomeReversed(
        "wal_ada", WALLET_ENTRY, AMOUNT, ENTRY, WORDS
    ),
    ("wallet.funds_held", 1): wallet.FundsHeld("wal_ada", "ord_1", AMOUNT, ENTRY),
    ("wallet.held_funds_captured", 1): wallet.HeldFundsCaptured(
        "wal_ada", "ord_1", "cap_1", AMOUNT, "sales", ENTRY
    ),
    ("wallet.held_funds_released", 1): wallet.HeldFundsReleased("wal_ada", "ord_1", AMOUNT, ENTRY),
    ("wallet.capture_refunded", 1): wallet.CaptureRefunded(
        "wal_ada", "ord_1", "cap_1", "rfd_1", AMOUNT, "sales", ENTRY
    ),
    ("wallet.transfer_sent", 1): wallet.TransferSent("wal_ada", "wal_bora", "trf_1", AMOUNT, ENTRY),
    ("wallet.transfer_received", 1): wallet.TransferReceived(
        "wal_bora", "wal_ada", "trf_1", AMOUNT, WALLET_ENTRY
    ),
    ("wallet.transfer_returned", 1): wallet.TransferReturned(
        "wal_bora", "wal_ada", "trf_1", WALLET_ENTRY, AMOUNT, ENTRY, WORDS
    ),
    ("wallet.transfer_taken_back", 1): wallet.TransferTakenBack(
        "wal_ada", "wal_bora", "trf_1", AMOUNT, "wallet-wal_bora.3"
    ),
    ("wallet.hold_placed", 1): wallet.HoldPlaced(
        "ord_1", "wal_ada", AMOUNT, WORDS, WALLET_ENTRY, None
    ),
    ("wallet.hold_placed", 2): wallet.HoldPlaced(
        "ord_1", "wal_ada", AMOUNT, WORDS, WALLET_ENTRY, MOMENT
    ),
    ("wallet.hold_captured", 1): wallet.HoldCaptured(
        "ord_1", "cap_1", AMOUNT, "sales", Money(0, "TRY"), WALLET_ENTRY
    ),
    ("wallet.hold_released", 1): wallet.HoldReleased("ord_1", AMOUNT, WALLET_ENTRY),
    ("wallet.hold_expired", 1): wallet.HoldExpired("ord_1", AMOUNT, WALLET_ENTRY),
    ("wallet.hold_refunded", 1): wallet.HoldRefunded(
        "ord_1", "cap_1", "rfd_1", AMOUNT, WALLET_ENTRY
    ),
    ("ledger.books_opened", 1): ledger.BooksOpened("TRY", "Europe/Istanbul"),
    ("ledger.account_opened", 1): ledger.AccountOpened("sales.books", "income", "Kitap satışları"),
    ("ledger.entry_posted", 1): ledger.EntryPosted("jrn_1", ENTRY, WORDS),
    ("ledger.entry_reversed", 1): ledger.EntryReversed("jrn_1", "journal-jrn_1.1", ENTRY, None),
    ("tenants.tenant_created", 1): tenants.TenantCreated(SHOP, "shop", "Dükkân", test=True),
    ("tenants.domain_mapped", 1): tenants.DomainMapped(SHOP, "shop.example"),
    ("tenants.staff_added", 1): tenants.StaffAdded(SHOP, "stf_deniz", WORDS),
    ("tenants.key_issued", 1): tenants.KeyIssued(
        SHOP,
        "key_1",
        "secret",
        "5f70bf18a086007016e948b04aed3b82",
        "…9f2c",
        "stf_deniz",
        ("wallet.read", "ledger.read"),
        ("10.0.0.0/8",),
        MOMENT,
    ),
    ("tenants.key_revoked", 1): tenants.KeyRevoked(SHOP, "key_1"),
    ("tenants.key_expiry_set", 1): tenants.KeyExpirySet(SHOP, "key_1", MOMENT),
    ("tenants.clock_advanced", 1): tenants.ClockAdvanced(MOMENT),
    ("channels.endpoint_registered", 1): channels.EndpointRegistered(
        "whe_1",
        "https://hooks.example/defter",
        ("wallet.*",),
        test=False,
        description=WORDS,
        secret=WORDS,
    ),
    ("channels.endpoint_changed", 1): channels.EndpointChanged(
        "whe_1", "https://hooks.example/v2", ("*",), None
    ),
    ("channels.secret_rotated", 1): channels.SecretRotated("whe_1", WORDS, MOMENT),
    ("channels.endpoint_deactivated", 1): channels.EndpointDeactivated("whe_1", "failing"),
    ("channels.endpoint_activated", 1): channels.EndpointActivated("whe_1"),
    ("channels.endpoint_removed", 1): channels.EndpointRemoved("whe_1"),
    ("channels.endpoint_pinged", 1): channels.EndpointPinged("whe_1"),
    ("channels.replay_asked", 1): channels.ReplayAsked("whe_1", 7, 100_006),
}
