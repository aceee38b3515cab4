"""How long it takes to find somebody among 100,000: `python -m benchmarks.identity.people`.

The customers are registered through the writer and indexed as `defter customers reindex` does it;
an API process and the projector run. Kinds of questions take turns over REST, each asked anew for
another person, so that nothing is asked twice; that staff looked is noted in the log each time.
The database is made for it and thrown away.
"""

import asyncio
import base64
import random
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID, uuid4

import psycopg

from application.envelope import Actor, Envelope
from application.identity.logins import EmailAddress
from application.sending import NotDecided, Outcome
from application.users.customers import PhoneNumber, RegisterCustomer
from benchmarks.defter import CURRENCY, PROGRAM, TENANT, Defter
from benchmarks.figures import Figure
from benchmarks.identity.telling import tell
from benchmarks.onboarding import onboard_bench_tenant
from benchmarks.processes import ServerProcess
from domain.users.customer import Locale
from infrastructure.event_log.claim_keys import ClaimKeys
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.writing.writer import Writer
from infrastructure.onboarding import tenant_id_of
from infrastructure.postgres.connections import connect
from infrastructure.users.reindexing import reindex

PEOPLE = 100_000
PIECE = 250
ROUNDS = 100
SEED = 20261121
SECONDS_MAX = 0.2
"""What the requirements allow a search (USR-04)."""

CATCH_UP_SECONDS_MAX = 600
BENCH = Actor("sys_bench")
NAMES = (
    "Ada Ahmet Ali Ayşe Bora Burak Can Cem Çağla Defne Deniz Derya Ece Efe Elif Emre Esra Fatma"
    " Gizem Gül Hakan Hale İpek İrem Kaan Kerem Leyla Mehmet Melis Mert Mustafa Onur Ozan Özge"
    " Pelin Selin Serkan Sibel Tuna Ufuk Umut Yasemin Yusuf Zehra Zeynep"
)
SYLLABLES = "ak al ar as ba be de el er ga gü ka ko ku na öz sa se şa ta te ya yu zo"

CAUGHT_UP = """
SELECT count(*) FROM defter.checkpoints WHERE tenant_id = %s AND projection LIKE 'users_customers%%'
AND position >= (SELECT max(position) FROM defter.events WHERE tenant_id = %s)
"""


class Somebody(NamedTuple):
    """A customer in clear."""

    customer_id: str
    given: str
    family: str
    email: str
    phone: str


ASKED: Mapping[str, Callable[[Somebody], str]] = {
    "given and family name": lambda one: f"{one.given} {one.family}",
    "beginnings of both": lambda one: f"{one.given[:3]} {one.family[:4]}",
    "two letters": lambda one: one.given[:2],
    "a common given name": lambda one: one.given,
    "a whole e-mail address": lambda one: one.email,
    "the beginning of an address": lambda one: one.email[:8],
    "a phone number": lambda one: one.phone.replace("+90", "0"),
    "an id": lambda one: one.customer_id,
    "nobody": lambda one: f"{one.family}xq",
}


def somebody(number: int, chance: random.Random) -> Somebody:
    family = "".join(chance.choices(SYLLABLES.split(), k=3)).capitalize()
    given = chance.choice(NAMES.split())
    email = f"{family.lower()}.{number}@bench.example"
    return Somebody(f"cus_{number:08d}", given, family, email, f"+90532{number:07d}")


async def register(database_url: str, key: str, tenant_id: UUID, people: list[Somebody]) -> None:
    """Send them to the log in pieces, then index them."""
    master_keys = MasterKeys(base64.b64decode(key))
    hashes, writer = ClaimKeys(database_url, master_keys), Writer(database_url, master_keys)
    await writer.start()
    try:
        for start in range(0, len(people), PIECE):
            envelopes = [
                Envelope(
                    tenant_id,
                    uuid4(),
                    bytes(32),
                    RegisterCustomer(
                        f"{one.given} {one.family}",
                        EmailAddress(one.email, await hashes.hash(tenant_id, one.email)),
                        Locale.TURKISH,
                        one.customer_id,
                        PhoneNumber(one.phone, await hashes.hash(tenant_id, one.phone)),
                    ),
                    BENCH,
                    "bench",
                )
                for one in people[start : start + PIECE]
            ]
            await send_all(writer, envelopes)
    finally:
        await writer.stop()
    async with await connect(database_url) as connection:
        await reindex(connection, master_keys, [tenant_id])


async def send_all(writer: Writer, envelopes: Sequence[Envelope]) -> None:
    """Send commands; what was not decided on a busy machine is sent again."""
    while envelopes:
        outcomes = await writer.send_many(envelopes)
        for outcome in outcomes:
            if isinstance(outcome, Outcome) == isinstance(outcome, NotDecided) or (
                isinstance(outcome, Outcome) and outcome.refused
            ):
                raise RuntimeError(f"somebody was not registered: {outcome}")
        waiting = zip(envelopes, outcomes, strict=True)
        envelopes = [one for one, outcome in waiting if isinstance(outcome, NotDecided)]


def measure(database_url: str, redis_url: str) -> Sequence[Figure]:
    defter, tenant_id = Defter(database_url, redis_url), tenant_id_of(TENANT)
    chance = random.Random(SEED)  # noqa: S311 - of a bench
    people = [somebody(number, chance) for number in range(PEOPLE)]
    master_key = defter.environment["DEFTER_MASTER_KEYS"]
    defter.key = onboard_bench_tenant(database_url, TENANT, CURRENCY, master_key)
    asyncio.run(register(database_url, master_key, tenant_id, people))
    port = int(defter.environment["DEFTER_PORT"])
    roles = [
        ServerProcess([*PROGRAM, role], port=port, environment=defter.environment)
        for role in ("projector", "api")
    ]
    try:
        roles[1].wait_until_it_answers()
        wait_until_known(database_url, tenant_id)
        taken: dict[str, list[float]] = {kind: [] for kind in ASKED}
        for number in range(ROUNDS + 1):
            for kind, question_of in ASKED.items():
                one = chance.choice(people)
                seconds, found = search(defter, question_of(one))
                if (one.customer_id in found) is (kind == "nobody"):
                    # Of many who share a beginning a page shows the first alone.
                    assert kind != "nobody", found  # noqa: S101 - else the figure says nothing
                    assert len(found) > 1, (kind, one)  # noqa: S101 - as above
                if number:  # the first round warms everything up
                    taken[kind].append(seconds)
    finally:
        for role in roles:
            role.stop()
    every = [seconds for some in taken.values() for seconds in some]
    bar = f"at most {SECONDS_MAX * 1e3:.0f} ms"
    return (
        *(Figure(f"{kind}: p50, p95, max", told(some), bar) for kind, some in taken.items()),
        Figure(f"all kinds, {PEOPLE:,} people: p50, p95, max", told(every), bar),
    )


def search(defter: Defter, question: str) -> tuple[float, set[str]]:
    """Ask; give how long it took and who was found."""
    began = time.perf_counter()
    answer = defter.client.get(
        "/api/customers/search", params={"q": question}, headers=dict(defter.headers)
    )
    seconds = time.perf_counter() - began
    answer.raise_for_status()
    return seconds, {one["customer_id"] for one in answer.json()["items"]}


def told(taken: Sequence[float]) -> str:
    middle, p95 = statistics.median(taken), statistics.quantiles(taken, n=100)[94]
    return ", ".join(f"{seconds * 1e3:.1f} ms" for seconds in (middle, p95, max(taken)))


def wait_until_known(database_url: str, tenant_id: UUID) -> None:
    until = time.monotonic() + CATCH_UP_SECONDS_MAX
    with psycopg.connect(database_url, autocommit=True) as connection:
        while time.monotonic() < until:
            row = connection.execute(CAUGHT_UP, (tenant_id, tenant_id)).fetchone()
            if row is not None and row[0]:
                return
            time.sleep(1)
    raise TimeoutError("the customers are not in the read model yet")


if __name__ == "__main__":
    sys.exit(tell(measure, "people"))
