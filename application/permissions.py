"""What a key may be allowed to do, ordered by context. Each route names one of these."""

from collections.abc import Mapping
from enum import StrEnum


class Permission(StrEnum):
    """A scope of a key or role; `*` in a key's scopes stands for all that a tenant may give."""

    WALLET_READ = "wallet.read"
    WALLET_OPEN = "wallet.open"
    WALLET_FUND = "wallet.fund"
    WALLET_GRANT_BONUS = "wallet.grant_bonus"
    WALLET_FREEZE = "wallet.freeze"
    WALLET_HOLD = "wallet.hold"
    WALLET_TRANSFER = "wallet.transfer"
    WALLET_REQUEST = "wallet.request"
    WALLET_ADJUST = "wallet.adjust"
    WALLET_APPROVE = "wallet.approve"
    WALLET_SET_THRESHOLD = "wallet.set_threshold"
    WALLET_GIFT_ISSUE = "wallet.gift_issue"
    WALLET_GIFT_REDEEM = "wallet.gift_redeem"
    WALLET_LIMITS = "wallet.limits"
    LEDGER_READ = "ledger.read"
    LEDGER_POST = "ledger.post"
    LEDGER_CLOSE = "ledger.close"
    EVENTS_READ = "events.read"
    USERS_READ = "users.read"
    USERS_MANAGE = "users.manage"
    USERS_ERASE = "users.erase"
    IDENTITY_SELF = "identity.self"
    IDENTITY_READ = "identity.read"
    IDENTITY_MANAGE = "identity.manage"
    IDENTITY_ROLES = "identity.roles"
    KEYS_MANAGE = "keys.manage"
    TENANTS_MANAGE = "tenants.manage"
    TEST_CLOCK = "test.clock"
    CATALOG_READ = "catalog.read"
    CATALOG_MANAGE = "catalog.manage"
    CATALOG_FEED = "catalog.feed"
    STOCK_READ = "stock.read"
    STOCK_MANAGE = "stock.manage"
    STOCK_RESERVE = "stock.reserve"
    PRICING_READ = "pricing.read"
    PRICING_MANAGE = "pricing.manage"
    NOTIFICATIONS_MANAGE = "notifications.manage"
    CHANNELS_WEBHOOKS = "channels.webhooks"
    EFFECTS_READ = "effects.read"
    EFFECTS_MANAGE = "effects.manage"
    SETTINGS_READ = "settings.read"
    SETTINGS_MANAGE = "settings.manage"
    AUDIT_READ = "audit.read"
    PII_READ = "pii.read"

    @property
    def of_tenants(self) -> bool:
        """Whether a tenant may give it: what concerns all tenants is the platform's alone."""
        return self is not Permission.TENANTS_MANAGE


EVERYTHING = "*"

MEANINGS: Mapping[Permission, str] = {
    Permission.WALLET_READ: "See wallets, their statements, holds and requests.",
    Permission.WALLET_OPEN: "Open wallets and close empty ones.",
    Permission.WALLET_FUND: "Enter money that came in, and credits.",
    Permission.WALLET_GRANT_BONUS: "Grant bonus.",
    Permission.WALLET_FREEZE: "Freeze wallets and unfreeze them.",
    Permission.WALLET_HOLD: "Hold, capture, release and refund funds.",
    Permission.WALLET_TRANSFER: "Transfer funds between wallets.",
    Permission.WALLET_REQUEST: "Ask for money in or out.",
    Permission.WALLET_ADJUST: "Ask for a wallet to be adjusted, which another person approves.",
    Permission.WALLET_APPROVE: "Decide requests for money in or out.",
    Permission.WALLET_SET_THRESHOLD: "Say above which amount two people decide.",
    Permission.WALLET_GIFT_ISSUE: "Issue and void gift cards.",
    Permission.WALLET_GIFT_REDEEM: "Redeem gift cards.",
    Permission.WALLET_LIMITS: "Set limits, and who is on which level.",
    Permission.LEDGER_READ: "See accounts, entries, balances and months.",
    Permission.LEDGER_POST: "Post and reverse entries, open accounts.",
    Permission.LEDGER_CLOSE: "Close, seal and reopen months.",
    Permission.EVENTS_READ: "Read the event log as a feed.",
    Permission.USERS_READ: "See customers.",
    Permission.USERS_MANAGE: "Register customers and change how they are reached.",
    Permission.USERS_ERASE: "Erase a person for good.",
    Permission.IDENTITY_SELF: "Manage one's own account and sessions.",
    Permission.IDENTITY_READ: "See accounts, staff, roles and permissions.",
    Permission.IDENTITY_MANAGE: "Open, suspend and reactivate accounts, assign roles.",
    Permission.IDENTITY_ROLES: "Define and remove the tenant's own roles.",
    Permission.KEYS_MANAGE: "Issue, rotate, revoke and list API keys.",
    Permission.TENANTS_MANAGE: "Create, suspend and reactivate tenants; the platform's alone.",
    Permission.TEST_CLOCK: "Move the clock of a test tenant.",
    Permission.CATALOG_READ: "See the whole catalogue, drafts and archived products too.",
    Permission.CATALOG_MANAGE: "Create, change, publish and archive what is sold.",
    Permission.CATALOG_FEED: "Follow what is told of published products, to answer questions.",
    Permission.STOCK_READ: "See stock, movements, reservations and alerts.",
    Permission.STOCK_MANAGE: "Move, transfer and count stock, set its thresholds.",
    Permission.STOCK_RESERVE: "Reserve stock, release and issue it.",
    Permission.PRICING_READ: "See price lists, scheduled prices and their history.",
    Permission.PRICING_MANAGE: "Set prices, price lists and tax rates.",
    Permission.NOTIFICATIONS_MANAGE: "Choose what is mailed to customers.",
    Permission.EFFECTS_READ: "See what is still to be done outside, and what was given up.",
    Permission.EFFECTS_MANAGE: "Try effects again or give them up.",
    Permission.CHANNELS_WEBHOOKS: "Manage webhook endpoints.",
    Permission.SETTINGS_READ: "See the tenant's settings.",
    Permission.SETTINGS_MANAGE: "Change the tenant's settings.",
    Permission.AUDIT_READ: "See who did what, when and from where.",
    Permission.PII_READ: "Read names, addresses and other personal text.",
}
"""The catalogue: what each permission allows, in one sentence."""
