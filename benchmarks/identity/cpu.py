"""What a transfer costs in processor time: `python -m benchmarks.identity.cpu [--beside FOLDER]`.

Throughput says little on a machine that others use; the time that the API process was on a
processor, shared out among the transfers it answered, swings much less. Transfers come over 64
connections, with a key and with key, token, session and roles in turn; medians of the rounds are
told. `--cold` begins each load with a new process that knows no wallet, as the comparison with the
plain versions does. With `--beside`, the code of another checkout takes turns on a database of its
own, and the ratio within each round says what a change gives. PostgreSQL's processes are counted
where they run on this machine. The databases are made for it.
"""

import argparse
import itertools
import os
import signal
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import psycopg

from benchmarks.defter import CURRENCY, Defter
from benchmarks.figures import Figure
from benchmarks.identity.bearer import token_of, with_token
from benchmarks.identity.checks import CONNECTIONS
from benchmarks.identity.telling import print_figures, thrown_away
from benchmarks.load import run_load
from benchmarks.processes import ROOT, TICKS_PER_SECOND, cpu_ticks

ROUNDS = 7
SECONDS = 3.0
WARM_UP_SECONDS = 1.0
MICROSECONDS = 1_000_000

_BACKENDS = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class Cost(NamedTuple):
    """Microseconds of processor time for each transfer."""

    api: float
    postgres: float


@dataclass
class Side:
    """One checkout's API process, and what was seen of it by the way the caller is known."""

    defter: Defter
    cold: bool = False
    asked: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    seen: dict[str, list[Cost]] = field(default_factory=dict[str, list[Cost]])

    def start(self) -> None:
        self.defter.prepare()
        self.asked = {
            "key": self.defter.headers,
            "key and token": with_token(self.defter.headers, token_of(self.defter)),
        }
        self.seen = {way: [] for way in self.asked}
        self.defter.start(1, background=())

    def take_turn(self, way: str, *, seconds: float, seed: int) -> Cost:
        if self.cold:
            self.defter.stop_roles()
            self.defter.start(1, background=())
            self._load(way, seconds=WARM_UP_SECONDS, seed=seed + 1)
        return self._load(way, seconds=seconds, seed=seed)

    def _load(self, way: str, *, seconds: float, seed: int) -> Cost:
        api, postgres = self.defter.cpu_seconds(), self._postgres_seconds()
        found = run_load(
            url=f"{self.defter.url}/api/wallet/transfers",
            wallets=self.defter.wallets,
            mode="uniform",
            connections=CONNECTIONS,
            seconds=seconds,
            headers=self.asked[way],
            currency=CURRENCY,
            seed=seed,
        )
        if found.failed or found.refused:
            raise RuntimeError(f"{way}: {found}")
        return Cost(
            (self.defter.cpu_seconds() - api) / found.requests * MICROSECONDS,
            (self._postgres_seconds() - postgres) / found.requests * MICROSECONDS,
        )

    def _postgres_seconds(self) -> float:
        with psycopg.connect(self.defter.database_url) as connection:
            backends = connection.execute(_BACKENDS).fetchall()
        return sum(cpu_ticks(Path(f"/proc/{pid}")) for (pid,) in backends) / TICKS_PER_SECOND


def measure(sides: Sequence[Side], *, rounds: int, seconds: float) -> None:
    seeds = itertools.count(step=2)
    with ExitStack() as stack:
        for side in sides:
            stack.callback(side.defter.stop_roles)
            side.start()
        for number in range(rounds + 1):
            for way in sides[0].asked:
                for side in sides if number % 2 else reversed(sides):
                    cost = side.take_turn(way, seconds=seconds, seed=next(seeds))
                    if number:  # the first round loads every wallet
                        side.seen[way].append(cost)


def figures(sides: Sequence[Side]) -> Iterator[Figure]:
    for side in sides:
        for way, costs in side.seen.items():
            api, postgres = (statistics.median(part) for part in zip(*costs, strict=True))
            value = f"API {api:.0f} µs, PostgreSQL {postgres:.0f} µs a transfer"
            yield Figure(f"{side.defter.root.name}, {way}", value, "")
    ways = [*sides[0].seen.values()]
    yield Figure("a token costs", f"{_ratio(ways[1], ways[0], 0):.3f} of the key alone", "")
    for here, there in itertools.pairwise(sides):
        for way, costs in here.seen.items():
            before = there.seen[way]
            api, postgres = (_ratio(costs, before, part) for part in range(len(Cost._fields)))
            value = f"API {api:.3f}, PostgreSQL {postgres:.3f} of it"
            yield Figure(f"beside {there.defter.root.name}, {way}", value, "")


def _ratio(costs: Sequence[Cost], others: Sequence[Cost], part: int) -> float:
    return statistics.median(
        one[part] / other[part] for one, other in zip(costs, others, strict=True)
    )


def main(words: Sequence[str]) -> int:
    """Measure this checkout, and another one beside it if one is named."""
    signal.signal(signal.SIGTERM, _end_servers_too)
    parser = argparse.ArgumentParser(prog="python -m benchmarks.identity.cpu", description=__doc__)
    parser.add_argument("--beside", type=Path, help="another checkout, which takes turns")
    parser.add_argument("--cold", action="store_true", help="begin each load with a new process")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each load")
    asked = parser.parse_args(list(words))
    roots = [ROOT] if asked.beside is None else [ROOT, asked.beside.resolve()]
    with ExitStack() as stack:
        sides = [
            Side(Defter(url, os.environ["REDIS_URL"], root=root), cold=asked.cold)
            for n, root in enumerate(roots)
            for url in [stack.enter_context(thrown_away(f"cpu_{n}"))]
        ]
        measure(sides, rounds=asked.rounds, seconds=asked.seconds)
    print_figures([*figures(sides)])
    return 0


def _end_servers_too(_number: int, _frame: FrameType | None) -> None:
    sys.exit(1)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
