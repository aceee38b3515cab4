"""Find persons by words although all that is kept of them is sealed (USR-04).

The table holds a keyed hash of each word and whose it is. It can be made anew from the log.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import phonenumbers
from psycopg import AsyncConnection

from domain.kernel.events import Personal, stream_of
from domain.users.customer import Customer
from domain.users.events import ContactChanged, CustomerRegistered
from infrastructure.effects.effect import Effect, Kind, World
from infrastructure.event_log.claim_keys import claim_key
from infrastructure.event_log.codec import decode
from infrastructure.event_log.keyring import MasterKeys, keyed_hash
from infrastructure.event_log.opening import Opener
from infrastructure.users.search_words import Contact, words_of

TOKEN_DIGITS = 16
"""Of a hash so many hexadecimal digits are kept: what fits eight bytes."""

PURPOSE = "person_index/"
"""What is hashed begins with it, so that no token is part of any other hash of the same key."""

_CONTACTS = [CustomerRegistered.NAME, ContactChanged.NAME]
_LOCK = b"""
SELECT pg_advisory_xact_lock(hashtextextended('person_index/' || %s::text || person, 0))
FROM unnest(%s::text[]) AS person ORDER BY person
"""
_LAST_CONTACTS = b"""
SELECT DISTINCT ON (stream) type, schema, data FROM defter.events
WHERE tenant_id = %s AND stream = ANY(%s) AND type = ANY(%s) ORDER BY stream, version DESC
"""
_FORGET = b"DELETE FROM defter.person_tokens WHERE tenant_id = %s AND person_id = ANY(%s)"
_KEEP = b"""
INSERT INTO defter.person_tokens (tenant_id, token, person_id)
SELECT %s, * FROM unnest(%s::bigint[], %s::text[])
"""
_FOUND = b"""
SELECT DISTINCT person_id FROM defter.person_tokens token
WHERE tenant_id = %(tenant_id)s AND token = ANY(%(first)s) AND person_id > %(after)s
"""
_AND_FOUND = b"""
AND EXISTS (SELECT FROM defter.person_tokens WHERE tenant_id = %%(tenant_id)s
    AND token = ANY(%%(word_%d)s) AND person_id = token.person_id)
"""
_MATCHED = b"""
SELECT person_id, token FROM defter.person_tokens
WHERE tenant_id = %s AND person_id = ANY(%s) AND token = ANY(%s)
"""


def token_of(hashed: str) -> int:
    """Give what the index keeps of a keyed hash."""
    return int.from_bytes(bytes.fromhex(hashed[:TOKEN_DIGITS]), signed=True)


async def index_persons(
    connection: AsyncConnection[Any],
    opener: Opener,
    key: bytes,
    tenant_id: UUID,
    persons: Sequence[str],
) -> int:
    """Index persons by how they are reached now, in place of all before; gives how many words.

    `connection` stands in a transaction that sees the tenant. Of whoever was forgotten nothing
    opens, so nothing is kept.
    """
    await connection.execute(_LOCK, (str(tenant_id), list(persons)))
    streams = [stream_of(Customer.CATEGORY, person) for person in persons]
    cursor = await connection.execute(_LAST_CONTACTS, (tenant_id, streams, _CONTACTS))
    contacts: list[Any] = [decode(*row) for row in await cursor.fetchall()]
    sealed = [text for one in contacts for text in (one.name, one.email, one.phone) if text]
    texts = await opener.open(connection, tenant_id, sealed)
    rows = [
        (token_of(keyed_hash(key, PURPOSE + word)), contact.customer_id)
        for contact in contacts
        for word in _words(contact, texts)
    ]
    await connection.execute(_FORGET, (tenant_id, list(persons)))
    if rows:
        await connection.execute(_KEEP, (tenant_id, *map(list, zip(*rows, strict=True))))
    return len(rows)


async def found_by(
    connection: AsyncConnection[Any],
    tenant_id: UUID,
    words: Sequence[Iterable[int]],
    *,
    after: str,
    limit: int,
) -> list[str]:
    """Give who is found by every one of some words, in order; any token of a word will do."""
    given: dict[str, Any] = {"tenant_id": tenant_id, "first": list(words[0]), "after": after}
    query = _FOUND
    for n, word in enumerate(words[1:]):
        query += _AND_FOUND % n
        given[f"word_{n}"] = list(word)
    query += b"ORDER BY person_id LIMIT %(limit)s"
    cursor = await connection.execute(query, given | {"limit": limit})
    return [row[0] for row in await cursor.fetchall()]


async def matched(
    connection: AsyncConnection[Any],
    tenant_id: UUID,
    persons: Sequence[str],
    fields: Mapping[int, str],
) -> dict[str, list[str]]:
    """Tell for persons which fields the tokens matched."""
    cursor = await connection.execute(_MATCHED, (tenant_id, list(persons), list(fields)))
    told: dict[str, set[str]] = {}
    for person, token in await cursor.fetchall():
        told.setdefault(person, set()).add(fields[token])
    return {person: sorted(names) for person, names in told.items()}


async def perform(world: World, effect: Effect) -> str:
    """Index one person; what counts is how they are reached by now."""
    master_keys = MasterKeys(*world.settings.master_key_bytes)
    async with world.look(effect.tenant_id) as connection:
        key = await claim_key(connection, master_keys, effect.tenant_id)
        words = await index_persons(
            connection, world.opener, key, effect.tenant_id, [effect.target]
        )
    return f"{words} words"


def _words(contact: Any, texts: Mapping[Personal, str | None]) -> Iterable[str]:  # noqa: ANN401 - either event
    name, email, phone = (
        texts[sealed] if sealed is not None else None
        for sealed in (contact.name, contact.email, contact.phone)
    )
    return words_of(Contact(name, email, phone), country_code=_country_code(phone))


def _country_code(phone: str | None) -> str:
    return str(phonenumbers.parse(phone).country_code) if phone is not None else ""


PERSON_INDEXING = Kind(perform)
