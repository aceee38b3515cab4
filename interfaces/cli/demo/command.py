"""`defter demo`: a year of a real shop through the bulk commands."""

from pathlib import Path
from typing import Annotated

import typer

from interfaces.cli.remote.profiles import Profile, load_profile
from interfaces.cli.terminal.exits import Exit, Stopped


def demo(
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV, gzip accepted."),
    ],
    *,
    url: Annotated[str | None, typer.Option(help="Address, instead of a profile's.")] = None,
    key: Annotated[str | None, typer.Option(help="Secret key, instead of a profile's.")] = None,
    profile: Annotated[str | None, typer.Option(help="Profile to use.")] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Only so many invoices, for a taste.")
    ] = None,
) -> None:
    """Send the Online Retail file, a year of a real shop, into GBP wallets.

    An invoice is a top-up of its total, a hold and a capture to sales; a cancellation (C…) is a
    credit against sales returns. Dirty rows are reported by kind and left out. A second run
    changes nothing.

    Example: `defter demo online-retail.csv.gz --limit 1000`
    """
    from interfaces.cli.demo.run import run  # noqa: PLC0415 - polars is loaded when it is needed

    if (url is None) != (key is None):
        raise Stopped("--url and --key come together", code=Exit.USAGE)
    run(file, Profile(url, key) if url and key else load_profile(profile), limit=limit)
