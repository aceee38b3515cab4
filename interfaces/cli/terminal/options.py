"""Options that several commands have."""

from pathlib import Path
from typing import Annotated

import typer

from domain.ledger.periods import Late

DATA_FOLDER = Path(__file__).resolve().parents[3] / ".defter" / "data"
"""Where `defter serve` keeps everything unless it is told otherwise."""

PROFILE_VARIABLE = "DEFTER_PROFILE"
ProfileOption = Annotated[
    str | None,
    typer.Option("--profile", help="Profile to use; see `defter login`.", envvar=PROFILE_VARIABLE),
]
AsOfOption = Annotated[
    str | None, typer.Option(help="Entries that count by this day (YYYY-MM-DD).", metavar="DAY")
]


def _place(told: str | None) -> str | None:
    """Take a place as `defter audit` writes it, too: `@2026-05-01`, or `now`."""
    return None if told is None or told == "now" else told.removeprefix("@")


KnownAtOption = Annotated[
    str | None,
    typer.Option(
        help="As it was known then: a position of the log, the end of a day, or a moment"
        " (1234, 2026-05-01, 2026-05-01T12:00:00Z).",
        metavar="WHEN",
        callback=_place,
    ),
]
FromOption = Annotated[str | None, typer.Option("--from", help="First day.", metavar="DAY")]
UntilOption = Annotated[str | None, typer.Option("--until", help="Last day.", metavar="DAY")]
DataOption = Annotated[
    Path, typer.Option("--data", help="Data folder of `defter serve`.", file_okay=False)
]
DatabaseOption = Annotated[
    str | None,
    typer.Option(help="Database; else DATABASE_URL, else the one of the data folder's service."),
]
TenantOption = Annotated[str | None, typer.Option(help="Only this tenant: its slug or its id.")]
ApplyOption = Annotated[bool, typer.Option("--apply", help="Do it; else only show it.")]
LateOption = Annotated[
    Late,
    typer.Option(help="A day in a sealed or closing month: refuse it, or adjust that month today."),
]
