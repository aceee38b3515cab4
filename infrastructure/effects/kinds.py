"""Every kind of effect, ordered by context."""

from infrastructure.effects.effect import Kinds

EFFECTS: Kinds = {}
"""By name, such as `channels.webhook`."""
