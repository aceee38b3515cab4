"""All that happened to a person, straight from the log, over all streams that are theirs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from domain.identity.account import Account
from domain.kernel.events import stream_of
from domain.users.consents import Consents
from domain.users.customer import Customer
from domain.users.settings import Settings
from domain.wallet.holds import Hold
from domain.wallet.limits.limits import Person
from domain.wallet.requests.topups import TopUpRequest
from domain.wallet.requests.withdrawals import Withdrawal
from domain.wallet.wallet import Wallet
from infrastructure.event_log.reader import StoredEvent
from projections.read_model import SCHEMA
from projections.wallet.balances import BALANCES
from projections.wallet.holds import HOLDS
from projections.wallet.requests import REQUESTS, TOP_UP

READ_MODELS = ("wallet_balances", "wallet_holds", "wallet_requests")
"""They know which wallets, holds and requests are whose."""

OWN = (Customer, Account, Settings, Consents, Person)
"""States of which a person has one, in a stream that their id names."""

_STREAMS = f"""
WITH wallets AS (
    SELECT wallet_id FROM {SCHEMA}.{BALANCES.name}
    WHERE tenant_id = %(tenant_id)s AND owner = %(person)s
), theirs AS (
    SELECT unnest(%(own)s::text[]) AS stream
    UNION ALL SELECT '{Wallet.CATEGORY}-' || wallet_id FROM wallets
    UNION ALL SELECT '{Hold.CATEGORY}-' || hold_id FROM {SCHEMA}.{HOLDS.name}
    WHERE tenant_id = %(tenant_id)s AND wallet_id IN (SELECT wallet_id FROM wallets)
    UNION ALL
    SELECT CASE kind WHEN '{TOP_UP}' THEN '{TopUpRequest.CATEGORY}-'
        ELSE '{Withdrawal.CATEGORY}-' END || request_id
    FROM {SCHEMA}.{REQUESTS.name}
    WHERE tenant_id = %(tenant_id)s AND wallet_id IN (SELECT wallet_id FROM wallets)
)
SELECT event.position, event.event_id, event.stream, event.version, event.type, event.schema,
    event.data, event.meta, event.recorded_at
FROM theirs JOIN defter.events event ON event.stream = theirs.stream
WHERE event.tenant_id = %(tenant_id)s AND event.position > %(after)s
    AND event.position <= %(until_position)s
    AND (%(context)s::text IS NULL OR starts_with(event.type, %(context)s || '.'))
    AND (%(since)s::timestamptz IS NULL OR event.recorded_at >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR event.recorded_at < %(until)s)
ORDER BY event.position
"""  # noqa: S608 - names from code
_OLDEST = f"{_STREAMS} LIMIT %(limit)s".encode()
_LATEST = f"{_STREAMS} DESC LIMIT %(limit)s".encode()


async def read_timeline(  # noqa: PLR0913 - the filters and the parts of a page
    connection: AsyncConnection[Any],
    tenant_id: UUID,
    person: str,
    *,
    after: int = 0,
    until_position: int,
    context: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    latest: bool = False,
    limit: int,
) -> Sequence[StoredEvent]:
    """Read what happened to a person after one position and up to another.

    `until_position` is where `READ_MODELS` stand: what they do not know of yet is left out, and
    comes later. With `latest` the last events come first.
    """
    given = {
        "tenant_id": tenant_id,
        "person": person,
        "own": [stream_of(kind.CATEGORY, person) for kind in OWN],
        "after": after,
        "until_position": until_position,
        "context": context,
        "since": since,
        "until": until,
        "limit": limit,
    }
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(_LATEST if latest else _OLDEST, given)
        return [StoredEvent(*row) for row in await cursor.fetchall()]
