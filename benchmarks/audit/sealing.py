"""How fast a log is sealed, and proven: `python -m benchmarks.audit.sealing [--events N]`.

Events of the size of transfers are laid down by SQL, as many as asked for; the sealer then follows
them as it does in the service. Proofs are asked for at places of chance, whole: the path, the leaf
and the checkpoint. Each is checked. The database is made for it, and needs about 1 kB an event.
"""

import argparse
import asyncio
import random
import statistics
import sys
import time
from collections.abc import Sequence
from functools import partial
from uuid import uuid4

import psycopg

from benchmarks.figures import Figure
from benchmarks.identity.telling import tell
from domain.audit.merkle import check_inclusion, leaf_hash
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.migrate import migrate
from infrastructure.identity.signing_keys import SigningKeys, Use
from infrastructure.postgres.connections import connect
from infrastructure.projections.checkpoints import begin, first_sight
from infrastructure.sealing.proofs import prove_inclusion
from infrastructure.sealing.sealer import SEALER, Sealer

EVENTS = 1_000_000
PROOFS = 200
FILL_EVENTS = 500_000
STATEMENT_SECONDS = 600
SECONDS_PER_MILLION_MAX = 20
PROOF_MS_MAX = 20

FILL = """
INSERT INTO defter.events
SELECT %s, n, gen_random_uuid(), 'wallet-wal_' || lpad((n %% 10000)::text, 26, '0'), 1 + n / 10000,
    CASE n %% 2 WHEN 0 THEN 'wallet.transfer_sent' ELSE 'wallet.transfer_received' END, 1,
    convert_to('{"minor":' || n || ',"currency":"TRY","pad":"' || repeat('x', 180) || '"}', 'UTF8'),
    convert_to('{"command":"wallet.transfer_funds","pad":"' || repeat('y', 150) || '"}', 'UTF8'),
    now()
FROM generate_series(%s::bigint, %s::bigint) n
"""


async def sealed_and_proven(database_url: str, events: int) -> Sequence[Figure]:
    migrate(database_url)
    tenant_id = uuid4()
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("INSERT INTO defter.log_head VALUES (%s)", [tenant_id])
        for first in range(1, events + 1, FILL_EVENTS):
            last = min(events, first + FILL_EVENTS - 1)
            owner.execute(FILL, [tenant_id, first, last])
            sys.stderr.write(f"\r{last:,} events")
        owner.execute("VACUUM ANALYZE defter.events")
    sys.stderr.write("\n")
    sealer = Sealer(
        SigningKeys(database_url, MasterKeys(b"benchmark" + bytes(23)), use=Use.CHECKPOINT)
    )
    async with await connect(database_url, statement_seconds=STATEMENT_SECONDS) as connection:
        await first_sight(connection, tenant_id, [SEALER])
        began = time.perf_counter()
        while (await sealer.advance(connection, tenant_id)).more:
            pass
        seconds = time.perf_counter() - began
        took: list[float] = []
        for _ in range(PROOFS):
            position = random.randint(1, events)  # noqa: S311 - a place to look at
            asked = time.perf_counter()
            await begin(connection, tenant_id)
            proof = await prove_inclusion(connection, tenant_id, position)
            await connection.execute("COMMIT")
            took.append((time.perf_counter() - asked) * 1000)
            size, root = proof.checkpoint.size, proof.checkpoint.root
            check_inclusion(leaf_hash(proof.leaf), position - 1, size, proof.path, root)
    worst = statistics.quantiles(took, n=100)[98]
    return (
        Figure(
            f"{events:,} events sealed",
            f"{seconds:.1f} s, {events / seconds:,.0f} events/s",
            f"{SECONDS_PER_MILLION_MAX} s a million",
        ),
        Figure(
            f"proof for one of {events:,}",
            f"p50 {statistics.median(took):.1f} ms, p99 {worst:.1f} ms",
            f"{PROOF_MS_MAX} ms",
        ),
    )


def measure(database_url: str, _redis_url: str, *, events: int) -> Sequence[Figure]:
    return asyncio.run(sealed_and_proven(database_url, events))


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--events", type=int, default=EVENTS, help="how long the log is")
    raise SystemExit(tell(partial(measure, events=asked.parse_args().events), "sealing"))
