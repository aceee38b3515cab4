"""Every operation of the OpenAPI document, called by schemathesis in all ways that it knows.

`python -m tests.faults.schema --cases 20000 --seed 20261121` runs on embedded servers in a
temporary folder; with `--database-url` and `--redis-url` it runs on those. Half of the cases come
with the secret key of a tenant's staff, half with a customer's token. All checks are on; what
schemathesis has to be told about Defter stands in `hooks.py`, each with its reason.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import httpx

from infrastructure.embedded.servers import embedded_servers
from tests.faults.neighbours import PASSWORD, Tenant, neighbours

WORKERS = 2
DEADLINE_SECONDS = 0.05
"""Read models are not waited for longer: many cases ask for positions that no log will reach."""

CALLERS = ("staff", "customer")
GENERATED = re.compile(r"([\d,]+) generated")


def campaign(
    tenant: Tenant,
    *,
    cases: int,
    seed: int,
    only: Sequence[str] = (),
    named: Sequence[str] = CALLERS,
) -> tuple[int, int]:
    """Run schemathesis for each caller; gives how many cases were made, and how many failed."""
    made = failed = 0
    folder = tempfile.mkdtemp()
    with httpx.Client(timeout=30) as http:
        operations = len(only) or _operations(http, tenant)
        customer = tenant.register(http)
        session = tenant.log_in(http, customer)
        keys = tenant.done(http, "GET", "/api/keys")["items"]
    callers = {"staff": tenant.staff, "customer": tenant.bearer(session)}
    for name in named:
        headers = callers[name]
        told = {
            "headers": headers,
            "own": [tenant.staff_id, *(key["key_id"] for key in keys)],
            "login": {"email": customer.email, "password": PASSWORD},
            "publishable": tenant.publishable,
            "url": tenant.url,
        }
        examples = max(1, cases // len(named) // operations)
        sys.stdout.write(f"as {name}:\n")
        sys.stdout.flush()
        ran = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "--no-color", "run"),
                f"{tenant.url}/api/openapi.json",
                *("--max-examples", str(examples), "--seed", str(seed), "--workers", str(WORKERS)),
                *("--mode", "all", "--checks", "all", "--no-shrink", "--continue-on-failure"),
                *("--generation-database", "none"),
                # Of two operations the example names the campaign's own staff, which is left alone.
                *("--suppress-health-check", "filter_too_much"),
                *(word for one in only for word in ("--include-operation-id", one)),
            ],
            env={
                **os.environ,
                "SCHEMATHESIS_HOOKS": "tests.faults.schema.hooks",
                "PYTHONPATH": os.pathsep.join([str(Path.cwd()), *sys.path]),
                "FUZZED_AS": json.dumps(told),
            },
            cwd=folder,
            check=False,
            stdout=subprocess.PIPE,
            text=True,
        )
        sys.stdout.write(ran.stdout)
        found = GENERATED.search(ran.stdout)
        made += int(found[1].replace(",", "")) if found else 0
        failed += ran.returncode != 0
    return made, failed


def _operations(http: httpx.Client, tenant: Tenant) -> int:
    paths = http.get(f"{tenant.url}/api/openapi.json").json()["paths"]
    return sum(len(operations) for operations in paths.values())


def main(words: Sequence[str]) -> int:
    """Read the command line and run the campaign; ends with 1 if a check failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=20261121)
    parser.add_argument("--only", action="append", default=[], metavar="OPERATION_ID")
    parser.add_argument("--as", action="append", choices=CALLERS, dest="named")
    parser.add_argument("--database-url")
    parser.add_argument("--redis-url", default=os.environ.get("REDIS_URL"))
    asked = parser.parse_args(words)
    with ExitStack() as stops:
        if asked.database_url:
            urls = asked.database_url, asked.redis_url
        else:
            folder = stops.enter_context(tempfile.TemporaryDirectory())
            servers = stops.enter_context(embedded_servers(Path(folder)))
            urls = servers.database_url, servers.redis_url
        ours, _ = stops.enter_context(neighbours(*urls, read_deadline_seconds=DEADLINE_SECONDS))
        named = asked.named or CALLERS
        made, failed = campaign(
            ours, cases=asked.cases, seed=asked.seed, only=asked.only, named=named
        )
    sys.stdout.write(f"{made:,} cases, {failed} of {len(named)} callers with failures\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
