"""Deliver an event to an endpoint: CloudEvents inside, Standard Webhooks outside.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from datetime import UTC, datetime

from standardwebhooks import Webhook

from application.channels.endpoints import DeactivateEndpoint
from application.processes.webhooks import WEBHOOK
from application.sending import NotDecided
from domain.channels.endpoints import DeactivationReason
from infrastructure.channels.posting import Network, NotDelivered, Poster
from infrastructure.channels.receivers import Receiver, Receivers, Seen
from infrastructure.channels.signing import signature_headers
from infrastructure.effects.effect import Effect, Hopeless, Kind, Needless, TryLater, World
from infrastructure.event_log.cloud_events import MEDIA_TYPE, cloud_event
from infrastructure.processes.advance import envelope_of

ATTEMPTS_MAX = 10
"""Over 10 to 20 hours: after 5 s, then four times as long each time, never more than 6 hours."""

DEAD_IN_A_ROW_MAX = 5
SUCCESS = range(200, 300)
REDIRECT = range(300, 400)
GONE = 410
USER_AGENT = "defter-webhooks/1"

_LAST_SETTLED = b"""
SELECT state FROM defter.effects
WHERE tenant_id = %s AND effect = %s AND target = %s AND position > %s AND state IN ('done', 'dead')
ORDER BY position DESC LIMIT %s
"""


class Webhooks:
    """Delivers, and lets go of endpoints that are gone or fail again and again."""

    def __init__(self, network: Network | None = None) -> None:
        self._network = network
        self._poster: Poster | None = None
        self._receivers = Receivers()

    @property
    def kind(self) -> Kind:
        """The effect `channels.webhook`."""
        return Kind(self.perform, attempts_max=ATTEMPTS_MAX, dead=self.dead, close=self.close)

    async def perform(self, world: World, effect: Effect) -> str:
        """Make one attempt; anything but a 2xx is a failure, and a 410 the last one."""
        seen = await self._receivers.look(world, effect)
        receiver = _receiver(seen, effect)
        event = seen.events.get(effect.position)
        if event is None or event.event_id != effect.event_id:
            raise Hopeless("the event stands in the log no more")
        body, now = cloud_event(event, seen.source), datetime.now(UTC)
        # A test tenant's clock may be ahead, and so are its moments.
        signers = _signers(seen, receiver, max(now, event.recorded_at))
        delivery_id = str(effect.effect_id)
        headers = {
            "Content-Type": MEDIA_TYPE.decode(),
            "User-Agent": USER_AGENT,
            **signature_headers(signers, delivery_id=delivery_id, at=now, body=body),
        }
        if self._poster is None:
            self._poster = Poster(self._network)
        inside = receiver.test and world.settings.test_webhooks_inside
        try:
            status = await self._poster.post(receiver.url, headers, body, inside=inside)
        except NotDelivered as fault:
            raise TryLater(str(fault)) from fault
        if status == GONE:
            await _deactivate(world, effect, DeactivationReason.GONE)
            raise Hopeless(f"answered {status}")
        if status in REDIRECT:
            raise TryLater(f"answered {status}; redirects are not followed")
        if status not in SUCCESS:
            raise TryLater(f"answered {status}")
        return f"answered {status}"

    async def dead(self, world: World, effect: Effect) -> None:
        """Deactivate the endpoint if its last `DEAD_IN_A_ROW_MAX` deliveries were all given up."""
        seen = await self._receivers.look(world, effect)
        receiver = seen.receivers.get(effect.target)
        if receiver is None or not receiver.active:
            return
        async with world.look(effect.tenant_id) as connection:
            given = (effect.tenant_id, WEBHOOK, effect.target, receiver.since, DEAD_IN_A_ROW_MAX)
            rows = await (await connection.execute(_LAST_SETTLED, given)).fetchall()
        if [state for (state,) in rows] == ["dead"] * DEAD_IN_A_ROW_MAX:
            await _deactivate(world, effect, DeactivationReason.FAILING)

    async def close(self) -> None:
        """Close the connections that are kept."""
        if self._poster is not None:
            await self._poster.close()
            self._poster = None


WEBHOOKS = Webhooks()


def _receiver(seen: Seen, effect: Effect) -> Receiver:
    receiver = seen.receivers.get(effect.target)
    if receiver is None:
        raise Needless("the endpoint was removed")
    if not receiver.active:
        raise Needless("the endpoint is inactive")
    return receiver


def _signers(seen: Seen, receiver: Receiver, at: datetime) -> list[Webhook]:
    """Give what signs: the secret, and the one before it until its last moment."""
    secrets = [receiver.secret]
    if receiver.old_secret is not None and receiver.old_until is not None:
        secrets += [receiver.old_secret] if at < receiver.old_until else []
    signers = [seen.signers[secret] for secret in secrets if secret in seen.signers]
    if not signers:
        raise Hopeless("the secret can not be opened any more")
    return signers


async def _deactivate(world: World, effect: Effect, reason: DeactivationReason) -> None:
    # A delivery that is replayed after an activation may end like this again: the attempt counts.
    name = f"effect/{effect.effect_id}/{effect.attempt}/deactivate"
    command = DeactivateEndpoint(effect.target, reason)
    envelope = envelope_of(effect.tenant_id, effect.event_id, name, command)
    try:
        await world.sender.send(envelope)
    except NotDecided as later:
        raise TryLater(later.code) from later
