"""The trial balance: debits and credits of every account, which must be equal."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interfaces.cli.ledger.known import in_words
from interfaces.cli.remote.client import Client
from interfaces.cli.terminal.exits import Exit, Stopped
from interfaces.cli.terminal.output import Column, Format, Report, show

COLUMNS = (
    Column("code"),
    Column("name"),
    Column("currency"),
    Column("debit", amount=True),
    Column("credit", amount=True),
)


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """Balances by account, on the side they stand; `totals` are summed here, not taken on trust."""

    rows: Sequence[Mapping[str, Any]]
    totals: Sequence[Mapping[str, Any]]
    position: int
    title: str

    @property
    def differences(self) -> dict[str, int]:
        """Debits less credits, by currency, where they differ."""
        return {
            total["currency"]: total["debit"] - total["credit"]
            for total in self.totals
            if total["debit"] != total["credit"]
        }


def fetch_trial_balance(
    client: Client,
    *,
    as_of: str | None = None,
    known_at: str | None = None,
    min_position: int | None = None,
) -> TrialBalance:
    """Ask for the trial balance at a day (`as_of`) as it was known then (`known_at`)."""
    answer = client.get(
        "/api/ledger/trial-balance", as_of=as_of, known_at=known_at, min_position=min_position
    )
    rows: list[dict[str, Any]] = []
    totals: dict[str, dict[str, Any]] = {}
    for line in answer.body["items"]:
        minor, currency = line["balance"], line["currency"]
        row = {
            "code": line["code"],
            "name": line["name"],
            "currency": currency,
            "debit": max(minor, 0),
            "credit": max(-minor, 0),
        }
        rows.append(row)
        total = totals.setdefault(
            currency, {"name": "total", "currency": currency, "debit": 0, "credit": 0}
        )
        total["debit"] += row["debit"]
        total["credit"] += row["credit"]
    title = in_words("Trial balance", answer.body, as_of=as_of, known_at=known_at)
    return TrialBalance(rows, [*totals.values()], answer.body["known"]["position"], title)


def show_trial_balance(balance: TrialBalance, *, output: Format, to: Path | None) -> None:
    """Show it and say whether it balances; raises `Stopped` with exit code 3 where it does not."""
    report = Report(balance.title, COLUMNS, balance.rows, totals=balance.totals)
    show(report, output=output, to=to)
    if balance.differences:
        found = ", ".join(f"{currency} {minor}" for currency, minor in balance.differences.items())
        raise Stopped(
            f"the trial balance is off by {found} minor units",
            code=Exit.DIFFERENCES,
            then="run `defter ledger verify` on the server",
        )
    sys.stderr.write(f"balanced at position {balance.position:,}\n")
