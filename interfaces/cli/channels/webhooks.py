"""`defter webhooks`: where a tenant's events are sent, what became of them, and sending again."""

from typing import Annotated, Any

import typer

from interfaces.cli.terminal.exits import Exit, Stopped
from interfaces.cli.terminal.options import ProfileOption
from interfaces.cli.terminal.output import (
    Column,
    FileOption,
    Format,
    FormatOption,
    Report,
    show,
    show_object,
)

PATH = "/api/webhooks/endpoints"
OVERLAP_HOURS = 24

EndpointArgument = Annotated[str, typer.Argument(help="The endpoint's id, whe_…")]
ApplyOption = Annotated[bool, typer.Option("--apply", help="Do it; else only show it.")]


def list_endpoints(
    *,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List webhook endpoints, never their secrets.

    Example: `defter webhooks list`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    items = connect(profile).get(PATH).body["items"]
    names = ("endpoint_id", "url", "types", "active", "reason", "description", "registered_at")
    rows = [{**item, "types": " ".join(item["types"])} for item in items]
    show(Report("Webhook endpoints", tuple(map(Column, names)), rows), output=output, to=to)


def add(
    url: Annotated[str, typer.Argument(help="Such as https://hooks.example.com/defter.")],
    *,
    types: Annotated[
        list[str], typer.Option("--type", help="`*`, `wallet.*` or one type. Repeatable.")
    ] = ["*"],  # noqa: B006 - Typer copies it
    description: Annotated[str | None, typer.Option(help="It is kept encrypted.")] = None,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
) -> None:
    """Send events to a URL from now on; the secret that signs them is shown once.

    Example: `defter webhooks add https://hooks.example.com/defter --type 'wallet.*' --apply`
    """
    body: dict[str, Any] = {"url": url, "types": types}
    if description is not None:
        body["description"] = description
    made = _send(profile, PATH, body, f"{', '.join(types)} would be sent to {url}", apply=apply)
    if made is not None:
        typer.echo(f"endpoint {made['endpoint_id']}")
        _show_once(made)


def rotate(
    endpoint_id: EndpointArgument,
    *,
    overlap_hours: Annotated[
        int, typer.Option(min=0, max=OVERLAP_HOURS, help="How long the old secret signs as well.")
    ] = OVERLAP_HOURS,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
) -> None:
    """Sign with a new secret, which is shown once, and with the old one for a while.

    Example: `defter webhooks rotate whe_01k3xq8m5w --apply`
    """
    told = f"{endpoint_id} would get a new secret; the old one would sign {overlap_hours} h longer"
    body = {"overlap_hours": overlap_hours}
    made = _send(profile, f"{PATH}/{endpoint_id}/secret-rotation", body, told, apply=apply)
    if made is not None:
        typer.echo(f"the old secret signs until {made['old_until']}")
        _show_once(made)


def deactivate(
    endpoint_id: EndpointArgument, *, apply: ApplyOption = False, profile: ProfileOption = None
) -> None:
    """Send nothing to an endpoint any more; what waits for it is given up.

    Example: `defter webhooks deactivate whe_01k3xq8m5w --apply`
    """
    path = f"{PATH}/{endpoint_id}/deactivation"
    if _send(profile, path, {}, f"{endpoint_id} would be sent nothing", apply=apply):
        typer.echo(f"{endpoint_id} is sent nothing any more")


def activate(
    endpoint_id: EndpointArgument, *, apply: ApplyOption = False, profile: ProfileOption = None
) -> None:
    """Send events to an endpoint again, from the next one on; `replay` sends what it missed.

    Example: `defter webhooks activate whe_01k3xq8m5w --apply`
    """
    path = f"{PATH}/{endpoint_id}/activation"
    if _send(profile, path, {}, f"{endpoint_id} would be sent events again", apply=apply):
        typer.echo(f"{endpoint_id} is sent events again")


def remove(
    endpoint_id: EndpointArgument, *, apply: ApplyOption = False, profile: ProfileOption = None
) -> None:
    """Remove an endpoint for good; what waits for it is given up.

    Example: `defter webhooks remove whe_01k3xq8m5w --apply`
    """
    path = f"{PATH}/{endpoint_id}/removal"
    if _send(profile, path, {}, f"{endpoint_id} would be removed", apply=apply):
        typer.echo(f"{endpoint_id} is no more")


def ping(
    endpoint_id: EndpointArgument, *, apply: ApplyOption = False, profile: ProfileOption = None
) -> None:
    """Send an endpoint an event that only has to arrive; `deliveries` shows whether it did.

    Example: `defter webhooks ping whe_01k3xq8m5w --apply`
    """
    path = f"{PATH}/{endpoint_id}/ping"
    if _send(profile, path, {}, f"{endpoint_id} would be sent an event", apply=apply):
        typer.echo(f"on its way; see `defter webhooks deliveries {endpoint_id}`")


def deliveries(  # noqa: PLR0913 - the options of a report
    endpoint_id: EndpointArgument,
    *,
    state: Annotated[
        str | None, typer.Option(help="Only waiting, done, dead or discarded ones.")
    ] = None,
    most: Annotated[int, typer.Option("--most", min=1, help="How many at most.")] = 50,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List what was sent to an endpoint, the latest first, and what the last attempt said.

    Example: `defter webhooks deliveries whe_01k3xq8m5w --state dead`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    rows: list[dict[str, Any]] = []
    for page in connect(profile).pages(f"{PATH}/{endpoint_id}/deliveries", state=state):
        rows += map(_last_attempt, page.body["items"])
        if len(rows) >= most:
            break
    columns = (
        Column("delivery_id"),
        Column("position", number=True),
        Column("type"),
        Column("state"),
        Column("attempts", number=True),
        Column("told"),
        Column("milliseconds", number=True),
        Column("next_at"),
    )
    show(Report(f"Deliveries to {endpoint_id}", columns, rows[:most]), output=output, to=to)


def replay(  # noqa: PLR0913 - what to send again
    endpoint_id: EndpointArgument,
    *,
    first: Annotated[
        int | None, typer.Option("--from", min=1, help="The first position.", metavar="POSITION")
    ] = None,
    last: Annotated[
        int | None, typer.Option("--to", min=1, help="The last one; else 100,000 of them.")
    ] = None,
    delivery: Annotated[str | None, typer.Option(help="Only this delivery.")] = None,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Send events again under the same webhook-ids, and what was missed for the first time.

    Example: `defter webhooks replay whe_01k3xq8m5w --from 1200 --apply`
    """
    if (first is None) == (delivery is None):
        raise Stopped("name --from, or --delivery", code=Exit.USAGE)
    if delivery is not None:
        path, body, what = f"deliveries/{delivery}/replay", {}, f"delivery {delivery}"
    else:
        path, body = "replay", {"from_position": first, "to_position": last}
        what = f"what happened from position {first} on" + (f" to {last}" if last else "")
    told = f"{what} would be sent to {endpoint_id} again"
    given = {name: value for name, value in body.items() if value is not None}
    made = _send(profile, f"{PATH}/{endpoint_id}/{path}", given, told, apply=apply)
    if made is not None:
        show_object("Replay", made, output=output)


def _send(
    profile: str | None, path: str, body: dict[str, Any], told: str, *, apply: bool
) -> dict[str, Any] | None:
    """Send a command, or only tell what it would do."""
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    if not apply:
        typer.echo(f"{told}; add --apply to do it", err=True)
        return None
    return connect(profile).post(path, body).body


def _show_once(made: dict[str, Any]) -> None:
    typer.echo(made["secret"])
    typer.echo("keep it now: it is not shown again", err=True)


def _last_attempt(item: dict[str, Any]) -> dict[str, Any]:
    last: dict[str, Any] = item["attempts"][-1] if item["attempts"] else {}
    attempts = {"attempts": item["attempts_made"]}
    return item | attempts | {name: last.get(name) for name in ("told", "milliseconds")}
