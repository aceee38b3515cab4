"""Every kind of effect, ordered by context."""

from application.processes.imports import IMPORT
from application.processes.mailed_links import MAILED_LINK
from application.processes.person_index import INDEX_PERSON
from application.processes.receipts import WALLET_RECEIPT
from application.processes.stock_watches import FIND_WATCHERS, WATCH_LINK, WATCH_NOTICE
from application.processes.webhooks import REPLAY, WEBHOOK
from infrastructure.catalog.imports.reading import IMPORTS
from infrastructure.channels.replays import REPLAYS
from infrastructure.channels.webhooks import WEBHOOKS
from infrastructure.effects.effect import Kinds
from infrastructure.notifications.links import MAILED_LINKS
from infrastructure.notifications.receipts import WALLET_RECEIPTS
from infrastructure.stock.watches import WATCH_LINKS, WATCH_NOTICES, WATCHERS
from infrastructure.users.person_index import PERSON_INDEXING
from infrastructure.witnesses.filing import WITNESS
from infrastructure.witnesses.sending import WITNESSING

EFFECTS: Kinds = {
    MAILED_LINK: MAILED_LINKS,
    INDEX_PERSON: PERSON_INDEXING,
    WALLET_RECEIPT: WALLET_RECEIPTS,
    IMPORT: IMPORTS,
    FIND_WATCHERS: WATCHERS,
    WATCH_LINK: WATCH_LINKS,
    WATCH_NOTICE: WATCH_NOTICES,
    WEBHOOK: WEBHOOKS.kind,
    REPLAY: REPLAYS,
    WITNESS: WITNESSING.kind,
}
"""By name, such as `channels.webhook`."""
