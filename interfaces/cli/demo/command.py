"""`defter demo`: a year of a real shop through the bulk commands."""

from pathlib import Path
from typing import Annotated

import typer

from interfaces.cli.remote.profiles import Profile, load_profile
from interfaces.cli.terminal.exits import Exit, Stopped
from interfaces.cli.terminal.options import DATA_FOLDER, DataOption


def demo(  # noqa: PLR0913 - what a run may be told
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
    data: DataOption = DATA_FOLDER,
) -> None:
    """Send the Online Retail file, a year of a real shop, into a GBP tenant of its own.

    The tenant `retail` is made beside the local `defter serve`, and a profile of that name leads
    to its books: `defter ledger trial-balance --profile retail`. With --url and --key, or
    --profile, the file goes to that tenant instead.

    Every stock code becomes a product with a variant, an opening stock of all that was sold of it,
    and its prices from month to month: `defter prices history var_retail84032B --profile retail`.
    An invoice is a top-up of its total, a hold and a capture to sales; a cancellation (C…) is a
    credit against sales returns. Dirty rows are reported by kind and left out. A second run
    changes nothing.

    Example: `defter demo online-retail.csv.gz --limit 1000`
    """
    from interfaces.cli.demo.run import run  # noqa: PLC0415 - polars is loaded when it is needed
    from interfaces.cli.demo.tenant import retail_tenant  # noqa: PLC0415 - `--help` stays quick

    if (url is None) != (key is None):
        raise Stopped("--url and --key come together", code=Exit.USAGE)
    if url and key:
        chosen = Profile(url, key)
    elif profile is not None:
        chosen = load_profile(profile)
    else:
        chosen = retail_tenant(data)
    run(file, chosen, limit=limit)
