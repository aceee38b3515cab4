"""Every read model, ordered by context."""

from projections.audit.trail import AUDIT_TRAIL
from projections.catalog.listing import CATALOG_LISTING
from projections.channels.endpoints import CHANNELS_ENDPOINTS
from projections.identity.accounts import IDENTITY_ACCOUNTS
from projections.identity.sessions import IDENTITY_SESSIONS
from projections.ledger.chart import LEDGER_CHART
from projections.ledger.journal import LEDGER_JOURNAL
from projections.ledger.periods import LEDGER_PERIODS
from projections.read_model import ReadModel
from projections.tenants.directory import TENANT_DIRECTORY
from projections.users.consents import USERS_CONSENTS
from projections.users.customers import USERS_CUSTOMERS
from projections.users.settings import USERS_SETTINGS
from projections.wallet.balances import WALLET_BALANCES
from projections.wallet.gift_cards import WALLET_GIFT_CARDS
from projections.wallet.holds import WALLET_HOLDS
from projections.wallet.limits import WALLET_LIMITS
from projections.wallet.requests import WALLET_REQUESTS
from projections.wallet.step_up import WALLET_STEP_UP

READ_MODELS: tuple[ReadModel, ...] = (
    WALLET_BALANCES,
    WALLET_HOLDS,
    WALLET_REQUESTS,
    WALLET_STEP_UP,
    WALLET_GIFT_CARDS,
    WALLET_LIMITS,
    LEDGER_JOURNAL,
    LEDGER_CHART,
    IDENTITY_ACCOUNTS,
    IDENTITY_SESSIONS,
    USERS_CUSTOMERS,
    USERS_SETTINGS,
    USERS_CONSENTS,
    LEDGER_PERIODS,
    TENANT_DIRECTORY,
    CATALOG_LISTING,
    CHANNELS_ENDPOINTS,
    AUDIT_TRAIL,
)
