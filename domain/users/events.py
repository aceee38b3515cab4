"""What happens to the records of customers."""

from dataclasses import dataclass
from typing import ClassVar

from domain.kernel.events import Claim, Event, Personal

EMAIL_CLAIM = "users.email"
PHONE_CLAIM = "users.phone"


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
    """A customer became known. The keys are keyed hashes: address and number are unique by them."""

    NAME: ClassVar[str] = "users.customer_registered"
    SCHEMA: ClassVar[int] = 2

    customer_id: str
    name: Personal | None
    email: Personal | None
    email_key: str | None
    locale: str
    phone: Personal | None = None
    phone_key: str | None = None

    def takes(self) -> tuple[Claim, ...]:
        return (*_claims(EMAIL_CLAIM, self.email_key), *_claims(PHONE_CLAIM, self.phone_key))


@dataclass(frozen=True, slots=True)
class ContactChanged(CustomerEvent):
    """A customer is reached in another way from now on: this is all of it."""

    NAME: ClassVar[str] = "users.contact_changed"
    SCHEMA: ClassVar[int] = 2

    customer_id: str
    name: Personal | None
    email: Personal | None
    email_key: str | None
    former_email_key: str | None
    locale: str
    phone: Personal | None = None
    phone_key: str | None = None
    former_phone_key: str | None = None

    def takes(self) -> tuple[Claim, ...]:
        return (
            *_claims(EMAIL_CLAIM, self.email_key, unless=self.former_email_key),
            *_claims(PHONE_CLAIM, self.phone_key, unless=self.former_phone_key),
        )

    def releases(self) -> tuple[Claim, ...]:
        return (
            *_claims(EMAIL_CLAIM, self.former_email_key, unless=self.email_key),
            *_claims(PHONE_CLAIM, self.former_phone_key, unless=self.phone_key),
        )


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
    of what they were reached at, and of the address they logged in with.
    """

    NAME: ClassVar[str] = "users.person_erased"

    customer_id: str
    reason: str
    email_key: str | None
    login_key: str | None
    phone_key: str | None = None

    def releases(self) -> tuple[Claim, ...]:
        return _claims(EMAIL_CLAIM, self.email_key) + _claims(PHONE_CLAIM, self.phone_key)

    def forgets(self) -> tuple[str, ...]:
        return (self.customer_id,)


class SettingsEvent(Event):
    """An event of a person's own settings."""

    __slots__ = ()
    CATEGORY: ClassVar[str] = "user_settings"

    person_id: str

    @property
    def key(self) -> str:
        return self.person_id


@dataclass(frozen=True, slots=True)
class LanguageChosen(SettingsEvent):
    """A person wants to be shown everything in this language."""

    NAME: ClassVar[str] = "users.language_chosen"

    person_id: str
    language: str


@dataclass(frozen=True, slots=True)
class ThemeChosen(SettingsEvent):
    """A person wants these colours."""

    NAME: ClassVar[str] = "users.theme_chosen"

    person_id: str
    theme: str


@dataclass(frozen=True, slots=True)
class NotificationsChosen(SettingsEvent):
    """A person wants to hear of one kind of news on these channels, and on no others."""

    NAME: ClassVar[str] = "users.notifications_chosen"

    person_id: str
    kind: str
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PrivacyChosen(SettingsEvent):
    """A person allows one use of their data within the service, or no longer does."""

    NAME: ClassVar[str] = "users.privacy_chosen"

    person_id: str
    use: str
    allowed: bool


def _claims(kind: str, key: str | None, *, unless: str | None = None) -> tuple[Claim, ...]:
    return (Claim(kind, key),) if key is not None and key != unless else ()
