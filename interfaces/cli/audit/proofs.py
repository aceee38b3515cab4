"""`defter audit`: checkpoints to keep outside, and proofs that are checked here."""

import base64
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from domain.audit.merkle import ProofWrong, check_consistency, check_inclusion, leaf_hash
from interfaces.cli.terminal.exits import Exit, Stopped
from interfaces.cli.terminal.options import ProfileOption
from interfaces.cli.terminal.output import Column, FileOption, Format, FormatOption, Report, show

PATH = "/api/audit/checkpoints"
ROWS = 20

CHECKPOINTS = (Column("size", number=True), Column("root"), Column("sealed_at"))
KEYS = (Column("kid"), Column("verifier_key"), Column("made_at"), Column("retired_at"))


def checkpoints(
    *,
    limit: Annotated[int, typer.Option(min=1, help="So many at most.")] = ROWS,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List the signed checkpoints of the log, newest first.

    Example: `defter audit checkpoints --limit 5`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    rows: list[dict[str, Any]] = []
    for page in connect(profile).pages(PATH):
        rows += page.body["items"]
        if len(rows) >= limit:
            break
    show(Report("Checkpoints", CHECKPOINTS, rows[:limit]), output=output, to=to)


def checkpoint(
    *,
    to: FileOption = None,
    profile: ProfileOption = None,
) -> None:
    """Write the newest checkpoint: keep it where nobody of the service can reach it.

    Whoever has it can prove later that nothing before it was changed; see `consistency`.

    Example: `defter audit checkpoint --to october.checkpoint`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    note: str = connect(profile).get(f"{PATH}/latest").body["note"]
    if to is None:
        typer.echo(note, nl=False)
    else:
        to.write_text(note, encoding="utf-8")
        typer.echo(f"kept in {to}", err=True)


def sealing_keys(
    *,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List the keys that sign checkpoints: note them outside, once, and trust only those.

    Example: `defter audit keys -o json`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    rows = connect(profile).get(f"{PATH}/keys").body["items"]
    show(Report("Keys that sign checkpoints", KEYS, rows), output=output, to=to)


def proof(
    position: Annotated[int, typer.Argument(min=1, help="Where the event stands in the log.")],
    *,
    size: Annotated[
        int | None, typer.Option(min=1, help="Under the first checkpoint of so many events.")
    ] = None,
    to: FileOption = None,
    profile: ProfileOption = None,
) -> None:
    """Prove that an event stands in the log, check the proof here, and keep it as a receipt.

    Example: `defter audit proof 4711 --to receipt.json`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    body = connect(profile).get(f"/api/events/{position}/proof", size=size).body
    signed = body["checkpoint"]
    try:
        check_inclusion(
            leaf_hash(_bytes(body["leaf"])),
            position - 1,
            signed["size"],
            list(map(_bytes, body["path"])),
            _bytes(signed["root"]),
        )
    except ProofWrong as wrong:
        raise _tampered(f"event {position} is not proven: {wrong}") from wrong
    if to is not None:
        to.write_text(json.dumps(body, indent=2) + "\n", encoding="utf-8")
    typer.echo(
        f"event {position} stands in the log of {signed['size']} events with root {signed['root']}"
    )


def consistency(
    old: Annotated[
        int | None, typer.Argument(min=1, help="So many events; else those of --against.")
    ] = None,
    new: Annotated[
        int | None, typer.Argument(min=1, help="So many events; now if left out.")
    ] = None,
    *,
    against: Annotated[
        Path | None, typer.Option(help="The checkpoint that you kept.", dir_okay=False, exists=True)
    ] = None,
    root: Annotated[
        str | None, typer.Option(help="The root that you kept for OLD, base64: trust that one.")
    ] = None,
    profile: ProfileOption = None,
) -> None:
    """Prove that the log only grew between two checkpoints, and check the proof here.

    Example: `defter audit consistency --against october.checkpoint`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    origin = None
    if against is not None:
        origin, old, root = _kept(against)
    if old is None:
        raise Stopped(
            "which log is it to begin with?",
            code=Exit.USAGE,
            then="give the file that you kept (--against FILE), or a number of events",
        )
    body = connect(profile).get(f"{PATH}/consistency", old=old, new=new).body
    older, newer = body["old"], body["new"]
    if origin is not None and origin != newer["note"].partition("\n")[0]:
        raise Stopped(f"{against} is a checkpoint of another log, {origin}", code=Exit.USAGE)
    if root is not None and older["size"] != old:
        raise Stopped(
            f"the first checkpoint with {old} events has {older['size']}",
            code=Exit.SOURCE_INCOMPLETE,
            then="give the size that stands with the root",
        )
    try:
        check_consistency(
            older["size"],
            newer["size"],
            _bytes(root or older["root"]),
            _bytes(newer["root"]),
            list(map(_bytes, body["path"])),
        )
    except ProofWrong as wrong:
        what = f"the log of {newer['size']} events does not begin with that of {older['size']}"
        raise _tampered(f"{what}: {wrong}") from wrong
    typer.echo(f"the log of {newer['size']} events begins with that of {older['size']}, unchanged")


def _kept(file: Path) -> tuple[str, int, str]:
    """Read what a checkpoint says: which log, how many events, and their root."""
    from infrastructure.sealing.notes import NoteWrong, read  # noqa: PLC0415 - `--help` stays quick

    try:
        told, _ = read(file.read_text("utf-8"))
    except (NoteWrong, OSError, UnicodeDecodeError) as wrong:
        raise Stopped(
            f"{file} can not be read as a checkpoint: {wrong}", code=Exit.USAGE
        ) from wrong
    return told.origin, told.size, base64.b64encode(told.root).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)


def _tampered(what: str) -> Stopped:
    return Stopped(
        what, code=Exit.TAMPERING, then="`defter audit verify` names the first place that differs"
    )
