"""Seals what is personal while commands are decided, each piece with its person's key."""

from uuid import UUID

from application.book import Missing
from application.envelope import Actor
from domain.kernel.events import Personal
from domain.users.customer import PersonForgotten
from infrastructure.event_log import keyring
from infrastructure.event_log.writing.memory import TenantMemory
from infrastructure.event_log.writing.needs import Needs


class Sealing:
    """The persons' keys of one tenant in one batch; raises `Missing` for one not in memory."""

    def __init__(self, tenant_id: UUID, known: TenantMemory, needs: Needs) -> None:
        self.forgotten: set[str] = set()
        """Persons whose keys this batch destroys; what was recorded before is still sealed."""

        self._tenant_id = tenant_id
        self._known = known
        self.needs = needs

    def seal(self, personal: Personal) -> str:
        """Seal a piece of personal data."""
        self._check_remembered(personal.subject)
        key = self._known.subject_keys.get(personal.subject)
        if key is None:
            self.needs.subjects.add((self._tenant_id, personal.subject))
            raise Missing
        if isinstance(key, keyring.Destroyed):
            raise _erased()
        assert personal.text is not None
        return keyring.seal(key, self._tenant_id, personal.subject, personal.text)

    def origin(self, actor: Actor) -> str:
        """Seal where somebody came from; the same is sealed once."""
        assert actor.origin is not None
        self._check_remembered(actor.subject)
        known = (actor.subject, actor.origin)
        sealed = self._known.sealed_origins.get(known)
        if sealed is None:
            sealed = self.seal(Personal(actor.subject, actor.origin))
            self._known.sealed_origins.put(known, sealed)
        return sealed

    def _check_remembered(self, subject: str) -> None:
        if subject in self.forgotten:
            raise _erased()


def _erased() -> PersonForgotten:
    return PersonForgotten("this person was erased: nothing more is kept about them")
