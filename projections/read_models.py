"""Every read model, ordered by context."""

from projections.ledger.chart import LEDGER_CHART
from projections.ledger.journal import LEDGER_JOURNAL
from projections.read_model import ReadModel
from projections.tenants.directory import TENANT_DIRECTORY
from projections.wallet.balances import WALLET_BALANCES
from projections.wallet.gift_cards import WALLET_GIFT_CARDS
from projections.wallet.holds import WALLET_HOLDS
from projections.wallet.limits import WALLET_LIMITS

READ_MODELS: tuple[ReadModel, ...] = (
    WALLET_BALANCES,
    WALLET_HOLDS,
    WALLET_GIFT_CARDS,
    WALLET_LIMITS,
    LEDGER_JOURNAL,
    LEDGER_CHART,
    TENANT_DIRECTORY,
)
