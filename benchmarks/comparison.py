"""Compare contenders on one machine and one database server, interleaved, and print medians.

    python -m benchmarks.comparison --database-url postgresql://... --seconds 5 --rounds 5

Fairness: same database server with fsync on, same generator on the same cores, VACUUM and
CHECKPOINT before every load, contenders take turns within a round, and each runs with the process
count that a short probe of that contender found best.
"""

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import LiteralString

import psycopg
from rich.console import Console

from benchmarks.contenders import Bare, Contender, Plain
from benchmarks.load import LoadResult, Mode, run_load
from benchmarks.machine import StolenTime, describe_machine
from benchmarks.report import Comparison, Run, as_json, as_markdown, as_table

MODES: tuple[Mode, ...] = ("uniform", "hot")
CONNECTIONS = 64
ROUNDS = 5
SECONDS = 5.0
PROBE_SECONDS = 2.0
WARM_UP_SECONDS = 1.0
TABLE_WIDTH = 130
VARIANTS = ("sqlalchemy", "one-statement", "psycopg", "function")
TIDY: tuple[LiteralString, ...] = ("VACUUM (ANALYZE)", "CHECKPOINT")


class UnfairServerError(Exception):
    """The database server does not write durably, so no figure from it counts."""


class NothingAcceptedError(Exception):
    """A contender that refuses everything is broken, not slow."""


class Loads:
    """Runs loads one at a time, each under a seed that no load of any run had before."""

    def __init__(self, *, connections: int) -> None:
        self._connections = connections
        self._seed = time.time_ns() // 1_000_000

    def once(self, contender: Contender, *, processes: int, mode: Mode, seconds: float) -> Run:
        if contender.database_url:
            _tidy(contender.database_url)
        url = contender.start(processes)
        try:
            self._load(contender, url, mode, WARM_UP_SECONDS)
            stolen = StolenTime()
            result = self._load(contender, url, mode, seconds)
            stolen_percent = stolen.percent()
            resident_bytes = contender.resident_bytes()
        finally:
            contender.stop()
        contender.check()
        if not result.per_second:
            raise NothingAcceptedError(f"{contender.name} accepted nothing: {result}")
        return Run(contender.name, processes, mode, result, resident_bytes, stolen_percent)

    def _load(self, contender: Contender, url: str, mode: Mode, seconds: float) -> LoadResult:
        self._seed += 1
        return run_load(
            url=url,
            wallets=contender.wallets,
            mode=mode,
            connections=self._connections,
            seconds=seconds,
            headers=contender.headers,
            currency=contender.currency,
            seed=self._seed,
        )


def _tidy(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        row = connection.execute("SELECT current_setting('fsync')").fetchone()
        if row != ("on",):
            raise UnfairServerError("fsync is not on")
        for statement in TIDY:
            connection.execute(statement)


def compare(  # noqa: PLR0913 - every knob of a run, by name
    contenders: Sequence[Contender],
    *,
    database_url: str,
    rounds: int = ROUNDS,
    seconds: float = SECONDS,
    modes: Sequence[Mode] = MODES,
    connections: int = CONNECTIONS,
) -> Comparison:
    """Run every contender `rounds` times in every mode, taking turns; print as it goes."""
    loads = Loads(connections=connections)
    for contender in contenders:
        contender.prepare()
    probes = [
        loads.once(contender, processes=processes, mode=mode, seconds=PROBE_SECONDS)
        for contender in contenders
        if len(contender.process_counts) > 1
        for mode in modes
        for processes in contender.process_counts
    ]
    runs: list[Run] = []
    for round_number in range(1, rounds + 1):
        for mode in modes:
            for contender in contenders:
                processes = best_process_count(contender, probes, mode)
                run = loads.once(contender, processes=processes, mode=mode, seconds=seconds)
                print(f"round {round_number}/{rounds}: {run.line()}", flush=True)
                runs.append(run)
    return Comparison(describe_machine(database_url), connections, tuple(probes), tuple(runs))


def best_process_count(contender: Contender, probes: Sequence[Run], mode: Mode) -> int:
    tried = [run for run in probes if (run.contender, run.mode) == (contender.name, mode)]
    if not tried:
        return contender.process_counts[0]
    return max(tried, key=lambda run: run.result.per_second).processes


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare the plain versions.")
    parser.add_argument("--database-url", required=True)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    parser.add_argument("--only", default=",".join(("bare", *VARIANTS)))
    parser.add_argument("--modes", default=",".join(MODES))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--markdown", type=Path)
    return parser.parse_args()


def _end_servers_too(_number: int, _frame: FrameType | None) -> None:
    """Leave by exception, so that the servers under test are stopped on the way out."""
    sys.exit(1)


def main() -> None:
    arguments = _arguments()
    signal.signal(signal.SIGTERM, _end_servers_too)
    known: dict[str, Contender] = {"bare": Bare()}
    known |= {name: Plain(name, arguments.database_url) for name in VARIANTS}
    comparison = compare(
        [known[name] for name in str(arguments.only).split(",")],
        database_url=arguments.database_url,
        rounds=arguments.rounds,
        seconds=arguments.seconds,
        modes=[mode for mode in MODES if mode in str(arguments.modes).split(",")],
        connections=arguments.connections,
    )
    Console(width=TABLE_WIDTH).print(as_table(comparison))
    for reason in comparison.void_reasons():
        print(f"VOID: {reason}")
    for remark in comparison.remarks():
        print(f"remark: {remark}")
    if arguments.json:
        arguments.json.write_text(as_json(comparison))
    if arguments.markdown:
        arguments.markdown.write_text(as_markdown(comparison))


if __name__ == "__main__":
    main()
