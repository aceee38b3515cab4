"""Every read model, ordered by context."""

from projections.channels.endpoints import CHANNELS_ENDPOINTS
from projections.ledger.chart import LEDGER_CHART
from projections.ledger.journal import LEDGER_JOURNAL
from projections.read_model import ReadModel
from projections.tenants.directory import TENANT_DIRECTORY
from projections.wallet.balances import WALLET_BALANCES
from projections.wallet.holds import WALLET_HOLDS

READ_MODELS: tuple[ReadModel, ...] = (
    WALLET_BALANCES,
    WALLET_HOLDS,
    LEDGER_JOURNAL,
    LEDGER_CHART,
    TENANT_DIRECTORY,
    CHANNELS_ENDPOINTS,
)
