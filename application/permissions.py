"""What a key may be allowed to do, ordered by context. Each route names one of these."""

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
