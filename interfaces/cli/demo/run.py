"""A run of the demo: its progress, its figures, and the trial balance at its end."""

import time
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from interfaces.cli.demo import shelving
from interfaces.cli.demo.goods import Goods, read_goods
from interfaces.cli.demo.invoices import INVOICE_DIRT, Reading, read_invoices
from interfaces.cli.demo.sending import CURRENCY, Tally, commands_of, send
from interfaces.cli.demo.shelving import shelve
from interfaces.cli.ledger.trial_balance import fetch_trial_balance, show_trial_balance
from interfaces.cli.remote.client import Client
from interfaces.cli.remote.profiles import Profile
from interfaces.cli.terminal.output import Column, Format, Report, show

PATIENT_ATTEMPTS_MAX = 40
"""At the end the read models may need a while to catch up with a year of a shop."""


def run(file: Path, profile: Profile, *, limit: int | None = None) -> Tally:
    """Read the file, send it, wait for the read models, and show that the books balance."""
    console = Console()
    reading = read_invoices(file)
    invoices = reading.invoices[:limit]
    _report_reading(reading, taken=len(invoices))
    goods = read_goods(file, until=invoices[-1].day if limit and invoices else None)
    _report_goods(console, goods)
    client = Client(profile, attempts_max=PATIENT_ATTEMPTS_MAX)
    before = fetch_trial_balance(client).position
    began = time.perf_counter()
    with Progress(
        TextColumn("commands"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    ) as progress:
        bar = progress.add_task("", total=commands_of(invoices) + shelving.commands_of(goods))
        tally = send(client, invoices, told=lambda count: progress.advance(bar, count))
        tally.add(shelve(client, goods, told=lambda count: progress.advance(bar, count)))
    seconds = time.perf_counter() - began
    caught_up = time.perf_counter()
    balance = fetch_trial_balance(client, min_position=tally.position or None)
    caught_up = time.perf_counter() - caught_up
    _report_run(console, tally, seconds=seconds)
    grown = balance.position - before
    console.print(
        f"the log grew by {grown:,} events to {balance.position:,}; the read models were there"
        f" {caught_up:.1f} s later"
    )
    show_trial_balance(balance, output=Format.TABLE, to=None)
    return tally


def _report_reading(reading: Reading, *, taken: int) -> None:
    rows = [
        {
            "left out": kind.value,
            "count": f"{count:,}",
            "of": "invoices" if kind in INVOICE_DIRT else "lines",
        }
        for kind, count in reading.dirt.items()
    ]
    columns = (Column("left out"), Column("count", number=True), Column("of"))
    title = f"{reading.lines:,} lines, {len(reading.invoices):,} invoices"
    if taken < len(reading.invoices):
        title += f", of which the first {taken:,} are sent"
    show(Report(title, columns, rows), output=Format.TABLE)


def _report_goods(console: Console, goods: Goods) -> None:
    changes = sum(len(article.prices) - 1 for article in goods.articles)
    units = sum(article.sold for article in goods.articles)
    console.print(
        f"{len(goods.articles):,} articles with {changes:,} changes of price and {units:,} units"
        f" sold; {goods.left_out:,} codes that are no articles (postage, fees …) are left out"
    )


def _report_run(console: Console, tally: Tally, *, seconds: float) -> None:
    total = sum(tally.accepted.values())
    kinds = ", ".join(f"{count:,} {name}" for name, count in tally.accepted.items())
    console.print(
        f"{total:,} commands ({kinds}) in {seconds:.1f} s: {total / seconds:,.0f} commands/s,"
        f" all amounts in {CURRENCY}"
    )
    if tally.refused:
        codes = ", ".join(f"{count:,} {code}" for code, count in tally.refused.items())
        console.print(f"refused: {codes}", style="bold red")
        # A sale whose top-up was refused is not held either: what went through still balances.
