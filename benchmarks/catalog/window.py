"""How many pages of the shop window are told: `python -m benchmarks.catalog.window [PRODUCTS]`.

Random pages of 24, and single products, at 32 connections with a publishable key: answered from
PostgreSQL each time (DEFTER_CATALOG_KEPT_BYTES=0), and kept. The kinds take turns; medians are
told. An API process and the projector run. The database is made for it and thrown away.
"""

import asyncio
import itertools
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import mkdtemp

import httpx
import psycopg

from benchmarks.catalog.shelves import PRODUCTS, Shelves
from benchmarks.defter import CURRENCY, PROGRAM, TENANT, Defter
from benchmarks.figures import Figure
from benchmarks.identity.telling import tell
from benchmarks.load import run_reads
from benchmarks.onboarding import onboard_bench_tenant
from benchmarks.processes import ServerProcess, free_port
from infrastructure.onboarding import tenant_id_of
from infrastructure.postgres.connections import connect
from infrastructure.projections.advance import advance
from infrastructure.projections.checkpoints import first_sight
from projections.read_models import READ_MODELS

PAGE_ITEMS = 24
PAGES = 4_000
CONNECTIONS = 32
ROUNDS = 3
SECONDS = 3.0
UNCACHED, CACHED = "at least 1,500/s", "at least 4,000/s"


async def fold(database_url: str, products: int) -> float:
    """Lay the shop down and build all read models; give the seconds that building took."""
    tenant_id = tenant_id_of(TENANT)
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            "SELECT coalesce(max(position), 0) FROM defter.events WHERE tenant_id = %s",
            (tenant_id,),
        ).fetchone()
    assert row is not None  # noqa: S101 - an aggregate
    Shelves(tenant_id, first_position=row[0] + 1).lay_down(database_url, products)
    async with await connect(database_url) as one, await connect(database_url) as other:
        await first_sight(one, tenant_id, [model.key for model in READ_MODELS])
        began = time.perf_counter()
        for filling in (True, False):
            while (await advance(one, tenant_id, READ_MODELS, filling=filling, reader=other)).more:
                pass
        return time.perf_counter() - began


def pages(client: httpx.Client) -> Iterator[str]:
    """Give the addresses of all pages, following one another."""
    path: str | None = f"/api/products?limit={PAGE_ITEMS}"
    while path is not None:
        yield path
        cursor = client.get(path).raise_for_status().json()["next_cursor"]
        path = cursor and f"/api/products?limit={PAGE_ITEMS}&cursor={cursor}"


def measure(database_url: str, redis_url: str) -> Sequence[Figure]:
    products = int(sys.argv[1]) if len(sys.argv) > 1 else PRODUCTS
    defter = Defter(database_url, redis_url)
    master_key = defter.environment["DEFTER_MASTER_KEYS"]
    defter.key = onboard_bench_tenant(database_url, TENANT, CURRENCY, master_key)
    seconds = asyncio.run(fold(database_url, products))
    defter.start_role("projector")
    servers = {
        kept: ServerProcess(
            [*PROGRAM, "api"],
            port=port,
            environment=defter.environment
            | {"DEFTER_PORT": str(port), "DEFTER_CATALOG_KEPT_BYTES": str(kept)},
        )
        for kept in (0, 64 * 1024 * 1024)
        for port in (free_port(),)
    }
    try:
        for server in servers.values():
            server.wait_until_it_answers()
        told = tuple(loads(servers, defter.headers, products))
    finally:
        for server in servers.values():
            server.stop()
        defter.stop_roles()
    return (
        Figure(f"read models of {products:,} products built", f"{seconds:.1f} s", ""),
        *told,
    )


def loads(
    servers: Mapping[int, ServerProcess], headers: Mapping[str, str], products: int
) -> Iterator[Figure]:
    folder = Path(mkdtemp(prefix="defter-window-"))
    some = next(iter(servers.values()))
    with httpx.Client(base_url=some.url, headers=dict(headers), timeout=30) as client:
        addresses = list(itertools.islice(pages(client), PAGES))
    (folder / "pages").write_text("\n".join(addresses))
    ids = (f"/api/products/prd_{n:08}" for n in range(0, products, max(products // PAGES, 1)))
    (folder / "products").write_text("\n".join(ids))
    seen: dict[tuple[str, int], list[float]] = {}
    tails: dict[tuple[str, int], list[float]] = {}
    for number in range(ROUNDS + 1):
        for kind, (kept, server) in itertools.product(("pages", "products"), servers.items()):
            found = run_reads(
                url=server.url,
                paths=folder / kind,
                connections=CONNECTIONS,
                seconds=SECONDS,
                headers=headers,
                seed=number,
            )
            if found.failed or found.refused:
                raise RuntimeError(f"{kind}: {found}")
            if number:  # the first round warms everything up
                seen.setdefault((kind, kept), []).append(found.per_second)
                tails.setdefault((kind, kept), []).append(found.p99_ms)
    for (kind, kept), rates in seen.items():
        yield Figure(
            f"{kind}, {'kept' if kept else 'from PostgreSQL'}, {CONNECTIONS} connections",
            f"{statistics.median(rates):,.0f}/s, p99 {statistics.median(tails[kind, kept]):.1f} ms",
            CACHED if kept else UNCACHED,
        )


if __name__ == "__main__":
    sys.exit(tell(measure, "window"))
