"""`defter audit export`: events with all that proves them, for whoever is not here."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from interfaces.cli.audit.history import (
    CommandOption,
    CurrencyOption,
    FirstOption,
    ForOption,
    LastOption,
)
from interfaces.cli.audit.trail import PATH, ActorOption, ContextOption, ObjectOption
from interfaces.cli.terminal.exits import Exit, Stopped
from interfaces.cli.terminal.options import ProfileOption

MIDNIGHT = "T00:00:00Z"
DAY_LENGTH = 10

StreamsOption = Annotated[
    list[str] | None, typer.Option("--stream", help="Only this stream; may be repeated.")
]
SinceOption = Annotated[
    str | None, typer.Option(help="From this day (UTC) or moment on.", metavar="TIME")
]
UntilOption = Annotated[
    str | None, typer.Option(help="Up to this day (UTC) or moment, without it.", metavar="TIME")
]
MovedOption = Annotated[
    int | None,
    typer.Option("--moved-min", help="Only where one entry moved so many minor units."),
]
MonthOption = Annotated[
    str | None,
    typer.Option(help="What was recorded in a month, by the books' time zone.", metavar="YYYY-MM"),
]
CheckpointOption = Annotated[
    int | None,
    typer.Option(help="Prove with the checkpoint of this size; else the newest.", metavar="SIZE"),
]
AgainstOption = Annotated[
    int | None,
    typer.Option(help="Prove the checkpoint of this size, too, for who keeps it.", metavar="SIZE"),
]


def export(  # noqa: PLR0913 - what may be asked for
    to: Annotated[Path, typer.Option("--to", help="The ZIP to write.", dir_okay=False)],
    *,
    first: FirstOption = None,
    last: LastOption = None,
    stream: StreamsOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    month: MonthOption = None,
    actor: ActorOption = None,
    on_behalf_of: ForOption = None,
    object_id: ObjectOption = None,
    command: CommandOption = None,
    context: ContextOption = None,
    currency: CurrencyOption = None,
    moved_min: MovedOption = None,
    checkpoint: CheckpointOption = None,
    against: AgainstOption = None,
    profile: ProfileOption = None,
) -> None:
    """Write an evidence bundle: events, signed checkpoints, proofs, and verify.py to check them.

    All of the log up to the newest checkpoint if nothing is said; all that is given must hold.
    Whoever gets the file needs Python and nothing else: `python3 verify.py FILE.zip --key VKEY`.
    Personal data in it stays encrypted.

    Example: `defter audit export --month 2026-10 --to october.zip`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    asked = {
        "from": first,
        "to": last,
        "stream": ",".join(stream) if stream else None,
        "since": _moment(since),
        "until": _moment(until),
        "month": month,
        "actor": actor,
        "on_behalf_of": on_behalf_of,
        "object_id": object_id,
        "command": command,
        "context": context,
        "currency": currency,
        "moved_minor_min": moved_min,
        "checkpoint": checkpoint,
        "against": against,
    }
    coming = to.with_name(f"{to.name}.part")
    client = connect(profile)
    try:
        with coming.open("wb") as file, _progress() as told:
            for part in client.parts(f"{PATH}/bundle", **asked):
                told(file.write(part))
        coming.replace(to)
    except OSError as wrong:
        raise Stopped(f"{to} can not be written: {wrong.strerror}", code=Exit.USAGE) from wrong
    finally:
        coming.unlink(missing_ok=True)
    typer.echo(f"{to}: {to.stat().st_size:,} bytes; check it with verify.py", err=True)


def _moment(given: str | None) -> str | None:
    return given + MIDNIGHT if given and len(given) == DAY_LENGTH else given


@contextmanager
def _progress() -> Generator[Callable[[int], None]]:
    """Tell how much has come; how much there will be, nobody knows before it is packed."""
    from rich.console import Console  # noqa: PLC0415 - `--help` stays quick
    from rich.progress import (  # noqa: PLC0415 - as above
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TransferSpeedColumn,
    )

    columns = (
        TextColumn("bundle"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("bundle", total=None)
        yield lambda size: progress.advance(bar, size)
