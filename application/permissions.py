"""What a key may be allowed to do, ordered by context. Each route names one of these."""

from enum import StrEnum


class Permission(StrEnum):
    """A scope of a secret key; `*` in a key's scopes stands for all of them."""

    WALLET_READ = "wallet.read"
    WALLET_OPEN = "wallet.open"
    WALLET_FUND = "wallet.fund"
    WALLET_HOLD = "wallet.hold"
    WALLET_TRANSFER = "wallet.transfer"
    LEDGER_READ = "ledger.read"
    LEDGER_POST = "ledger.post"
    EVENTS_READ = "events.read"
    KEYS_MANAGE = "keys.manage"
    TEST_CLOCK = "test.clock"
    CHANNELS_WEBHOOKS = "channels.webhooks"
    SETTINGS_READ = "settings.read"
    PII_READ = "pii.read"


EVERYTHING = "*"
