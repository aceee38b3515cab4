"""`defter bench`: every figure of docs/performance.md, measured on this machine in one run.

Embedded PostgreSQL (fsync on) and Valkey in a temporary folder, or those that DATABASE_URL and
REDIS_URL name; the database is filled, so it must be one to throw away.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql
from rich.console import Console

from benchmarks.comparison import MODES, ROUNDS, SECONDS, TABLE_WIDTH, VARIANTS, compare
from benchmarks.contenders import Bare, Contender, Plain
from benchmarks.defter import Defter
from benchmarks.figures import FIGURES as MOST_FIGURES
from benchmarks.figures import Figure, Setting
from benchmarks.identity.bearer import Bearer
from benchmarks.machine import describe_machine
from benchmarks.report import as_markdown, as_table
from benchmarks.start import warm_start
from benchmarks.timers.due import timers
from benchmarks.webhooks.deliveries import webhooks

TRANSFERS = "transfers"
START = "start"
FIGURES = {**MOST_FIGURES, "timers": timers, "webhooks": webhooks}
QUICK_ROUNDS = 1
QUICK_SECONDS = 2.0


@dataclass(frozen=True)
class Servers:
    database_url: str
    redis_url: str

    def fresh_database(self, name: str) -> str:
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            wanted = sql.Identifier(name)
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(wanted))
            connection.execute(sql.SQL("CREATE DATABASE {}").format(wanted))
        return urlunsplit(urlsplit(self.database_url)._replace(path=f"/{name}"))


def main(words: Sequence[str]) -> int:
    """Measure what was asked for, print it, and write it as Markdown if a file is named."""
    signal.signal(signal.SIGTERM, _end_servers_too)
    asked = _arguments(words)
    wanted = asked.only.split(",") if asked.only else [TRANSFERS, *FIGURES, START]
    unknown = set(wanted) - {TRANSFERS, *FIGURES, START}
    if unknown:
        sys.stderr.write(f"defter: no figure is called {min(unknown)!r}\n")
        return 2
    console = Console(width=TABLE_WIDTH)
    parts: list[str] = []
    with ExitStack() as stack:
        servers = _servers(stack)
        if TRANSFERS in wanted:
            parts.append(_transfers(servers, asked, console))
        figures = [
            figure
            for name in wanted
            if name in FIGURES
            for figure in _figures(servers, FIGURES[name], quick=asked.quick)
        ]
        if START in wanted:
            figures.append(warm_start())
        for figure in figures:
            console.print(f"{figure.name}: {figure.value}")
        parts.extend(f"- {figure.name}: **{figure.value}** ({figure.bar})" for figure in figures)
        machine = describe_machine(servers.database_url)
    if asked.markdown:
        asked.markdown.write_text("\n".join([f"{machine}\n", *parts]) + "\n")
    return 0


def _figures(
    servers: Servers, measure: Callable[[Setting], Sequence[Figure]], *, quick: bool
) -> Sequence[Figure]:
    url = servers.fresh_database("bench_defter")
    return measure(Setting(Defter(url, servers.redis_url), quick=quick))


def _transfers(servers: Servers, asked: argparse.Namespace, console: Console) -> str:
    plain_url = servers.fresh_database("bench_plain")
    ours = [
        Defter(servers.fresh_database("bench_defter"), servers.redis_url),
        Bearer(servers.fresh_database("bench_bearer"), servers.redis_url),
    ]
    plain = [Plain(name, plain_url) for name in VARIANTS]
    contenders: list[Contender] = [Bare(), *plain, *ours]
    comparison = compare(
        contenders,
        database_url=plain_url,
        rounds=QUICK_ROUNDS if asked.quick else asked.rounds,
        seconds=QUICK_SECONDS if asked.quick else asked.seconds,
        modes=MODES,
    )
    console.print(as_table(comparison))
    told = [ratio for one in ours for ratio in comparison.ratios(one.name)]
    told += [f"VOID: {reason}" for reason in comparison.void_reasons()]
    caught_up = ", ".join(f"{seconds:.1f}" for one in ours for seconds in one.catch_ups)
    told.append(f"read models caught up after each load in {caught_up} s")
    for line in told:
        console.print(line)
    return "\n".join([as_markdown(comparison), *(f"- {line}" for line in told)])


def _servers(stack: ExitStack) -> Servers:
    database_url, redis_url = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
    if database_url and redis_url:
        return Servers(database_url, redis_url)
    from infrastructure.embedded.servers import embedded_servers  # noqa: PLC0415 - when needed

    folder = Path(tempfile.mkdtemp(prefix="defter-bench-"))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    own = stack.enter_context(embedded_servers(folder))
    return Servers(own.database_url, own.redis_url)


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="defter bench", description=__doc__)
    parser.add_argument("--only", help=f"of {','.join([TRANSFERS, *FIGURES, START])}")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--quick", action="store_true", help="a taste: short, small, not quotable")
    parser.add_argument("--markdown", type=Path, help="where to write the figures")
    return parser.parse_args(list(words))


def _end_servers_too(_number: int, _frame: FrameType | None) -> None:
    sys.exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
