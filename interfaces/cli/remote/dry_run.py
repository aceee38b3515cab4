"""Commands that are only told about until it is said that they shall be carried out."""

from collections.abc import Mapping
from typing import Any

import typer


def send(  # noqa: PLR0913 - a request, and what is told of it
    method: str,
    path: str,
    body: Mapping[str, object],
    *,
    told: str,
    apply: bool,
    profile: str | None,
) -> dict[str, Any] | None:
    """Send a command and give its answer, or only tell what it would do."""
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    if not apply:
        typer.echo(f"{told}; add --apply to do it", err=True)
        return None
    return connect(profile).command(method, path, body).body
