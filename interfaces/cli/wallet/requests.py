"""`defter wallet`: work through the requests for money in and out, and the adjustments."""

import csv
import io
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli.terminal.exits import Exit, Refused, Stopped
from interfaces.cli.terminal.options import ProfileOption
from interfaces.cli.terminal.output import Column, FileOption, Format, FormatOption, Report, show

if TYPE_CHECKING:
    from interfaces.cli.remote.client import Client

PATH = "/api/wallet/requests"
THRESHOLDS = "/api/wallet/approval-thresholds"
STEP_UPS = "/api/wallet/step-up-thresholds"

RequestsArgument = Annotated[list[str], typer.Argument(help="Ids of requests; see `requests`.")]
ApplyOption = Annotated[bool, typer.Option("--apply", help="Do it; else only show it.")]
ReasonOption = Annotated[str | None, typer.Option(help="Why; it is kept encrypted.")]
DayOption = Annotated[
    str | None, typer.Option(help="Day on which it counts; else today.", metavar="DAY")
]

COLUMNS = (
    Column("request_id"),
    Column("kind"),
    Column("direction"),
    Column("owner"),
    Column("currency"),
    Column("amount", amount=True),
    Column("state"),
    Column("age"),
    Column("requested_by"),
    Column("iban_tail"),
    Column("reason_code"),
    Column("reference"),
)
OUTCOME = (*COLUMNS[:6], Column("outcome"))
_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def list_requests(  # noqa: PLR0913 - the options of a report
    *,
    state: Annotated[str, typer.Option(help="How far they are.")] = "pending",
    kind: Annotated[str | None, typer.Option(help="top_up, withdrawal, or adjustment.")] = None,
    wallet: Annotated[
        str | None, typer.Option(help="All requests of this wallet instead, wal_…")
    ] = None,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List the requests that wait for a decision, oldest first, with their age.

    Example: `defter wallet requests --kind withdrawal --state approved`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    client = connect(profile)
    if wallet is None:
        pages = client.pages(PATH, state=state, kind=kind)
    else:
        pages = client.pages(f"/api/wallet/{wallet}/requests")
    rows = [_row(one) for page in pages for one in page.body["items"]]
    show(Report("Requests", COLUMNS, rows), output=output, to=to)


def approve(  # noqa: PLR0913 - the fields of an approval
    requests: RequestsArgument,
    *,
    source: Annotated[
        str | None, typer.Option(help="Of top-ups: the account on which the money came.")
    ] = None,
    effective_on: DayOption = None,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Approve requests that another staff member entered. Without --apply nothing is written.

    Example: `defter wallet approve tpr_01k3xq8m5w wdr_01k3xqb0ye --apply`
    """
    body = {"source": source, "effective_on": effective_on}
    _decide(requests, "approve", body, profile, output, apply=apply)


def reject(
    requests: RequestsArgument,
    *,
    reason: ReasonOption = None,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Reject requests; what they held is available again. Without --apply nothing is written.

    Example: `defter wallet reject tpr_01k3xq8m5w --reason "no such EFT" --apply`
    """
    _decide(requests, "reject", {"reason": reason}, profile, output, apply=apply)


def paid(  # noqa: PLR0913 - the fields of a payout
    requests: RequestsArgument,
    *,
    account: Annotated[str, typer.Option(help="Account that the money left through.")] = "bank",
    bank_reference: Annotated[
        str | None, typer.Option(help="How the bank calls it; it is kept encrypted.")
    ] = None,
    effective_on: DayOption = None,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Note that approved withdrawals were paid out. Without --apply nothing is written.

    Example: `defter wallet paid wdr_01k3xqb0ye --bank-reference "EFT 5518" --apply`
    """
    body = {"account": account, "bank_reference": bank_reference, "effective_on": effective_on}
    _decide(requests, "paid", body, profile, output, apply=apply)


def bounced(  # noqa: PLR0913 - the fields of a bounce
    requests: RequestsArgument,
    *,
    reason: ReasonOption = None,
    effective_on: DayOption = None,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Note that the bank did not take withdrawals, or sent them back. A dry run without --apply.

    Example: `defter wallet bounced wdr_01k3xqb0ye --reason "account closed" --apply`
    """
    body = {"reason": reason, "effective_on": effective_on}
    _decide(requests, "bounced", body, profile, output, apply=apply)


def payouts(
    *,
    currency: Annotated[str | None, typer.Option(help="Only this currency.")] = None,
    to: Annotated[Path | None, typer.Option("--to", help="Write to this file.")] = None,
    profile: ProfileOption = None,
) -> None:
    """Write the approved withdrawals as CSV for the bank, IBANs in full; needs pii.read.

    Example: `defter wallet payouts --currency TRY --to payouts.csv`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    table = connect(profile).text(f"{PATH}/payout-file", currency=currency)
    if to is None:
        sys.stdout.write(table)
        return
    # It holds what only its reader may see.
    to.touch(mode=0o600)
    to.write_text(table, encoding="utf-8", newline="")
    count = sum(1 for _ in csv.reader(io.StringIO(table))) - 1
    told = f"{count} withdrawals, the oldest first; note them with `defter wallet paid`"
    typer.echo(f"{told}, and the next file holds what is left", err=True)


def threshold(
    currency: Annotated[str | None, typer.Argument(help="ISO 4217, such as TRY.")] = None,
    above: Annotated[str | None, typer.Argument(help="Such as 500, or 0.")] = None,
    *,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Show above which amounts two people are needed, or set it. Without --apply nothing is set.

    Example: `defter wallet threshold TRY 500 --apply`
    """
    _thresholds(
        THRESHOLDS, "Two people above", currency, above, profile, output=output, apply=apply
    )


def step_up(
    currency: Annotated[str | None, typer.Argument(help="ISO 4217, such as TRY.")] = None,
    above: Annotated[str | None, typer.Argument(help="Such as 500, or 0.")] = None,
    *,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Show above which withdrawals customers say their password again, or set it.

    Without --apply nothing is set.

    Example: `defter wallet step-up TRY 1000 --apply`
    """
    _thresholds(
        STEP_UPS, "The password again above", currency, above, profile, output=output, apply=apply
    )


def _thresholds(  # noqa: PLR0913 - a command's options
    path: str,
    title: str,
    currency: str | None,
    above: str | None,
    profile: str | None,
    *,
    output: Format,
    apply: bool,
) -> None:
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick
    from interfaces.cli.terminal.amounts import minor_of  # noqa: PLC0415 - as above

    client = connect(profile)
    if currency is None or above is None:
        rows = [
            {"currency": one["above"]["currency"], "above": one["above"]["minor"]}
            for one in client.get(path).body["items"]
        ]
    else:
        minor = 0 if above == "0" else minor_of(above, currency)
        rows = [{"currency": currency, "above": minor}]
        if apply:
            client.post(path, {"above": {"minor": minor, "currency": currency}})
        else:
            typer.echo("nothing was written; add --apply to set it", err=True)
    columns = (Column("currency"), Column("above", amount=True))
    show(Report(title, columns, rows), output=output)


def _decide(  # noqa: PLR0913 - a command's options
    requests: list[str],
    action: str,
    body: Mapping[str, object],
    profile: str | None,
    output: Format,
    *,
    apply: bool,
) -> None:
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - as above

    client = connect(profile)
    rows = [_row(client.get(f"{PATH}/{name}").body) for name in requests]
    if not apply:
        show(Report(f"{action.capitalize()}, not done", COLUMNS, rows), output=output)
        typer.echo("nothing was written; add --apply to do it", err=True)
        return
    given = {name: value for name, value in body.items() if value is not None}
    refused = [row for row in rows if not _done(client, action, row, given)]
    show(Report(action.capitalize(), OUTCOME, rows), output=output)
    if refused:
        raise Stopped(f"{len(refused)} of {len(rows)} were refused", code=Exit.REFUSED)


def _done(client: "Client", action: str, row: dict[str, Any], body: Mapping[str, object]) -> bool:
    """Carry one out and note in its row what came of it; the others go on after a refusal."""
    try:
        row["outcome"] = client.post(f"{PATH}/{row['request_id']}/{action}", body).body["state"]
    except Refused as no:
        row["outcome"] = no.message
        return False
    return True


def _row(one: Mapping[str, Any]) -> dict[str, Any]:
    amount = one["amount"]
    return {
        **one,
        "amount": amount["minor"],
        "currency": amount["currency"],
        "age": _age(one["age_seconds"]),
    }


def _age(seconds: int) -> str:
    """Write an age in its largest whole unit, such as 3 d."""
    unit, size = next((unit, size) for unit, size in _UNITS if seconds >= size or size == 1)
    return f"{seconds // size} {unit}"
