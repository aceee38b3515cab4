"""Whoever has an account, as their records in the log stand now."""

from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection

from domain.identity.account import Account
from domain.identity.events import AccountOpened, LoginChanged
from domain.kernel.events import Personal, stream_of
from domain.users.customer import Customer, Locale
from domain.users.events import ContactChanged, CustomerRegistered
from infrastructure.event_log.codec import decode
from infrastructure.event_log.opening import Opener
from infrastructure.event_log.reader import read_feed

EVENTS_MAX = 10_000

_LOGINS = frozenset({AccountOpened.NAME, LoginChanged.NAME})
_CONTACTS = frozenset({CustomerRegistered.NAME, ContactChanged.NAME})


class Person(NamedTuple):
    """Name and address, None where they are not known or were forgotten."""

    person_id: str
    name: str | None
    email: str | None
    login_key: str
    locale: Locale

    @property
    def own_words(self) -> tuple[str, ...]:
        """Give what whoever guesses a password tries first."""
        return tuple(word for word in (self.name, self.email) if word)


async def person(
    connection: AsyncConnection[Any], opener: Opener, tenant_id: UUID, person_id: str
) -> Person | None:
    """Read somebody's records; None for who has no account."""
    login = await _last(connection, tenant_id, stream_of(Account.CATEGORY, person_id), _LOGINS)
    if login is None:
        return None
    contact = await _last(connection, tenant_id, stream_of(Customer.CATEGORY, person_id), _CONTACTS)
    name: Personal | None = contact.name if contact is not None else None
    sealed = [text for text in (name, login.email) if text is not None]
    texts = await opener.open(connection, tenant_id, sealed)
    return Person(
        person_id,
        texts[name] if name is not None else None,
        texts[login.email],
        login.login_key,
        Locale(contact.locale) if contact is not None else Locale.TURKISH,
    )


async def _last(
    connection: AsyncConnection[Any], tenant_id: UUID, stream: str, types: frozenset[str]
) -> Any:  # noqa: ANN401 - of either kind
    found = await read_feed(
        connection, tenant_id, after=0, limit=EVENTS_MAX, stream=stream, types=types
    )
    return decode(found[-1].type, found[-1].schema, found[-1].data) if found else None
