"""What happens to texts that can be agreed to, and to the consents of customers."""

from dataclasses import dataclass
from typing import ClassVar

from domain.kernel.events import Event, Personal


@dataclass(frozen=True, slots=True)
class ConsentTextPublished(Event):
    """A text can be agreed to from now on. It stays for ever; `sha256` is that of its UTF-8."""

    NAME: ClassVar[str] = "users.consent_text_published"
    CATEGORY: ClassVar[str] = "consent_texts"

    purpose: str
    version: str
    locale: str
    sha256: str
    text: str

    @property
    def key(self) -> str:
        return self.purpose


class ConsentEvent(Event):
    """An event of a customer's consents."""

    __slots__ = ()
    CATEGORY: ClassVar[str] = "consents"

    customer_id: str

    @property
    def key(self) -> str:
        return self.customer_id


@dataclass(frozen=True, slots=True)
class ConsentGiven(ConsentEvent):
    """A customer agreed to a text. `proof` says how that is known, such as a form's number.

    From where they did stands beside the event, as with every event.
    """

    NAME: ClassVar[str] = "users.consent_given"

    customer_id: str
    purpose: str
    text_version: str
    locale: str
    channel: str
    proof: Personal | None


@dataclass(frozen=True, slots=True)
class ConsentWithdrawn(ConsentEvent):
    """A customer no longer agrees, as of now."""

    NAME: ClassVar[str] = "users.consent_withdrawn"

    customer_id: str
    purpose: str
    text_version: str
    channel: str
