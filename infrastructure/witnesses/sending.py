"""Send checkpoints to witnesses, and keep what they confirm (AUD-01)."""

import httpx

from infrastructure.effects.effect import Alarm, Effect, Kind, Needless, World
from infrastructure.sealing.roots import LogShort
from infrastructure.witnesses import cosignatures, files, mail, tlog
from infrastructure.witnesses.newest import Confirmed
from infrastructure.witnesses.witness import FileWitness, HttpWitness, MailWitness, Witness


class Witnessing:
    """Gives the newest checkpoint to whoever an effect is aimed at."""

    def __init__(self) -> None:
        self._http: httpx.AsyncClient | None = None

    @property
    def kind(self) -> Kind:
        """The effect `audit.witness`: its eight attempts span about fifteen hours."""
        return Kind(self.perform, first_retry_seconds=30.0, close=self.close)

    async def perform(self, world: World, effect: Effect) -> str:
        """Send the newest checkpoint and keep what is confirmed; an `Alarm` is about the log."""
        by_key = {witness.key: witness for witness in world.settings.witnesses_read}
        witness = by_key.get(effect.target)
        if witness is None:
            raise Needless("it is no witness any more")
        try:
            done = await self._give(world, effect, witness)
        except LogShort as short:
            raise Alarm(str(short)) from short
        async with world.look(effect.tenant_id) as connection:
            await cosignatures.keep(connection, effect.tenant_id, witness.key, *done)
        return f"it has {done.size} events"

    async def close(self) -> None:
        """Close the connections that are kept."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def _give(self, world: World, effect: Effect, witness: Witness) -> Confirmed:
        match witness:
            case FileWitness():
                return await files.give(world, effect, witness)
            case MailWitness():
                return await mail.give(world, effect, witness)
            case HttpWitness():
                if self._http is None:
                    self._http = tlog.client()
                return await tlog.give(world, effect, witness, self._http)


WITNESSING = Witnessing()
