"""Every kind of effect, ordered by context."""

from application.processes.webhooks import REPLAY, WEBHOOK
from infrastructure.channels.replays import REPLAYS
from infrastructure.channels.webhooks import WEBHOOKS
from infrastructure.effects.effect import Kinds

EFFECTS: Kinds = {
    WEBHOOK: WEBHOOKS.kind,
    REPLAY: REPLAYS,
}
"""By name, such as `channels.webhook`."""
