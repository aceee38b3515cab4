"""Every read model, ordered by context."""

from projections.ledger.chart import LEDGER_CHART
from projections.ledger.journal import LEDGER_JOURNAL
from projections.read_model import ReadModel
from projections.wallet.balances import WALLET_BALANCES

READ_MODELS: tuple[ReadModel, ...] = (
    WALLET_BALANCES,
    LEDGER_JOURNAL,
    LEDGER_CHART,
)
