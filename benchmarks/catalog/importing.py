"""How long an import takes: `python -m benchmarks.catalog.importing [ROWS]`.

A CSV of new products, each with texts, category, brand, tax class, price, stock, image, and to be
published, is given over REST with all roles running. Told are the seconds to the last row's result,
those until the read models hold it, what each process used of the processors, and how quick the
machine was before and after. The database is made for it and thrown away.
"""

import sys
import time
from collections.abc import Mapping, Sequence

import httpx

from benchmarks.catalog.pace import pace
from benchmarks.defter import PROGRAM, Defter
from benchmarks.figures import Figure
from benchmarks.identity.telling import tell
from benchmarks.processes import ServerProcess

ROWS = 100_000
CATEGORIES = 200
BRANDS = 500
ROLES = ("projector", "scheduler", "worker")
BYTES_MAX = 500_000_000
LOOK_SECONDS = 0.2
UNDER_WAY = ("waiting", "running")
HEADINGS = "sku,name_tr,description_tr,category,brand,tax_class,price,stock,images,status\n"


def sheet(rows: int) -> bytes:
    """Write a file of new products."""
    lines = (
        f"SKU-{n:07},Cam Bardak {n},Elde üflenmiş cam bardak {n}.,Ev > Raf {n % CATEGORIES},"
        f"Marka {n % BRANDS},standard,{n % 900 + 10}.90,{n % 50},https://cdn.example/{n}.webp,"
        "published\n"
        for n in range(rows)
    )
    return (HEADINGS + "".join(lines)).encode()


def measure(database_url: str, redis_url: str) -> Sequence[Figure]:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    defter = Defter(database_url, redis_url)
    defter.onboard()
    environment = defter.environment | {"DEFTER_IMPORT_BYTES_MAX": str(BYTES_MAX)}
    port = int(environment["DEFTER_PORT"])
    processes = {
        role: ServerProcess([*PROGRAM, role], port=port, environment=environment)
        for role in ("api", *ROLES)
    }
    try:
        processes["api"].wait_until_it_answers()
        for process in processes.values():
            process.wait_until_it_is_quiet()
        return (pace("before"), *figures(defter, processes, rows), pace("after"))
    finally:
        for process in processes.values():
            process.stop()


def figures(defter: Defter, processes: Mapping[str, ServerProcess], rows: int) -> Sequence[Figure]:
    used = {role: process.cpu_seconds() for role, process in processes.items()}
    began = time.monotonic()
    with httpx.Client(base_url=defter.url, headers=dict(defter.headers), timeout=120) as client:
        asked = {"create_missing": "true"}
        given = client.post("/api/admin/imports", content=sheet(rows), params=asked)
        path = f"/api/admin/imports/{given.raise_for_status().json()['import_id']}"
        while (stands := client.get(path).raise_for_status().json())["state"] in UNDER_WAY:
            time.sleep(LOOK_SECONDS)
    if stands["created"] != rows:
        raise RuntimeError(f"not all rows became products: {stands}")
    carried_out = time.monotonic() - began
    defter.wait_for_read_models()
    seen = time.monotonic() - began
    told = {
        role: (process.cpu_seconds() - used[role]) * 1e6 / rows
        for role, process in processes.items()
    }
    held = f"{rows:,} rows, until the read models hold them"
    return (
        Figure(f"{rows:,} rows, to the last one's result", f"{carried_out:.1f} s", ""),
        Figure(held, f"{seen:.1f} s", "90 s a 100,000"),
        *(
            Figure(f"processor time of {role}, a row", f"{micros:,.0f} µs", "")
            for role, micros in told.items()
        ),
    )


if __name__ == "__main__":
    sys.exit(tell(measure, "importing"))
