"""Which state each category of streams folds to, ordered by context."""

from collections.abc import Mapping

from domain.audit.access import Auditor
from domain.audit.reader import Reader
from domain.channels.endpoints import Endpoints
from domain.identity.account import Account
from domain.identity.roles import Roles
from domain.jobs.effects import Handled
from domain.kernel.events import Aggregate
from domain.ledger.books import Books
from domain.ledger.journal import JournalEntry
from domain.notifications.mailing import Mailing
from domain.search.synonyms import ShopWords
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
        Mailing,
        Endpoints,
        Handled,
        Reader,
        Auditor,
    )
}
