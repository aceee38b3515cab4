"""Checkpoints that are kept outside, such as by a witness: what a thief of the database lacks."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from infrastructure.sealing import notes

KEY_BYTES = 32
_SIGNATURE = "— "


class OutsideWrong(Exception):
    """A file or key that was given is not what it was given for."""


class Outside(NamedTuple):
    """A checkpoint from outside, and the file that it is in."""

    file: Path
    note: str
    checkpoint: notes.Checkpoint


def public_of(verifier_key: str) -> bytes:
    """Read a public key as tools for signed notes write it; raises `OutsideWrong`."""
    name, hashed, key = notes.verifier_parts(verifier_key.strip())
    public = key.removeprefix(notes.ED25519)
    if len(public) != KEY_BYTES or notes.key_hash(name, public).hex() != hashed:
        raise OutsideWrong(f"{verifier_key!r} is no verifier key: name+hash+key")
    return public


def given(files: Iterable[Path]) -> list[Outside]:
    """Read files that hold one checkpoint or several; raises `OutsideWrong`."""
    found: list[Outside] = []
    for file in files:
        try:
            text = file.read_text("utf-8")
            found += [Outside(file, note, notes.read(note)[0]) for note in _notes(text)]
        except OSError as unreadable:
            raise OutsideWrong(f"{file} can not be read: {unreadable.strerror}") from unreadable
        except (notes.NoteWrong, UnicodeDecodeError) as wrong:
            raise OutsideWrong(f"{file} holds no checkpoint: {wrong}") from wrong
        if not text.strip():
            raise OutsideWrong(f"{file} is empty")
    return found


def witnessed(folder: Path) -> list[Outside]:
    """Read what a witness wrote into a folder: every text file in it, and below."""
    files = sorted(file for file in folder.rglob("*.txt") if file.is_file())
    if not files:
        raise OutsideWrong(f"{folder} holds no checkpoints (*.txt)")
    return given(files)


def _notes(text: str) -> Iterator[str]:
    """Cut a file into its notes: each ends with lines that are signatures."""
    lines: list[str] = []
    for line in text.splitlines():
        if lines and lines[-1].startswith(_SIGNATURE) and not line.startswith(_SIGNATURE):
            yield "\n".join(lines) + "\n"
            lines = []
        if line or lines:
            lines.append(line)
    if lines:
        yield "\n".join(lines) + "\n"
