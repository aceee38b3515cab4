"""`defter login`: keep an address and a key."""

from typing import Annotated

import typer

from interfaces.cli.remote.profiles import LOCAL_PROFILE, Profile, profiles_file, save_profile
from interfaces.cli.terminal.exits import Refused

PERMISSION_MISSING = "auth.permission_missing"
"""A key that may not see the books is a key all the same."""


def login(
    *,
    url: Annotated[str, typer.Option(help="Address, such as https://books.example.com.")],
    key: Annotated[str, typer.Option(prompt=True, hide_input=True, help="A secret key.")],
    profile: Annotated[str, typer.Option(help="A name for it.")] = LOCAL_PROFILE,
) -> None:
    """Keep an address and a key for the finance commands, after trying them.

    DEFTER_URL and DEFTER_KEY stand above what is kept.

    Example: `defter login --url http://127.0.0.1:8000 --key dsk_test_…`
    """
    from interfaces.cli.remote.client import Client  # noqa: PLC0415 - `--help` stays quick

    try:
        Client(Profile(url, key)).get("/api/ledger/accounts")
    except Refused as refused:
        if refused.problem != PERMISSION_MISSING:
            raise
    save_profile(profile, url, key, choose=True)
    typer.echo(f"kept as {profile!r} in {profiles_file()}")
