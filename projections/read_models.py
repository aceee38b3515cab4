"""Every read model, ordered by context."""

from projections.audit.trail import AUDIT_TRAIL
from projections.catalog.feed import CATALOG_FEED
from projections.catalog.listing import CATALOG_LISTING
from projections.catalog.sorting.brands import CATALOG_BRANDS
from projections.catalog.sorting.categories import CATALOG_CATEGORIES
from projections.catalog.sorting.collections import CATALOG_COLLECTIONS
from projections.catalog.sorting.product_types import CATALOG_PRODUCT_TYPES
from projections.catalog.tags import CATALOG_NFC_TAGS
from projections.catalog.variants import CATALOG_VARIANTS
from projections.channels.endpoints import CHANNELS_ENDPOINTS
from projections.identity.accounts import IDENTITY_ACCOUNTS
from projections.identity.sessions import IDENTITY_SESSIONS
from projections.ledger.chart import LEDGER_CHART
from projections.ledger.journal import LEDGER_JOURNAL
from projections.ledger.periods import LEDGER_PERIODS
from projections.pricing.history import PRICING_HISTORY
from projections.pricing.prices import PRICING_PRICES
from projections.pricing.tax_rates import PRICING_TAX_RATES
from projections.read_model import ReadModel
from projections.stock.levels import STOCK_LEVELS
from projections.stock.locations import STOCK_LOCATIONS
from projections.stock.movements import STOCK_MOVEMENTS
from projections.stock.reservations import STOCK_RESERVATIONS
from projections.stock.takes import STOCK_TAKES
from projections.stock.watches import STOCK_WATCHES
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
    CATALOG_CATEGORIES,
    CATALOG_BRANDS,
    CATALOG_PRODUCT_TYPES,
    CATALOG_COLLECTIONS,
    CATALOG_VARIANTS,
    CATALOG_NFC_TAGS,
    PRICING_PRICES,
    PRICING_HISTORY,
    PRICING_TAX_RATES,
    CATALOG_LISTING,
    CATALOG_FEED,
    STOCK_LEVELS,
    STOCK_MOVEMENTS,
    STOCK_RESERVATIONS,
    STOCK_LOCATIONS,
    STOCK_TAKES,
    STOCK_WATCHES,
    CHANNELS_ENDPOINTS,
    AUDIT_TRAIL,
)
