"""Every route, ordered by context."""

from interfaces.http.event_log import feed
from interfaces.http.ledger import accounts, entries, journal, reports
from interfaces.http.notifications import receipts
from interfaces.http.operations import health, metrics
from interfaces.http.routing.route import DefterRoute
from interfaces.http.tenants import clock, keys
from interfaces.http.users import contact, customers
from interfaces.http.wallet import (
    balances,
    batches,
    held,
    history,
    holds,
    opening,
    statement,
    topups,
    transfers,
)

ROUTES: tuple[DefterRoute, ...] = (
    opening.OPEN,
    balances.WALLETS,
    balances.WALLET,
    topups.TOP_UP,
    topups.CREDIT,
    holds.PLACE,
    held.LIST,
    held.ONE,
    holds.CAPTURE,
    holds.RELEASE,
    holds.REFUND,
    transfers.TRANSFER,
    statement.STATEMENT,
    history.HISTORY,
    batches.OPENINGS,
    batches.TOP_UPS,
    batches.CREDITS,
    batches.HOLDS,
    batches.CAPTURES,
    batches.TRANSFERS,
    reports.ACCOUNTS,
    accounts.OPEN,
    reports.REGISTER,
    reports.TRIAL_BALANCE,
    entries.LIST,
    entries.ONE,
    journal.POST,
    journal.REVERSE,
    feed.FEED,
    customers.LIST,
    contact.REGISTER,
    customers.ONE,
    contact.CHANGE,
    keys.LIST,
    keys.ISSUE,
    keys.ROTATE,
    keys.REVOKE,
    clock.ADVANCE,
    receipts.CHOSEN,
    receipts.CHOOSE,
    health.HEALTH,
    health.LIVE,
    health.READY,
    metrics.METRICS,
    metrics.SETTINGS,
)
