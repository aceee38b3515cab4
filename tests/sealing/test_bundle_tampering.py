"""Whatever is altered in a bundle is found, and said in words (AUD-01, WLT-13).

Each tampering is tried as a clumsy hand would do it, and with a manifest and readable copies that
were made to fit it.
"""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from infrastructure.sealing.leaves import encoded, opened
from tests.kit.lively.whole import lively
from tests.sealing.bundles import (
    ALTERED,
    INCOMPLETE,
    SOUND,
    Files,
    covered,
    exported,
    packed,
    said,
    unpacked,
    with_leaves,
)
from tests.sealing.logs import fill, seal, sealer

pytestmark = [pytest.mark.row("AUD-01"), pytest.mark.row("WLT-13")]

SPAN = (40, 120)
OLD, END = 60, 200


@pytest.fixture(scope="module")
async def files(module_database_url: str) -> Files:
    """A bundle of `SPAN` of a log with checkpoints at `OLD` and `END`."""
    tenant_id, working = uuid4(), sealer(module_database_url)
    for first, last in ((1, OLD), (OLD + 1, END)):
        fill(module_database_url, tenant_id, first, last)
        await (await seal(module_database_url, tenant_id, working)).close()
    return unpacked(await exported(module_database_url, tenant_id, SPAN))


@pytest.fixture(scope="module")
async def money(module_database_url: str) -> Files:
    """A bundle of a log in which money moves."""
    log = lively()
    log.store(module_database_url)
    await (await seal(module_database_url, log.tenant_id)).close()
    return unpacked(await exported(module_database_url, log.tenant_id))


def edited(name: str, old: bytes, new: bytes) -> Callable[[Files], Files]:
    """Put other bytes into a file, and make the manifest fit."""

    def edit(files: Files) -> Files:
        assert old in files[name]
        return covered(files | {name: files[name].replace(old, new, 1)})

    return edit


def proof(change: Callable[[dict[str, Any]], None]) -> Callable[[Files], Files]:
    def edit(files: Files) -> Files:
        told = json.loads(files["proof.json"])
        change(told)
        return covered(files | {"proof.json": json.dumps(told).encode()})

    return edit


def leaves(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[Files], Files]:
    return lambda files: with_leaves(files, change)


def without(name: str) -> Callable[[Files], Files]:
    return lambda files: {one: raw for one, raw in files.items() if one != name}


def other_data(leaf: bytes) -> bytes:
    return encoded(opened(leaf)._replace(data=b'{"n": 0}'))


def swapped_path(told: dict[str, Any]) -> None:
    path = told["consistency"][0]["path"]
    path[0], path[1] = path[1], path[0]


def swapped_nodes(told: dict[str, Any]) -> None:
    one, two, *_ = told["nodes"]
    one[2], two[2] = two[2], one[2]


def flipped(files: Files) -> Files:
    raw = bytearray(files["events.bin"])
    raw[len(raw) // 2] ^= 1
    return files | {"events.bin": bytes(raw)}


def flipped_twice(files: Files) -> Files:
    """The manifest fits the altered bytes, the readable copy does not."""
    return covered(flipped(files))


def with_foreign_key(files: Files) -> Files:
    foreign = b"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n"
    return covered(files | {"keys.txt": foreign})


TAMPERINGS: dict[str, tuple[Callable[[Files], Files], str]] = {
    "a byte in an event": (flipped, "events.bin is not the file that the manifest names"),
    "a byte in an event, and the manifest": (flipped_twice, "event "),
    "an event's data": (
        leaves(lambda all_: [*all_[:9], other_data(all_[9]), *all_[10:]]),
        "something up to event 60 is not what was signed",
    ),
    "an event's data after the older checkpoint": (
        leaves(lambda all_: [*all_[:-1], other_data(all_[-1])]),
        "something after event 60 is not what was signed",
    ),
    "an event taken out": (
        leaves(lambda all_: [*all_[:10], *all_[11:]]),
        "the events 50 to 50 are missing",
    ),
    "the last event taken out": (leaves(lambda all_: all_[:-1]), "the events 120 to 200 are"),
    "all events taken out": (leaves(lambda _: []), "the events 40 to 200 are missing"),
    "an event put in": (
        leaves(lambda all_: [*all_[:10], all_[9], *all_[10:]]),
        "event 49 stands where 50 should",
    ),
    "two events swapped": (
        leaves(lambda all_: [*all_[:10], all_[11], all_[10], *all_[12:]]),
        "the events 50 to 50 are missing",
    ),
    "an event of another log": (
        leaves(lambda all_: [encoded(opened(all_[0])._replace(tenant_id=UUID(int=7))), *all_[1:]]),
        "event 40 is of another log",
    ),
    "a leaf that is none": (
        lambda files: covered(files | {"events.bin": b"\0\0\0\4abcd"}),
        "events.bin: what follows is no event",
    ),
    "events cut off": (
        lambda files: covered(files | {"events.bin": files["events.bin"][:-3]}),
        "events.bin ends within an event",
    ),
    "the readable copy": (
        edited("events.jsonl", b'"n": 45', b'"n": 46'),
        "event 45: events.jsonl does not say what was hashed",
    ),
    "a line too many to read": (
        lambda files: covered(files | {"events.jsonl": files["events.jsonl"] + b"{}\n"}),
        "events.jsonl has more events than were hashed",
    ),
    "the checkpoint's size": (
        edited(f"checkpoints/{END}.txt", b"\n200\n", b"\n201\n"),
        "checkpoint, keys and proof are not of one log",
    ),
    "the checkpoint's root": (
        lambda files: covered(
            files | {f"checkpoints/{END}.txt": with_root_of(files, f"checkpoints/{OLD}.txt")}
        ),
        "does not fit the checkpoint",
    ),
    "an older checkpoint": (
        edited(f"checkpoints/{OLD}.txt", b"\n60\n", b"\n61\n"),
        f"checkpoints/{OLD}.txt is another checkpoint",
    ),
    "no signature": (
        lambda files: covered(
            files | {f"checkpoints/{END}.txt": signed_by(files, b"PeterNeumann")}
        ),
        f"no known key signed the checkpoint of {END} events",
    ),
    "the path to the older checkpoint": (
        proof(swapped_path),
        f"the log of {END} events does not begin with that of {OLD}",
    ),
    "a shorter path": (
        proof(lambda told: told["consistency"][0]["path"].pop()),
        "does not begin with that of",
    ),
    "the hashes beside the events": (proof(swapped_nodes), "is not what was signed"),
    "a hash too few": (proof(lambda told: told["nodes"].pop()), "are missing"),
    "a hash too many": (
        proof(lambda told: told["nodes"].append(told["nodes"][-1])),
        "there is more than the checkpoint holds",
    ),
    "a hash over what is no subtree": (
        proof(lambda told: told["nodes"][0].__setitem__(1, 3)),
        "no subtree of 3 leaves",
    ),
    "no proof": (proof(lambda told: told.clear()), "is not what it should be"),
    "another key": (with_foreign_key, "are not of one log"),
    "the sums": (edited("accounts.csv", b"_minor\n", b"_minor\nbank,TRY,1,0,1\n"), "accounts.csv"),
    "how many events there are": (
        edited("manifest.json", b'"events": 81', b'"events": 80'),
        "the manifest names 80 events in 1 spans, and there are 81 in 1",
    ),
    "a file more": (lambda files: files | {"more.txt": b""}, "more.txt is not in the manifest"),
    "a file that the manifest leaves out": (
        lambda files: (
            covered(without("accounts.csv")(files)) | {"accounts.csv": files["accounts.csv"]}
        ),
        "accounts.csv is not in the manifest",
    ),
    "the picture": (
        lambda files: files | {"chart.svg": b"<svg/>"},
        "chart.svg is not the file that the manifest names",
    ),
    "a manifest that is none": (lambda files: files | {"manifest.json": b"[]"}, "WRONG a file"),
}


def with_root_of(files: Files, other: str) -> bytes:
    """Put another root into the checkpoint, under the signature that it has."""
    lines = files[f"checkpoints/{END}.txt"].split(b"\n")
    return b"\n".join([*lines[:2], files[other].split(b"\n")[2], *lines[3:]])


def signed_by(files: Files, name: bytes) -> bytes:
    text, _, below = files[f"checkpoints/{END}.txt"].partition(b"\n\n")
    signature = below.split(b" ")[2]
    return text + b"\n\n\xe2\x80\x94 " + name + b" " + signature


def test_what_was_not_altered_is_sound(files: Files, money: Files, tmp_path: Path) -> None:
    for one in (files, covered(files), with_leaves(files, list), money):
        found = said(tmp_path, packed(one))
        assert found.code == SOUND, found.text


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_what_was_altered_is_found_and_named(files: Files, tmp_path: Path, tampering: str) -> None:
    change, told = TAMPERINGS[tampering]
    found = said(tmp_path, packed(change(files)))
    assert found.code == ALTERED, found.text
    assert told in found.text
    assert "Traceback" not in found.text


@pytest.mark.parametrize(
    "name", ["events.bin", "events.jsonl", "accounts.csv", "proof.json", "keys.txt"]
)
def test_a_file_that_is_missing_is_named(files: Files, tmp_path: Path, name: str) -> None:
    for one in (without(name)(files), covered(without(name)(files))):
        found = said(tmp_path, packed(one))
        assert (found.code, f"the bundle has no file {name}" in found.text) == (INCOMPLETE, True)


def test_a_checkpoint_that_is_missing_is_named(files: Files, tmp_path: Path) -> None:
    for size in (OLD, END):
        found = said(tmp_path, packed(covered(without(f"checkpoints/{size}.txt")(files))))
        assert (found.code, f"checkpoints/{size}.txt" in found.text) == (INCOMPLETE, True)


def test_an_entry_that_does_not_balance_is_found_whoever_signed_it(
    money: Files, tmp_path: Path
) -> None:
    """The ledger is added up again before the root is looked at: the books are a proof as well."""

    def unbalanced(all_: list[bytes]) -> list[bytes]:
        def more(leaf: bytes) -> bytes:
            event = opened(leaf)
            data = event.data.replace(b'"minor":-100000', b'"minor":-100001')
            return encoded(event._replace(data=data))

        return [more(leaf) for leaf in all_]

    found = said(tmp_path, packed(with_leaves(money, unbalanced)))
    assert found.code == ALTERED
    assert "its postings in TRY sum to -1, not to zero" in found.text


def test_an_archive_that_was_damaged_on_its_way_is_found(files: Files, tmp_path: Path) -> None:
    whole = packed(files)
    cut = said(tmp_path, whole[: len(whole) // 2])
    assert (cut.code, "no whole bundle" in cut.text) == (INCOMPLETE, True)
    at = whole.index(files["events.jsonl"][:200])
    found = said(tmp_path, whole[:at] + b"#" + whole[at + 1 :])
    assert found.code == ALTERED
    assert said(tmp_path, b"PK").code == INCOMPLETE


def test_two_files_of_one_name_are_refused(files: Files, tmp_path: Path) -> None:
    file = tmp_path / "twice.zip"
    file.write_bytes(packed(files))
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("keys.txt", b"")
    assert "two files of one name" in said(tmp_path, file.read_bytes()).text
