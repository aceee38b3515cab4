"""What every stored sample of an event means, by stored name and schema.

A sample is never edited: a log may hold events like it. A new schema adds a sample beside the old
one, and the old one's value here becomes what the upcaster makes of it.
"""

from domain.audit import events as audit
from domain.channels import events as channels
from domain.identity import events as identity
from domain.jobs import events as jobs
from domain.kernel.events import Event
from domain.ledger import events as ledger
from domain.ledger.periods import Total
from domain.notifications import events as notifications
from domain.search import events as search
from domain.tenants import events as tenants
from domain.users import consent_events
from domain.users import events as users
from tests.architecture.shapes.products import PRODUCT_SHAPES
from tests.architecture.stored_pricing_shapes import PRICING_SHAPES
from tests.architecture.stored_sorting_shapes import SORTING_SHAPES
from tests.architecture.stored_stock_shapes import STOCK_SHAPES
from tests.architecture.stored_values import (
    ENTRY,
    MOMENT,
    SHOP,
    WORDS,
)
from tests.architecture.stored_wallet_shapes import WALLET_SHAPES

SHAPES: dict[tuple[str, int], Event] = {
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
    ("search.synonyms_set", 1): search.SynonymsSet(
        (
            search.Synonyms(("kilim", "halı")),
            search.Synonyms(("bardak", "su bardağı"), source="sürahi takımı"),
        )
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
    ("audit.audit_read", 1): audit.AuditRead("stf_deniz", "GET /api/audit", WORDS, "req_1"),
    ("audit.access_granted", 1): audit.AccessGranted("kpmg", "auditor_kpmg_7e0000000000", MOMENT),
    ("audit.access_revoked", 1): audit.AccessRevoked("kpmg"),
    **PRODUCT_SHAPES,
    **SORTING_SHAPES,
    **STOCK_SHAPES,
    **WALLET_SHAPES,
    **PRICING_SHAPES,
}
