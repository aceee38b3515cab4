"""What every stored sample of an event means, by stored name and schema.

A sample is never edited: a log may hold events like it. A new schema adds a sample beside the old
one, and the old one's value here becomes what the upcaster makes of it.
"""

from datetime import UTC, date, datetime

from domain.audit import events as audit
from domain.channels import events as channels
from domain.identity import events as identity
from domain.jobs import events as jobs
from domain.kernel.events import Event, Personal
from domain.kernel.money import Money
from domain.ledger import events as ledger
from domain.ledger.periods import Total
from domain.ledger.postings import Entry, Posting
from domain.notifications import events as notifications
from domain.tenants import events as tenants
from domain.users import consent_events
from domain.users import events as users
from domain.wallet import bonus_events, standing_events
from domain.wallet import events as wallet
from domain.wallet.gifts import events as gifts
from domain.wallet.limits import events as limits
from domain.wallet.lots import LotPart
from domain.wallet.requests import adjustment_events as adjustments
from domain.wallet.requests import events as requests

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
    ("wallet.frozen", 1): standing_events.WalletFrozen("wal_ada", WORDS),
    ("wallet.unfrozen", 1): standing_events.WalletUnfrozen("wal_ada", None),
    ("wallet.closed", 1): standing_events.WalletClosed("wal_ada", "usr_ada", "TRY", WORDS),
    ("wallet.bonus_granted", 1): bonus_events.BonusGranted(
        "wal_ada", "bon_1", AMOUNT, "spring", MOMENT, ENTRY
    ),
    ("wallet.bonus_expiry_warned", 1): bonus_events.BonusExpiryWarned(
        "wal_ada", "bon_1", AMOUNT, MOMENT
    ),
    ("wallet.bonus_expired", 1): bonus_events.BonusExpired("wal_ada", "bon_1", AMOUNT, ENTRY),
    ("wallet.bonus_taken_back", 1): bonus_events.BonusTakenBack(
        "wal_ada", "bon_1", WALLET_ENTRY, AMOUNT, ENTRY, WORDS
    ),
    ("wallet.funds_held", 1): wallet.FundsHeld("wal_ada", "ord_1", AMOUNT, ENTRY, ()),
    ("wallet.funds_held", 2): wallet.FundsHeld("wal_ada", "ord_1", AMOUNT, ENTRY, BONUS),
    ("wallet.held_funds_captured", 1): wallet.HeldFundsCaptured(
        "wal_ada", "ord_1", "cap_1", AMOUNT, "sales", ENTRY
    ),
    ("wallet.held_funds_released", 1): wallet.HeldFundsReleased(
        "wal_ada", "ord_1", AMOUNT, ENTRY, ()
    ),
    ("wallet.held_funds_released", 2): wallet.HeldFundsReleased(
        "wal_ada", "ord_1", AMOUNT, ENTRY, BONUS
    ),
    ("wallet.capture_refunded", 1): wallet.CaptureRefunded(
        "wal_ada", "ord_1", "cap_1", "rfd_1", AMOUNT, "sales", ENTRY, ()
    ),
    ("wallet.capture_refunded", 2): wallet.CaptureRefunded(
        "wal_ada", "ord_1", "cap_1", "rfd_1", AMOUNT, "sales", ENTRY, BONUS
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
        "ord_1", "wal_ada", AMOUNT, WORDS, WALLET_ENTRY, None, ()
    ),
    ("wallet.hold_placed", 2): wallet.HoldPlaced(
        "ord_1", "wal_ada", AMOUNT, WORDS, WALLET_ENTRY, MOMENT, ()
    ),
    ("wallet.hold_placed", 3): wallet.HoldPlaced(
        "ord_1", "wal_ada", AMOUNT, WORDS, WALLET_ENTRY, MOMENT, BONUS
    ),
    ("wallet.hold_captured", 1): wallet.HoldCaptured(
        "ord_1", "cap_1", AMOUNT, "sales", Money(0, "TRY"), WALLET_ENTRY, ()
    ),
    ("wallet.hold_captured", 2): wallet.HoldCaptured(
        "ord_1", "cap_1", AMOUNT, "sales", Money(0, "TRY"), WALLET_ENTRY, BONUS
    ),
    ("wallet.hold_released", 1): wallet.HoldReleased("ord_1", AMOUNT, WALLET_ENTRY),
    ("wallet.hold_expired", 1): wallet.HoldExpired("ord_1", AMOUNT, WALLET_ENTRY),
    ("wallet.hold_refunded", 1): wallet.HoldRefunded(
        "ord_1", "cap_1", "rfd_1", AMOUNT, WALLET_ENTRY, ()
    ),
    ("wallet.hold_refunded", 2): wallet.HoldRefunded(
        "ord_1", "cap_1", "rfd_1", AMOUNT, WALLET_ENTRY, BONUS
    ),
    ("wallet.approval_threshold_set", 1): requests.ApprovalThresholdSet(AMOUNT),
    ("wallet.step_up_threshold_set", 1): requests.StepUpThresholdSet(AMOUNT),
    ("wallet.withdrawal_held", 1): requests.WithdrawalHeld("wal_ada", "wdr_1", AMOUNT, ENTRY),
    ("wallet.withdrawal_released", 1): requests.WithdrawalReleased(
        "wal_ada", "wdr_1", AMOUNT, ENTRY
    ),
    ("wallet.held_funds_paid_out", 1): requests.HeldFundsPaidOut(
        "wal_ada", "wdr_1", AMOUNT, "bank", ENTRY
    ),
    ("wallet.payout_returned", 1): requests.PayoutReturned(
        "wal_ada", "wdr_1", AMOUNT, "bank", ENTRY
    ),
    ("wallet.top_up_requested", 1): requests.TopUpRequested(
        "tpr_1", "wal_ada", "usr_ada", AMOUNT, WORDS, "stf_deniz", MOMENT
    ),
    ("wallet.top_up_approved", 1): requests.TopUpApproved(
        "tpr_1", AMOUNT, "stf_umut", WALLET_ENTRY
    ),
    ("wallet.top_up_rejected", 1): requests.TopUpRejected("tpr_1", "stf_umut", WORDS),
    ("wallet.top_up_cancelled", 1): requests.TopUpCancelled("tpr_1", "stf_deniz"),
    ("wallet.top_up_request_expired", 1): requests.TopUpRequestExpired("tpr_1"),
    ("wallet.withdrawal_requested", 1): requests.WithdrawalRequested(
        "wdr_1",
        "wal_ada",
        "usr_ada",
        AMOUNT,
        WORDS,
        "1326",
        None,
        "stf_deniz",
        WALLET_ENTRY,
        MOMENT,
    ),
    ("wallet.withdrawal_approved", 1): requests.WithdrawalApproved("wdr_1", "stf_umut"),
    ("wallet.withdrawal_rejected", 1): requests.WithdrawalRejected(
        "wdr_1", AMOUNT, "stf_umut", WORDS, WALLET_ENTRY
    ),
    ("wallet.withdrawal_cancelled", 1): requests.WithdrawalCancelled(
        "wdr_1", AMOUNT, "stf_deniz", WALLET_ENTRY
    ),
    ("wallet.withdrawal_expired", 1): requests.WithdrawalExpired("wdr_1", AMOUNT, WALLET_ENTRY),
    ("wallet.withdrawal_paid", 1): requests.WithdrawalPaid(
        "wdr_1", AMOUNT, "bank", WORDS, WALLET_ENTRY
    ),
    ("wallet.withdrawal_turned_down", 1): requests.WithdrawalTurnedDown(
        "wdr_1", AMOUNT, WORDS, WALLET_ENTRY
    ),
    ("wallet.withdrawal_bounced", 1): requests.WithdrawalBounced(
        "wdr_1", AMOUNT, None, WALLET_ENTRY
    ),
    ("wallet.adjustment_credited", 1): adjustments.AdjustmentCredited(
        "wal_ada", "adj_1", AMOUNT, ENTRY
    ),
    ("wallet.adjustment_held", 1): adjustments.AdjustmentHeld("wal_ada", "adj_1", AMOUNT, ENTRY),
    ("wallet.adjustment_released", 1): adjustments.AdjustmentReleased(
        "wal_ada", "adj_1", AMOUNT, ENTRY
    ),
    ("wallet.adjustment_debited", 1): adjustments.AdjustmentDebited(
        "wal_ada", "adj_1", AMOUNT, ENTRY
    ),
    ("wallet.adjustment_requested", 1): adjustments.AdjustmentRequested(
        "adj_1",
        "wal_ada",
        "usr_ada",
        AMOUNT,
        "debit",
        "correction",
        WORDS,
        "stf_deniz",
        WALLET_ENTRY,
        MOMENT,
    ),
    ("wallet.adjustment_approved", 1): adjustments.AdjustmentApproved(
        "adj_1", AMOUNT, "stf_umut", WALLET_ENTRY
    ),
    ("wallet.adjustment_rejected", 1): adjustments.AdjustmentRejected(
        "adj_1", AMOUNT, "stf_umut", WORDS, WALLET_ENTRY
    ),
    ("wallet.adjustment_cancelled", 1): adjustments.AdjustmentCancelled(
        "adj_1", AMOUNT, "stf_deniz", None
    ),
    ("wallet.adjustment_expired", 1): adjustments.AdjustmentExpired("adj_1", AMOUNT, WALLET_ENTRY),
    ("wallet.gift_card_issued", 1): gifts.GiftCardIssued(
        "gft_1", "5f70bf18a086007016e948b04aed3b82", "…7Q2K", AMOUNT, "bank", ENTRY, MOMENT
    ),
    ("wallet.gift_card_redeemed", 1): gifts.GiftCardRedeemed(
        "gft_1", "wal_ada", "rdm_1", AMOUNT, Money(250, "TRY"), ENTRY
    ),
    ("wallet.gift_card_expired", 1): gifts.GiftCardExpired("gft_1", AMOUNT, ENTRY),
    ("wallet.gift_card_voided", 1): gifts.GiftCardVoided("gft_1", AMOUNT, "bank", ENTRY, WORDS),
    ("wallet.gift_received", 1): gifts.GiftReceived(
        "wal_ada", "gft_1", "rdm_1", AMOUNT, "gift_card-gft_1.2"
    ),
    ("wallet.limits_set", 1): limits.LimitsSet("standard", "TRY", "transfer", 100, 500, None),
    ("wallet.level_set", 1): limits.LevelSet("usr_ada", "vip"),
    ("wallet.usage_counted", 1): limits.UsageCounted(
        "usr_ada", "transfer", AMOUNT, date(2026, 3, 5)
    ),
    ("ledger.books_opened", 1): ledger.BooksOpened("TRY", "Europe/Istanbul"),
    ("ledger.account_opened", 1): ledger.AccountOpened("sales.books", "income", "Kitap satışları"),
    ("ledger.closing_started", 1): ledger.ClosingStarted("2026-02", "cls_1", "stf_deniz"),
    ("ledger.closing_cancelled", 1): ledger.ClosingCancelled("2026-02", "stf_deniz"),
    ("ledger.period_sealed", 1): ledger.PeriodSealed(
        "2026-02",
        "cls_1",
        (Total("bank", "TRY", 900, 100), Total("sales", "TRY", 0, 800)),
        41,
        "5f70bf18a086007016e948b04aed3b82a10c1e3dd4ac4a7f6c65a5d1a7b5d2f0",
        "stf_deniz",
    ),
    ("ledger.reopening_requested", 1): ledger.ReopeningRequested("2026-02", WORDS, "stf_deniz"),
    ("ledger.period_reopened", 1): ledger.PeriodReopened("2026-02", "stf_deniz", "stf_ece"),
    ("ledger.entry_posted", 1): ledger.EntryPosted("jrn_1", ENTRY, WORDS),
    ("ledger.entry_reversed", 1): ledger.EntryReversed("jrn_1", "journal-jrn_1.1", ENTRY, None),
    ("identity.account_opened", 1): identity.AccountOpened(
        "cus_ada", "customer", WORDS, "9a2b4c", ("customer",)
    ),
    ("identity.login_changed", 1): identity.LoginChanged("cus_ada", WORDS, "9a2b4c", "6d1f0c"),
    ("identity.email_verified", 1): identity.EmailVerified("cus_ada", "9a2b4c"),
    ("identity.password_set", 1): identity.PasswordSet("cus_ada", "changed"),
    ("identity.roles_assigned", 1): identity.RolesAssigned("stf_ayse", ("finance", "shop_floor")),
    ("identity.account_suspended", 1): identity.AccountSuspended("cus_ada", WORDS),
    ("identity.account_reactivated", 1): identity.AccountReactivated("cus_ada"),
    ("identity.account_closed", 1): identity.AccountClosed("cus_ada", "9a2b4c"),
    ("identity.session_begun", 1): identity.SessionBegun(
        "cus_ada", "ses_1", "password", WORDS, MOMENT
    ),
    ("identity.session_ended", 1): identity.SessionEnded("cus_ada", "ses_1", "logged_out"),
    ("identity.stepped_up", 1): identity.SteppedUp("cus_ada", "ses_1", MOMENT),
    ("identity.link_requested", 1): identity.LinkRequested("cus_ada", "reset", "9a2b4c"),
    ("identity.role_defined", 1): identity.RoleDefined(
        "shop_floor", "Shop floor", ("users.read", "wallet.read")
    ),
    ("identity.role_removed", 1): identity.RoleRemoved("shop_floor"),
    ("users.customer_registered", 1): users.CustomerRegistered(
        "cus_ada", WORDS, WORDS, "6d1f0c", "tr"
    ),
    ("users.contact_changed", 1): users.ContactChanged(
        "cus_ada", None, WORDS, "9a2b4c", "6d1f0c", "en"
    ),
    ("users.customer_registered", 2): users.CustomerRegistered(
        "cus_ada", WORDS, WORDS, "6d1f0c", "tr", WORDS, "77c0de"
    ),
    ("users.contact_changed", 2): users.ContactChanged(
        "cus_ada", None, WORDS, "9a2b4c", "6d1f0c", "en", WORDS, "77c0de", "12ab9f"
    ),
    ("users.address_bounced", 1): users.AddressBounced("cus_ada", "9a2b4c", "550 5.1.1"),
    ("users.person_erased", 1): users.PersonErased("cus_ada1", "asked", "a1", None),
    ("users.language_chosen", 1): users.LanguageChosen("cus_ada", "en"),
    ("users.theme_chosen", 1): users.ThemeChosen("cus_ada", "dark"),
    ("users.notifications_chosen", 1): users.NotificationsChosen(
        "cus_ada", "orders", ("email", "sms")
    ),
    ("users.privacy_chosen", 1): users.PrivacyChosen("cus_ada", "statistics", allowed=False),
    ("users.consent_text_published", 1): consent_events.ConsentTextPublished(
        "terms", "2026-03", "tr", "5f70bf18a086007016e948b04aed3b82", "Koşullar"
    ),
    ("users.consent_given", 1): consent_events.ConsentGiven(
        "cus_ada", "terms", "2026-03", "tr", "paper", WORDS
    ),
    ("users.consent_withdrawn", 1): consent_events.ConsentWithdrawn(
        "cus_ada", "terms", "2026-03", "web"
    ),
    ("tenants.tenant_created", 1): tenants.TenantCreated(SHOP, "shop", "Dükkân", test=True),
    ("tenants.tenant_suspended", 1): tenants.TenantSuspended(SHOP, WORDS),
    ("tenants.tenant_reactivated", 1): tenants.TenantReactivated(SHOP),
    ("tenants.domain_mapped", 1): tenants.DomainMapped(SHOP, "shop.example"),
    ("tenants.staff_added", 1): tenants.StaffAdded(SHOP, "stf_deniz", WORDS),
    ("tenants.staff_suspended", 1): tenants.StaffSuspended(SHOP, "stf_deniz"),
    ("tenants.staff_reactivated", 1): tenants.StaffReactivated(SHOP, "stf_deniz"),
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
    ("tenants.settings_changed", 1): tenants.SettingsChanged(
        SHOP,
        "security",
        {"password_length_min": 12, "staff_networks": ("10.0.0.0/8",), "logo_url": None},
    ),
    ("tenants.clock_advanced", 1): tenants.ClockAdvanced(MOMENT),
    ("notifications.receipts_chosen", 1): notifications.ReceiptsChosen(mailed=True),
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
    ("jobs.retry_asked", 1): jobs.RetryAsked("0198c1de-0000-5000-8000-000000000000"),
    ("jobs.discard_asked", 1): jobs.DiscardAsked("0198c1de-0000-5000-8000-000000000000"),
    ("audit.personal_data_read", 1): audit.PersonalDataRead(
        "stf_deniz", ("cus_ada", "cus_bora"), "GET /api/customers", "req_1"
    ),
}
