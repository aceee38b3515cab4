"""Which state each category of streams folds to, ordered by context."""

from collections.abc import Mapping

from domain.channels.endpoints import Endpoints
from domain.kernel.events import Aggregate
from domain.ledger.books import Books
from domain.ledger.journal import JournalEntry
from domain.tenants.clock import Clock
from domain.tenants.tenant import Tenant
from domain.wallet.holds import Hold
from domain.wallet.scheme import Scheme
from domain.wallet.wallet import Wallet

AGGREGATES: Mapping[str, type[Aggregate]] = {
    kind.CATEGORY: kind
    for kind in (Books, JournalEntry, Scheme, Wallet, Hold, Tenant, Clock, Endpoints)
}
