"""`defter customers`: all about one of them, for whoever helps them or lets them go."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.users.customer import ErasureReason
from interfaces.cli.remote.dry_run import send
from interfaces.cli.terminal.amounts import written
from interfaces.cli.terminal.exits import Exit, Stopped
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

PATH = "/api/customers"
ROWS = 100
OWNER_ALONE = 0o600
"""Who may read a file of personal data."""

CustomerArgument = Annotated[str, typer.Argument(help="The customer's id, cus_…")]

FOUND = tuple(map(Column, ("customer_id", "name", "email", "phone", "status", "matched")))
WALLETS = (
    Column("wallet_id"),
    Column("currency"),
    Column("available", amount=True),
    Column("held", amount=True),
    Column("status"),
)
CONSENTS = tuple(
    map(Column, ("at", "happened", "purpose", "version", "locale", "channel", "proof"))
)
CONSEQUENCES = (Column("what"), Column("now"), Column("then"))


def find(
    text: Annotated[str, typer.Argument(help="Beginnings of a name, address, number or id.")],
    *,
    limit: Annotated[int, typer.Option(min=1, help="So many at most.")] = ROWS,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """Find customers by how their names, addresses, phone numbers or ids begin.

    All words have to match. Needs pii.read for all but ids, and that you looked is noted.

    Example: `defter customers find "ayş demi"`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    rows: list[dict[str, Any]] = []
    for page in connect(profile).pages(f"{PATH}/search", q=text):
        rows += [{**one, "matched": " ".join(one["matched"])} for one in page.body["items"]]
        if len(rows) >= limit:
            break
    show(Report("Customers found", FOUND, rows[:limit]), output=output, to=to)


def overview(
    customer_id: CustomerArgument,
    *,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Show all about a customer: account, wallets, open requests, consents.

    Example: `defter customers overview cus_01k3xq8m5w`
    """
    body = _overview(customer_id, profile)
    if output is not Format.TABLE:
        show_object("Customer", body, output=output)
        return
    none: dict[str, Any] = {"roles": [], "sessions": 0}
    account: dict[str, Any] = body["account"] or none
    told = body["profile"] | {
        "roles": " ".join(account["roles"]),
        "sessions": account["sessions"],
        "open_requests": len(body["open_requests"]),
        "consents": " ".join(one["purpose"] for one in body["consents"]),
        "last_activity_at": body["last_activity_at"],
    }
    show_object(f"Customer {customer_id}", told, output=output)
    show(Report("Wallets", WALLETS, [_wallet(one) for one in body["wallets"]]), output=output)


def consents(
    customer_id: CustomerArgument,
    *,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List what a customer agreed to and withdrew, oldest first, with its proof.

    Example: `defter customers consents cus_01k3xq8m5w -o csv --to consents.csv`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    pages = connect(profile).pages(f"{PATH}/{customer_id}/consents")
    rows = [row for page in pages for row in page.body["items"]]
    show(Report(f"Consents of {customer_id}", CONSENTS, rows), output=output, to=to)


def export(
    customer_id: CustomerArgument,
    to: Annotated[Path, typer.Option("--to", help="The ZIP to write; it must not be there yet.")],
    *,
    profile: ProfileOption = None,
) -> None:
    """Write all that is kept about a customer to a ZIP that the service signs.

    Where it is more than one archive holds, the others stand beside it, numbered. Only you can
    read the files. Needs pii.read; that you took it along is noted.

    Example: `defter customers export cus_01k3xq8m5w --to ayse.zip`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    for number, packed in enumerate(archives(connect(profile), customer_id), start=1):
        file = to if number == 1 else to.with_suffix(f".{number}{to.suffix}")
        _keep(file, packed)
        typer.echo(f"{file}: {len(packed)} bytes, signed", err=True)


def archives(client: "Client", customer_id: str) -> Iterator[bytes]:
    """Take one archive after the other until one says that it is the last."""
    after: int | None = 0
    while after is not None:
        packed = client.download(f"{PATH}/{customer_id}/export", after=after)
        yield packed
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            after = json.loads(archive.read("manifest.json"))["next_after"]


def erase(
    customer_id: CustomerArgument,
    *,
    reason: Annotated[
        ErasureReason, typer.Option(help="Why; words about the person have no place here.")
    ] = ErasureReason.ASKED,
    apply: ApplyOption = False,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Erase a person for good: there is no way back. Without --apply it tells what would happen.

    It ends with 6 where the service would refuse: money is left, or a request is open.

    Example: `defter customers erase cus_01k3xq8m5w --reason asked --apply`
    """
    if not apply:
        body = _overview(customer_id, profile)
        rows, hindered = _consequences(body)
        show(Report(f"What erasing {customer_id} does", CONSEQUENCES, rows), output=output)
        if hindered:
            raise Stopped(
                "it would be refused: " + ", ".join(hindered),
                code=Exit.REFUSED,
                then="pay the money out and decide the requests first",
            )
    told = f"{customer_id} would be erased for good ({reason.value})"
    path, body = f"{PATH}/{customer_id}/erasure", {"reason": reason.value}
    made = send("POST", path, body, told=told, apply=apply, profile=profile)
    if made is not None:
        show_object("Erased", made, output=output)


def _overview(customer_id: str, profile: str | None) -> dict[str, Any]:
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    return connect(profile).get(f"{PATH}/{customer_id}/overview").body


def _wallet(view: dict[str, Any]) -> dict[str, Any]:
    amounts = {name: view[name]["minor"] for name in ("available", "held")}
    return {**view, **amounts, "currency": view["available"]["currency"]}


def _consequences(body: dict[str, Any]) -> tuple[list[dict[str, str]], list[str]]:
    """Tell what there is and what becomes of it, and what stands in the way."""
    account, wallets = body["account"], [_wallet(one) for one in body["wallets"]]
    full = [one for one in wallets if one["available"] or one["held"]]
    left = [
        f"{written(one['available'] + one['held'], one['currency'])} {one['currency']}"
        for one in full
    ]
    asked = [one["request_id"] for one in body["open_requests"]]
    hindered = [f"{amount} is left" for amount in left] + [f"{one} is open" for one in asked]
    sessions = "none" if account is None else f"{account['sessions']} sessions"
    rows = [
        ("name, address, number", "kept, sealed", "nobody can read them, in the log neither"),
        ("account", sessions, "closed; all sessions end, the password goes"),
        ("wallets", f"{len(wallets)}, with {' '.join(left) or 'nothing'}", "closed"),
        ("open requests", " ".join(asked) or "none", "none"),
        ("consents", str(len(body["consents"])), "end with the person"),
        ("ledger, log", "balanced, sealed", "stay byte for byte; that it was done is recorded"),
    ]
    return [dict(zip(("what", "now", "then"), row, strict=True)) for row in rows], hindered


def _keep(file: Path, packed: bytes) -> None:
    try:
        file.touch(OWNER_ALONE, exist_ok=False)
        file.write_bytes(packed)
    except FileExistsError as there:
        raise Stopped(
            f"{file} is there already", code=Exit.USAGE, then="choose another name with --to"
        ) from there
    except OSError as wrong:
        raise Stopped(f"{file}: {wrong.strerror}", code=Exit.USAGE) from wrong
