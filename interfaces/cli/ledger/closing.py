"""`defter ledger close`: seal a month, and open the last one again when two people want it."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.ledger.periods import PeriodInvalid, last_day
from interfaces.cli.terminal.exits import Exit, Refused, Stopped
from interfaces.cli.terminal.options import ApplyOption, ProfileOption
from interfaces.cli.terminal.output import (
    Column,
    FileOption,
    Format,
    FormatOption,
    Report,
    show,
    show_object,
)

if TYPE_CHECKING:
    from interfaces.cli.remote.client import Client

PERIODS = "/api/ledger/periods"
BEHIND = "service.read_model_behind"
PeriodArgument = Annotated[str, typer.Argument(help="The month, such as 2026-10.")]


def periods(
    *,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List the months in which something happened: open, closing or sealed, and by whom.

    `adjustments` belong to a month that was shut, and count later.

    Example: `defter ledger periods -o csv --to months.csv`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    rows = [row for page in connect(profile).pages(PERIODS) for row in page.body["items"]]
    columns = (
        Column("period"),
        Column("state"),
        Column("entries", number=True),
        Column("adjustments", number=True),
        Column("changed_at"),
        Column("changed_by"),
        Column("reopening_requested_by"),
        Column("digest"),
        Column("up_to", number=True),
    )
    show(Report("Months", columns, rows), output=output, to=to)


def close(
    period: PeriodArgument,
    *,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Seal a month with its trial balance: nothing gets into it, or before it, any more.

    Without --apply it shows the trial balance, what stands in the way, and writes nothing. The
    first month ever closed takes all months before it along; after that, each is closed in its
    turn. An interrupted closing is taken up again.

    Example: `defter ledger close 2026-10 --apply`
    """
    from interfaces.cli.ledger.trial_balance import (  # noqa: PLC0415 - `--help` stays quick
        COLUMNS,
        fetch_trial_balance,
    )
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - as above

    client, last = connect(profile), _last_day(period)
    month, position = _month(client, period)
    balance = fetch_trial_balance(client, as_of=last, min_position=position)
    if output is Format.TABLE:
        title = f"Trial balance as of {last}"
        show(Report(title, COLUMNS, balance.rows, totals=balance.totals), output=output)
    _check_nothing_in_the_way(period, month["in_the_way"])
    if apply:
        sealed = _seal(client, period, begun=month["state"] == "closing")
        show_object("Month, sealed", sealed, output=output)
        return
    fields = {
        **{name: month[name] for name in ("period", "state", "entries", "adjustments")},
        "would": f"seal every day up to {last} with the totals of {len(balance.rows)} accounts",
    }
    show_object("Month, not sealed", fields, output=output)
    _say("nothing was written; add --apply to seal it")


def cancel_closing(
    period: PeriodArgument,
    *,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Leave a month open whose closing was begun and not finished.

    Example: `defter ledger cancel-closing 2026-10 --apply`
    """
    _decide(period, "cancel", "Closing, cancelled", apply=apply, profile=profile, output=output)


def reopen_request(
    period: PeriodArgument,
    *,
    reason: Annotated[str, typer.Option(help="Why; it is kept encrypted.")],
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Ask to reopen the last sealed month; another member of staff has to approve.

    Example: `defter ledger reopen-request 2026-10 --reason "an invoice was forgotten" --apply`
    """
    _decide(
        period,
        "reopen-request",
        "Reopening, asked for",
        apply=apply,
        profile=profile,
        output=output,
        reason=reason,
    )


def reopen(
    period: PeriodArgument,
    *,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Reopen the last sealed month, which another member of staff asked for.

    Example: `defter ledger reopen 2026-10 --apply`
    """
    _decide(period, "reopen", "Month, open again", apply=apply, profile=profile, output=output)


def _decide(  # noqa: PLR0913 - as a command's options
    period: str,
    what: str,
    title: str,
    *,
    apply: bool,
    profile: str | None,
    output: Format,
    **body: str,
) -> None:
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    _last_day(period)
    client = connect(profile)
    if apply:
        client.post(f"{PERIODS}/{period}/{what}", body)
    month, _ = _month(client, period)
    shown = {name: value for name, value in month.items() if name != "in_the_way"}
    show_object(title if apply else "Month, unchanged", shown, output=output)
    if not apply:
        _say("nothing was written; add --apply to do it")


def _month(client: "Client", period: str) -> tuple[dict[str, Any], int | None]:
    try:
        answer = client.get(f"{PERIODS}/{period}")
    except Refused as refused:
        if refused.problem != BEHIND:
            raise
        raise Stopped(
            "the read models do not hold the end of the log, so nothing can be said of a month",
            code=Exit.FAILED,
            then="`defter projections list` on the server shows what is behind or parked",
        ) from refused
    return answer.body, answer.position


def _check_nothing_in_the_way(period: str, found: list[dict[str, Any]]) -> None:
    for one in found:
        _say(f"in the way: {one['detail']} ({one['code']})")
    if found:
        unbalanced = any(one["code"] == "ledger.trial_balance_unbalanced" for one in found)
        raise Stopped(
            f"{period} can not be sealed: {'; '.join(one['detail'] for one in found)}",
            code=Exit.DIFFERENCES if unbalanced else Exit.REFUSED,
            then="run `defter ledger verify` on the server" if unbalanced else "",
        )


def _seal(client: "Client", period: str, *, begun: bool) -> dict[str, Any]:
    path = f"{PERIODS}/{period}"
    if begun:
        _say(f"1/2 {period} is closing already")
    else:
        client.post(f"{path}/closing", {})
        _say(f"1/2 {period} is closing: nothing gets into it any more")
    try:
        sealed = client.post(f"{path}/seal", {}).body
    except Stopped as stopped:
        stopped.then = (
            f"{period} is still closing: run this again, or `defter ledger cancel-closing {period}`"
        )
        raise
    _say(f"2/2 {period} is sealed")
    return sealed


def _last_day(period: str) -> str:
    try:
        return last_day(period).isoformat()
    except PeriodInvalid as wrong:
        raise Stopped(f"{period!r} is no month", code=Exit.USAGE, then="write 2026-10") from wrong


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
