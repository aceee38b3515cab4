"""`defter settings`: the settings of the caller's tenant, in groups."""

import json
from typing import Annotated, Any

import typer

from interfaces.cli.remote.dry_run import send
from interfaces.cli.terminal.exits import Exit, Stopped
from interfaces.cli.terminal.options import ApplyOption, ProfileOption
from interfaces.cli.terminal.output import Format, FormatOption, show_object

PATH = "/api/settings"

GroupArgument = Annotated[
    str, typer.Argument(help="branding, locale, cors, security, limits or stock.")
]


def show_settings(
    group: GroupArgument, *, profile: ProfileOption = None, output: FormatOption = Format.TABLE
) -> None:
    """Show a group of settings.

    Example: `defter settings show cors`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    show_object(f"Settings of {group}", _group(connect(profile), group), output=output)


def set_setting(
    group: GroupArgument,
    values: Annotated[
        list[str], typer.Argument(help="name=value; the value is JSON, or else plain text.")
    ],
    *,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Set some of a group's settings; the others stay. Without --apply nothing is written.

    Example: `defter settings set cors 'origins=["https://shop.example"]' --apply`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    wanted = _group(connect(profile), group) | dict(map(_pair, values))
    told = f"the settings of {group} would be {json.dumps(wanted, ensure_ascii=False)}"
    made = send("PUT", f"{PATH}/{group}", wanted, told=told, apply=apply, profile=profile)
    if made is not None:
        show_object(f"Settings of {group}", made, output=output)


def _group(client: Any, group: str) -> dict[str, Any]:  # noqa: ANN401 - the client, loaded late
    return client.get(f"{PATH}/{group}").body


def _pair(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise Stopped(f"{text!r} is no name=value", code=Exit.USAGE, then="session_days=30")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
