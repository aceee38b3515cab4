"""How long searching takes: `python -m benchmarks.catalog.search [PRODUCTS [CONNECTIONS]]`.

Over HTTP with a publishable key, every answer made anew (DEFTER_CATALOG_KEPT_BYTES=0): searches
for one to three words that products are told with, some mistyped, some filtered; the same with
facets, some of them of all products; and suggestions for beginnings. The kinds take turns. An API
process runs. The database is made for it and thrown away.
"""

import asyncio
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import urlencode

import httpx

from application.tenants.tenants import PLATFORM
from benchmarks.catalog.shelves import COLOURS, MATERIALS, PRODUCTS, THINGS, WORDS
from benchmarks.catalog.window import fold
from benchmarks.defter import CURRENCY, PROGRAM, TENANT, Defter
from benchmarks.figures import Figure
from benchmarks.identity.telling import tell
from benchmarks.load import LoadResult, run_reads
from benchmarks.onboarding import onboard_bench_tenant
from benchmarks.processes import ServerProcess, free_port
from infrastructure.postgres.connections import connect
from infrastructure.projections.advance import advance
from infrastructure.projections.checkpoints import first_sight
from projections.tenants.directory import TENANT_DIRECTORY

CONNECTIONS = 8
ROUNDS = 5
SECONDS = 4.0
QUESTIONS = 2_000
"""Different ones of a round, asked by chance."""

FACETS = "brand,category,in_stock,price,attributes.renk,attributes.malzeme"
SORTS = ("relevance", "relevance", "newest", "price", "-price")

Asked = tuple[str, Mapping[str, str]]


def words(chance: random.Random) -> str:
    """Give what somebody types: a thing, often with its colour or stuff, sometimes mistyped."""
    kinds = chance.choice(((THINGS,), (COLOURS, THINGS), (COLOURS, MATERIALS, THINGS)))
    typed = [chance.choice(kind) for kind in kinds]
    if chance.random() < 0.1:  # noqa: PLR2004 - one in ten
        place = chance.randrange(1, max(len(typed[-1]) - 1, 2))
        typed[-1] = typed[-1][:place] + typed[-1][place + 1 :]
    return " ".join(typed)


def filters(chance: random.Random) -> dict[str, str]:
    chosen: dict[str, str] = {}
    if chance.random() < 0.3:  # noqa: PLR2004 - three in ten
        chosen["attributes"] = "|".join(f"renk:{one}" for one in chance.sample(COLOURS, 2))
    if chance.random() < 0.2:  # noqa: PLR2004 - two in ten
        chosen["category"] = f"cat_{chance.randrange(10, 200):04}"
    if chance.random() < 0.2:  # noqa: PLR2004 - as above
        low = chance.randrange(500, 50_000)
        chosen |= {"price_from": str(low), "price_to": str(low + 20_000)}
    if chance.random() < 0.2:  # noqa: PLR2004 - as above
        chosen["in_stock"] = "true"
    return chosen


def search(chance: random.Random) -> Asked:
    return "/api/search", {"q": words(chance), "sort": chance.choice(SORTS), **filters(chance)}


def facets(chance: random.Random) -> Asked:
    q = {"q": words(chance)} if chance.random() < 0.7 else {}  # noqa: PLR2004 - else everything
    return "/api/search", {**q, "facets": FACETS, **filters(chance)}


def suggestions(chance: random.Random) -> Asked:
    whole = " ".join(chance.choice(some) for some in (WORDS, COLOURS, MATERIALS))
    return "/api/search/suggestions", {"q": whole[: chance.randrange(1, len(whole))]}


KINDS: Mapping[str, tuple[Callable[[random.Random], Asked], str]] = {
    "searches": (search, "p95 at most 100 ms"),
    "facets": (facets, "p95 at most 150 ms"),
    "suggestions": (suggestions, "p95 at most 50 ms"),
}


def loads(url: str, headers: Mapping[str, str], connections: int) -> Iterator[Figure]:
    """Ask from so many connections; the kinds take turns, and the first round warms up."""
    folder, chance = Path(mkdtemp(prefix="defter-search-")), random.Random(7)  # noqa: S311 - as told
    path, params = facets(chance)
    began = time.perf_counter()
    httpx.get(url + path, params=dict(params), headers=dict(headers), timeout=60).raise_for_status()
    first = time.perf_counter() - began
    yield Figure("the first facets that a process counts", f"{first * 1e3:,.0f} ms", "")
    seen: dict[str, list[LoadResult]] = {kind: [] for kind in KINDS}
    for number in range(ROUNDS + 1):
        for kind, (question, _) in KINDS.items():
            asked = (question(chance) for _ in range(QUESTIONS))
            paths = folder / f"{kind}-{number}"
            paths.write_text("\n".join(f"{path}?{urlencode(params)}" for path, params in asked))
            found = run_reads(
                url=url,
                paths=paths,
                connections=connections,
                seconds=SECONDS,
                headers=headers,
                seed=number,
            )
            if found.failed or found.refused:
                raise RuntimeError(f"{kind}: {found}")
            if number:
                seen[kind].append(found)
    for kind, (_, bar) in KINDS.items():
        middle, p95 = (
            statistics.median(times)
            for times in zip(*((one.p50_ms, one.p95_ms) for one in seen[kind]), strict=True)
        )
        rate = statistics.median(one.per_second for one in seen[kind])
        told = f"{middle:.1f} ms, {p95:.1f} ms ({rate:,.0f}/s)"
        yield Figure(f"{kind}, {connections} connections: p50, p95", told, bar)


async def fold_platform(database_url: str) -> None:
    """Make the key known."""
    async with await connect(database_url) as connection:
        await first_sight(connection, PLATFORM, [TENANT_DIRECTORY.key])
        while (await advance(connection, PLATFORM, (TENANT_DIRECTORY,))).more:
            pass


def measure(database_url: str, redis_url: str) -> Sequence[Figure]:
    products = int(sys.argv[1]) if len(sys.argv) > 1 else PRODUCTS
    connections = int(sys.argv[2]) if len(sys.argv) > 2 else CONNECTIONS  # noqa: PLR2004 - arguments
    defter = Defter(database_url, redis_url)
    master_key = defter.environment["DEFTER_MASTER_KEYS"]
    defter.key = onboard_bench_tenant(database_url, TENANT, CURRENCY, master_key)
    asyncio.run(fold_platform(database_url))
    seconds = asyncio.run(fold(database_url, products))
    port = free_port()
    environment = {"DEFTER_PORT": str(port), "DEFTER_CATALOG_KEPT_BYTES": "0"}
    server = ServerProcess(
        [*PROGRAM, "api"], port=port, environment=defter.environment | environment
    )
    try:
        server.wait_until_it_answers()
        figures = tuple(loads(server.url, defter.headers, connections))
    finally:
        server.stop()
    return (Figure(f"read models of {products:,} products built", f"{seconds:.1f} s", ""), *figures)


if __name__ == "__main__":
    sys.exit(tell(measure, "search"))
