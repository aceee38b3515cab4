"""What happens to the records of customers."""

from dataclasses import dataclass
from typing import ClassVar

from domain.kernel.events import Claim, Event, Personal

EMAIL_CLAIM = "users.email"


class CustomerEvent(Event):
    """An event of a customer's stream."""

    __slots__ = ()
    CATEGORY: ClassVar[str] = "customer"

    customer_id: str

    @property
    def key(self) -> str:
        return self.customer_id


@dataclass(frozen=True, slots=True)
class CustomerRegistered(CustomerEvent):
    """A customer became known. `email_key` is a keyed hash, by which the address is unique."""

    NAME: ClassVar[str] = "users.customer_registered"

    customer_id: str
    name: Personal | None
    email: Personal | None
    email_key: str | None
    locale: str

    def takes(self) -> tuple[Claim, ...]:
        return _claims(self.email_key)


@dataclass(frozen=True, slots=True)
class ContactChanged(CustomerEvent):
    """A customer is reached in another way from now on: this is all of it."""

    NAME: ClassVar[str] = "users.contact_changed"

    customer_id: str
    name: Personal | None
    email: Personal | None
    email_key: str | None
    former_email_key: str | None
    locale: str

    def takes(self) -> tuple[Claim, ...]:
        return _claims(self.email_key) if self.email_key != self.former_email_key else ()

    def releases(self) -> tuple[Claim, ...]:
        return _claims(self.former_email_key) if self.email_key != self.former_email_key else ()


@dataclass(frozen=True, slots=True)
class AddressBounced(CustomerEvent):
    """A mail server said for good that the address takes no mail; `reply` is its status."""

    NAME: ClassVar[str] = "users.address_bounced"

    customer_id: str
    email_key: str
    reply: str


@dataclass(frozen=True, slots=True)
class PersonErased(CustomerEvent):
    """A customer was forgotten for good: the key of their personal data was destroyed with this.

    It holds why, as a code; who asked for it stands beside every event. The keyed hashes are those
    of the address they were reached at and of the one they logged in with.
    """

    NAME: ClassVar[str] = "users.person_erased"

    customer_id: str
    reason: str
    email_key: str | None
    login_key: str | None

    def releases(self) -> tuple[Claim, ...]:
        return _claims(self.email_key)

    def forgets(self) -> tuple[str, ...]:
        return (self.customer_id,)


def _claims(email_key: str | None) -> tuple[Claim, ...]:
    return (Claim(EMAIL_CLAIM, email_key),) if email_key is not None else ()
