"""A folder as a witness: a file for each checkpoint, never written twice."""

import asyncio
import os
from pathlib import Path
from uuid import UUID

from infrastructure.effects.effect import Alarm, Effect, Hopeless, TryLater, World
from infrastructure.sealing import notes
from infrastructure.witnesses.newest import Confirmed, check_root, newest_for
from infrastructure.witnesses.witness import FileWitness

READ_ONLY = 0o444


async def give(world: World, effect: Effect, witness: FileWitness) -> Confirmed:
    """Add the newest checkpoint, if the newest of those in the folder is of this log."""
    folder = witness.folder / str(effect.tenant_id)
    # What the folder has is looked at first: another worker may add to it, and the log only grows.
    kept = await asyncio.to_thread(_newest_in, folder)
    async with world.look(effect.tenant_id) as connection:
        newest = await newest_for(connection, effect)
        if kept is not None:
            await check_root(connection, effect.tenant_id, kept.size, kept.root, newest)
    await asyncio.to_thread(_add, folder, newest.size, newest.note, effect.effect_id)
    return Confirmed(newest.size)


def _newest_in(folder: Path) -> notes.Checkpoint | None:
    if not folder.is_dir():
        return None
    sizes = [int(file.stem) for file in folder.glob("*.txt") if file.stem.isdecimal()]
    if not sizes:
        return None
    size = max(sizes)
    try:
        checkpoint, _ = notes.read((folder / f"{size}.txt").read_text("utf-8"))
    except (notes.NoteWrong, UnicodeDecodeError):
        raise Alarm(f"{size}.txt is no checkpoint any more") from None
    if (checkpoint.origin, checkpoint.size) != (notes.origin_of(UUID(folder.name)), size):
        raise Alarm(f"{size}.txt is another checkpoint")
    return checkpoint


def _add(folder: Path, size: int, note: str, attempt: UUID) -> None:
    """Let the file appear as a whole or not at all, and survive a crash once this returns."""
    if not folder.parent.is_dir():  # a disk that is away is not replaced by a folder on ours
        raise TryLater("the folder is not there")
    if not folder.is_dir():
        folder.mkdir(exist_ok=True)
        _sync(folder.parent)
    whole, beside = folder / f"{size}.txt", folder / f".{attempt}"
    beside.unlink(missing_ok=True)  # a worker that was killed may have left it
    with beside.open("x", encoding="utf-8", newline="") as file:
        file.write(note)
        file.flush()
        os.fsync(file.fileno())
    beside.chmod(READ_ONLY)
    try:
        whole.hardlink_to(beside)
    except FileExistsError:
        if whole.read_bytes() != note.encode():
            raise Alarm(f"{size}.txt holds another text") from None
    except NotImplementedError:
        raise Hopeless("the folder's file system has no hard links") from None
    finally:
        beside.unlink()
    _sync(folder)


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
