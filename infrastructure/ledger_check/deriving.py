"""An entry's postings again: from its event by the rule it names, or from what it takes back."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from application.book import entry_address
from domain.ledger.accounts import OWNER_MARK
from domain.ledger.journal import MANUAL_RULE
from domain.ledger.postings import Entry, Posting
from domain.wallet.entries import RULES
from infrastructure.event_log.codec import decode

_NAMED = b"""
SELECT stream, version, position, type, schema, data
FROM unnest(%s::text[], %s::bigint[]) AS asked (stream, version)
JOIN defter.events USING (stream, version) WHERE tenant_id = %s
"""


class Underivable(Exception):
    """No rule gives this entry; the text says why."""


def derived(event: Any, entry: Entry) -> tuple[Posting, ...]:  # noqa: ANN401 - any with an entry
    """Give what the rule of an entry that reverses none makes of its event, or `Underivable`."""
    if entry.rule == MANUAL_RULE:
        guarded = [p.account for p in entry.postings if OWNER_MARK in p.account]
        if guarded:
            raise Underivable(f"an entry by hand posts to {guarded[0]}")
        return entry.postings
    rule = RULES.get((entry.rule, entry.rule_version))
    if rule is None:
        raise Underivable(f"it follows {entry.rule} {entry.rule_version}, which is no rule")
    try:
        return rule(event)
    except (AttributeError, TypeError, ValueError) as other:
        raise Underivable(f"{entry.rule} is no rule for {event.NAME}") from other


async def entries_named(
    connection: AsyncConnection[Any], tenant_id: UUID, entry_ids: Collection[str]
) -> Mapping[str, tuple[int, Entry | None]]:
    """Give the entries that reversals name, each with the position of its event."""
    asked = [entry_address(entry_id) or ("", 0) for entry_id in entry_ids]
    cursor = await connection.execute(
        _NAMED, ([stream for stream, _ in asked], [version for _, version in asked], tenant_id)
    )
    return {
        f"{stream}.{version}": (
            position,
            getattr(decode(name, schema, bytes(data)), "entry", None),
        )
        for stream, version, position, name, schema, data in await cursor.fetchall()
    }
