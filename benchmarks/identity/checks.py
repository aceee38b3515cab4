"""What all checks of the edge cost a command: `python -m benchmarks.identity.checks`.

Transfers over 64 connections to a process that checks nothing, a secret key, or a key, a token, its
session and the roles on every call, as each request asks. The three take turns, so that what else
the machine does falls on all; medians of the turns are told, and of the share within each round.
All other roles run. The database is made for it.
"""

import itertools
import statistics
import sys
from collections.abc import Mapping, Sequence

from benchmarks.defter import BACKGROUND, CURRENCY, Defter
from benchmarks.figures import Figure
from benchmarks.identity.bearer import token_of, with_token
from benchmarks.identity.telling import tell
from benchmarks.identity.unguarded import UNGUARDED
from benchmarks.load import run_load
from benchmarks.processes import ServerProcess, free_port

ROUNDS = 5
SECONDS = 6.0
CONNECTIONS = 64
SHARE_MAX = 0.35


def measure(database_url: str, redis_url: str) -> Sequence[Figure]:
    defter = Defter(database_url, redis_url)
    defter.prepare()
    port = free_port()
    environment = defter.environment | {"DEFTER_PORT": str(port)}
    module = [sys.executable, "-P", "-m", "benchmarks.identity.unguarded"]
    server = ServerProcess(module, port=port, environment=environment)
    for role in BACKGROUND:
        defter.start_role(role)
    try:
        server.wait_until_it_answers()
        asked: Mapping[str, Mapping[str, str]] = {
            "nothing checked": {**defter.headers, UNGUARDED[0].decode(): UNGUARDED[1].decode()},
            "key": defter.headers,
            "key, token, session, roles": with_token(defter.headers, token_of(defter)),
        }
        seen: dict[str, list[float]] = {name: [] for name in asked}
        seeds = itertools.count()
        for number in range(ROUNDS + 1):
            for name, headers in asked.items():
                found = run_load(
                    url=f"{server.url}/api/wallet/transfers",
                    wallets=defter.wallets,
                    mode="uniform",
                    connections=CONNECTIONS,
                    seconds=SECONDS,
                    headers=headers,
                    currency=CURRENCY,
                    seed=next(seeds),
                )
                if found.failed or found.refused:
                    raise RuntimeError(f"{name}: {found}")
                if number:  # the first round loads every wallet
                    seen[name].append(found.per_second)
        defter.check()
    finally:
        server.stop()
        defter.stop_roles()
    middle = {name: statistics.median(some) for name, some in seen.items()}
    bare = seen["nothing checked"]
    return tuple(
        Figure(
            name,
            f"{middle[name]:,.0f}/s, {spent(some, bare):.0%} of the bare throughput spent",
            f"at most {SHARE_MAX:.0%}" if some is not bare else "",
        )
        for name, some in seen.items()
    )


def spent(some: Sequence[float], bare: Sequence[float]) -> float:
    """Give the median share of the bare throughput that is missing, round by round."""
    return statistics.median(1 - one / free for one, free in zip(some, bare, strict=True))


if __name__ == "__main__":
    raise SystemExit(tell(measure, "checks"))
