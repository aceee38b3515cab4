"""Which state each category of streams folds to, ordered by context."""

from collections.abc import Mapping

from domain.audit.access import Auditor
from domain.audit.reader import Reader
from domain.catalog.imports.imports import Import
from domain.catalog.products.product import Product
from domain.catalog.sorting.brands import Brand
from domain.catalog.sorting.categories import Categories
from domain.catalog.sorting.collections import Collection
from domain.catalog.sorting.product_types import ProductType
from domain.catalog.sorting.uses import Use
from domain.catalog.tags.tags import Tag
from domain.channels.endpoints import Endpoints
from domain.identity.account import Account
from domain.identity.roles import Roles
from domain.jobs.effects import Handled
from domain.kernel.events import Aggregate
from domain.ledger.books import Books
from domain.ledger.journal import JournalEntry
from domain.notifications.mailing import Mailing
from domain.pricing.kdv import KdvRates
from domain.pricing.price_lists import PriceList
from domain.pricing.prices import Prices
from domain.search.synonyms import ShopWords
from domain.stock.location_uses import LocationUse
from domain.stock.locations import Location, Ranking
from domain.stock.reservations import Reservation
from domain.stock.stock import Stock
from domain.stock.stock_takes import StockTake
from domain.stock.watches import Watch, Watching
from domain.tenants.clock import Clock
from domain.tenants.settings import Settings as TenantSettings
from domain.tenants.tenant import Tenant
from domain.users.consents import Consents, ConsentTexts
from domain.users.customer import Customer
from domain.users.settings import Settings
from domain.wallet.gifts.cards import GiftCard
from domain.wallet.holds import Hold
from domain.wallet.limits.limits import Limits, Person
from domain.wallet.requests.adjustments import Adjustment
from domain.wallet.requests.approvals import Threshold
from domain.wallet.requests.step_up import StepUpThreshold
from domain.wallet.requests.topups import TopUpRequest
from domain.wallet.requests.withdrawals import Withdrawal
from domain.wallet.scheme import Scheme
from domain.wallet.wallet import Wallet

AGGREGATES: Mapping[str, type[Aggregate]] = {
    kind.CATEGORY: kind
    for kind in (
        Books,
        JournalEntry,
        Scheme,
        Wallet,
        Hold,
        Threshold,
        StepUpThreshold,
        TopUpRequest,
        Withdrawal,
        Adjustment,
        GiftCard,
        Limits,
        Person,
        Account,
        Roles,
        Customer,
        Settings,
        ConsentTexts,
        Consents,
        ShopWords,
        Tenant,
        TenantSettings,
        Clock,
        Product,
        Import,
        PriceList,
        Prices,
        KdvRates,
        Stock,
        Location,
        LocationUse,
        Ranking,
        Reservation,
        StockTake,
        Watching,
        Watch,
        Mailing,
        Categories,
        Use,
        Brand,
        ProductType,
        Collection,
        Tag,
        Endpoints,
        Handled,
        Reader,
        Auditor,
    )
}
