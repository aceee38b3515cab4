#!/usr/bin/env python3
"""Check an evidence bundle or a receipt: this one file, any Python from 3.8 on, and nothing else.

    python3 verify.py BUNDLE.zip --key VKEY --against CHECKPOINT.txt
    python3 verify.py RECEIPT.json --key VKEY

It was written from RFC 6962 (the tree), RFC 8032 (Ed25519) and the C2SP texts on signed notes and
tlog checkpoints, and shares no code with what made the bundle. It exits with 0 if all is sound,
4 if something was altered, 5 if something is missing to tell, 2 if it was asked wrongly.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import struct
import sys
import uuid
import zipfile
import zlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any, Iterable, Iterator, NamedTuple, Sequence, Tuple

FORMAT = "defter-evidence/1"
NEEDED = ("accounts.csv", "events.bin", "events.jsonl", "keys.txt", "manifest.json", "proof.json")
LEAF_BYTES_MAX = 64 * 1024 * 1024
PROGRESS_EVENTS = 100_000
EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 - UTC, as all times in a leaf


UNREADABLE = (
    *(ValueError, LookupError, TypeError, AttributeError, RuntimeError),
    *(zipfile.BadZipFile, zlib.error),
)


class Altered(Exception):
    """Something is not what was signed."""


class Incomplete(Exception):
    """Something is missing, so that nothing can be told."""


# Ed25519, RFC 8032, 5.1

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
Point = Tuple[int, int, int, int]
NEUTRAL = (0, 1, 1, 0)


def decoded(raw: bytes) -> Point | None:
    """Read a point; none that is written in two ways, or is not on the curve."""
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if len(raw) != 32 or y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x % 2 != sign else x
    return x, y, 1, x * y % P


def added(one: Point, two: Point) -> Point:
    """Add two points."""
    a, b = (one[1] - one[0]) * (two[1] - two[0]), (one[1] + one[0]) * (two[1] + two[0])
    c, d = 2 * one[3] * two[3] * D, 2 * one[2] * two[2]
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number: int, point: Point) -> Point:
    """Add a point so many times."""
    total = NEUTRAL
    while number:
        if number & 1:
            total = added(total, point)
        point, number = added(point, point), number >> 1
    return total


def encoded(point: Point) -> bytes:
    """Write a point."""
    one = pow(point[2], P - 2, P)
    x, y = point[0] * one % P, point[1] * one % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


_BASE = decoded((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")) or NEUTRAL


def verifies_pure(public: bytes, signature: bytes, text: bytes) -> bool:
    """Whether a signature is that of a key, by arithmetic alone."""
    key, scalar = decoded(public), int.from_bytes(signature[32:], "little")
    if key is None or len(signature) != 64 or scalar >= L:
        return False
    told = int.from_bytes(hashlib.sha512(signature[:32] + public + text).digest(), "little") % L
    minus = (P - key[0], key[1], 1, P - key[3])
    return encoded(added(times(scalar, _BASE), times(told, minus))) == signature[:32]


def verifies(public: bytes, signature: bytes, text: bytes) -> bool:
    """Whether a signature is that of a key that can sign: one of small order fits anything."""
    key = decoded(public)
    if key is None or encoded(times(8, key)) == encoded(NEUTRAL):
        return False
    try:
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - if it is there
        from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415 - as above
            Ed25519PublicKey,
        )
    except ImportError:
        return verifies_pure(public, signature, text)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except InvalidSignature:
        return False
    return True


# Signed notes and checkpoints, C2SP signed-note and tlog-checkpoint


class Key(NamedTuple):
    """A public key as `name+hash+base64`."""

    name: str
    hash: bytes
    public: bytes

    def __str__(self) -> str:
        return f"{self.name}+{self.hash.hex()}"


class Checkpoint(NamedTuple):
    """What a checkpoint says, the text that is signed, and who says to have signed it."""

    origin: str
    size: int
    root: bytes
    text: bytes
    signatures: list[tuple[str, bytes, bytes]]

    def signers(self, keys: Sequence[Key]) -> list[Key]:
        """Give which keys signed it; a wrong signature of one that is known is no signature."""
        found: list[Key] = []
        for key in keys:
            for name, hashed, signature in self.signatures:
                if (name, hashed) == (key.name, key.hash):
                    if not verifies(key.public, signature, self.text):
                        raise Altered(f"the signature of {key!s} does not fit the checkpoint")
                    found.append(key)
        return found


def unbased(text: str) -> bytes:
    """Read base64 as strictly as it can be written."""
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text:
        raise ValueError("this is not how base64 is written")
    return raw


def key_of(told: str) -> Key:
    """Read a verifier key; raises ValueError."""
    parts = told.strip().split("+", 2)
    if len(parts) != 3 or not re.fullmatch("[0-9a-f]{8}", parts[1]):
        raise ValueError("a verifier key is written name+hash+base64")
    name, raw = parts[0], unbased(parts[2])
    hashed = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    if not name or re.search(r"\s", name) or raw[:1] != b"\x01" or len(raw) != 33:
        raise ValueError("this is no Ed25519 key of a named log")
    if hashed.hex() != parts[1]:
        raise ValueError("the hash in the verifier key is not that of its name and key")
    return Key(name, hashed, raw[1:])


def signed_note(raw: bytes) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """Read a signed note: its text, and the signatures below; raises ValueError."""
    text, blank, below = raw.decode().rpartition("\n\n")
    if not blank or not below.endswith("\n"):
        raise ValueError("this is no signed note")
    signatures: list[tuple[str, bytes, bytes]] = []
    for line in below[:-1].split("\n"):
        match = re.fullmatch(r"\u2014 ([^\s+]+) (\S+)", line)
        both = unbased(match[2]) if match else b""
        if match is None or len(both) < 5:
            raise ValueError("a signature line is wrong")
        signatures.append((match[1], both[:4], both[4:]))
    return text + "\n", signatures


def checkpoint_of(raw: bytes) -> Checkpoint:
    """Read a checkpoint without believing it; raises ValueError."""
    text, signatures = signed_note(raw)
    lines = text.split("\n")
    if len(lines) < 4 or not lines[0] or not re.fullmatch("[1-9][0-9]{0,18}", lines[1]):
        raise ValueError("this is no checkpoint")
    root = unbased(lines[2])
    if len(root) != 32:
        raise ValueError("a root has 32 bytes")
    return Checkpoint(lines[0], int(lines[1]), root, text.encode(), signatures)


# The tree, RFC 6962, 2.1


def node(left: bytes, right: bytes) -> bytes:
    """Hash two neighbours into what stands above them."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that grows to the right by whole subtrees, kept as a stack of (leaves, root)."""

    def __init__(self) -> None:
        self.size = 0
        self._stack: list[tuple[int, bytes]] = []

    def add(self, leaves: int, root: bytes) -> None:
        """Add a subtree where it can stand."""
        if leaves < 1 or leaves & (leaves - 1) or self.size % leaves:
            raise Altered(
                "proof.json: no subtree of %d leaves follows leaf %d" % (leaves, self.size)
            )
        self.size += leaves
        while self._stack and self._stack[-1][0] == leaves:
            root = node(self._stack.pop()[1], root)
            leaves *= 2
        self._stack.append((leaves, root))

    def root(self) -> bytes:
        """Give the root over all that was added."""
        above = self._stack[-1][1]
        for _, left in reversed(self._stack[:-1]):
            above = node(left, above)
        return above


def consistent(old: int, new: int, old_root: bytes, new_root: bytes, path: list[bytes]) -> bool:
    """Whether a path proves that the newer tree begins with the older (RFC 9162, 2.1.4.2)."""
    if not 0 < old <= new or old == new:
        return old == new and old_root == new_root and not path
    steps = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not steps:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    older = newer = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            older, newer = node(step, older), node(step, newer)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            newer = node(newer, step)
        at, last = at >> 1, last >> 1
    return last == 0 and older == old_root and newer == new_root


def included(index: int, size: int, leaf: bytes, path: Iterable[bytes], root: bytes) -> bool:
    """Whether a path proves that a leaf's hash stands at an index (RFC 9162, 2.1.3.2)."""
    at, last, above = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            above = node(step, above)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            above = node(above, step)
        at, last = at >> 1, last >> 1
    return 0 <= index < size and last == 0 and above == root


# Events, and what is derived from them


class Event(NamedTuple):
    """One event as it was hashed: the raw leaf, and its fields."""

    leaf: bytes
    tenant: str
    position: int
    event_id: str
    stream: str
    version: int
    type: str
    schema: int
    recorded_at: str
    data: bytes
    meta: bytes

    def line(self) -> bytes:
        """Give the event as a line of events.jsonl; data and meta are the stored bytes."""
        told = (
            '{"position":%d,"recorded_at":"%s","event_id":"%s","stream":%s,"version":%d,"type":%s,'
            '"schema":%d,"data":'
        ) % (
            *(self.position, self.recorded_at, self.event_id, quoted(self.stream)),
            *(self.version, quoted(self.type), self.schema),
        )
        return told.encode() + self.data + b',"meta":' + self.meta + b"}\n"


def quoted(text: str) -> str:
    """Write a text as JSON does."""
    return json.dumps(text, ensure_ascii=False)


def event_of(leaf: bytes) -> Event:
    """Read ten fields, each with its length before it, big-endian; raises Altered."""
    fields: list[bytes] = []
    at = 0
    try:
        for _ in range(10):
            (length,) = struct.unpack_from("!i", leaf, at)
            fields.append(leaf[at + 4 : at + 4 + length])
            at += 4 + length
        numbers = [struct.unpack("!q", fields[n])[0] for n in (1, 4, 6, 7)]
        moment = EPOCH + timedelta(microseconds=numbers[3])
        if at != len(leaf) or min(map(len, fields)) < 0:
            raise ValueError("a leaf has ten fields")  # noqa: TRY301 - as what is caught below
        return Event(
            leaf,
            str(uuid.UUID(bytes=fields[0])),
            numbers[0],
            str(uuid.UUID(bytes=fields[2])),
            fields[3].decode(),
            numbers[1],
            fields[5].decode(),
            numbers[2],
            moment.isoformat(timespec="microseconds") + "Z",
            fields[8],
            fields[9],
        )
    except (struct.error, ValueError, OverflowError) as wrong:
        raise Altered(f"events.bin: what follows is no event ({wrong})") from wrong


class Books:
    """The entries of the events, added up again."""

    def __init__(self) -> None:
        self.entries = 0
        self._sums: dict[tuple[str, str], list[int]] = {}

    def add(self, event: Event) -> None:
        """Add an event's entry, if it has one; raises Altered if it does not balance."""
        if b'"entry"' not in event.data:
            return
        try:
            entry: Any = json.loads(event.data.decode()).get("entry")
            postings: Any = entry.get("postings") if hasattr(entry, "get") else None
            if postings is None:
                return
            lines: list[tuple[str, str, int]] = [
                (one["account"], one["amount"]["currency"], one["amount"]["minor"])
                for one in postings
            ]
        except (ValueError, KeyError, TypeError, AttributeError) as wrong:
            raise Altered("event %d: its data can not be read" % event.position) from wrong
        left: dict[str, int] = {}
        for account, currency, minor in lines:
            left[currency] = left.get(currency, 0) + minor
            sums = self._sums.setdefault((currency, account.split(":")[0]), [0, 0])
            sums[minor < 0] += abs(minor)
        for currency, minor in left.items():
            if minor:
                raise Altered(
                    "event %d: its postings in %s sum to %d, not to zero"
                    % (event.position, currency, minor)
                )
        self.entries += 1

    def csv(self) -> bytes:
        """Give the sums as accounts.csv has them."""
        rows = ["account,currency,debit_minor,credit_minor,balance_minor"]
        for (currency, account), (debit, credit) in sorted(self._sums.items()):
            rows.append("%s,%s,%d,%d,%d" % (account, currency, debit, credit, debit - credit))
        return ("\n".join(rows) + "\n").encode()


# The bundle


class Bundle:
    """The files of a bundle, packed or unpacked."""

    def __init__(self, path: Path) -> None:
        self._zip = None if path.is_dir() else zipfile.ZipFile(path)
        self._folder = path
        self.names = self._zip.namelist() if self._zip else []

    def open(self, name: str) -> IO[bytes]:
        """Open a file; raises Incomplete."""
        try:
            return self._zip.open(name) if self._zip else (self._folder / name).open("rb")
        except (KeyError, OSError) as wrong:
            raise Incomplete(f"the bundle has no file {name}") from wrong

    def read(self, name: str) -> bytes:
        """Read a small file."""
        with self.open(name) as file:
            return file.read()

    def manifest(self) -> dict[str, Any]:
        """Check every file against the manifest, and give that."""
        if len(set(self.names)) != len(self.names):
            raise Altered("the archive holds two files of one name")
        told: dict[str, Any] = json.loads(self.read("manifest.json").decode())
        if told.get("format") != FORMAT:
            raise Incomplete("this verify.py reads {}, not {}".format(FORMAT, told.get("format")))
        for name in sorted({*NEEDED, *told["files"]} - {"manifest.json"}):
            with self.open(name) as file:
                if name not in told["files"]:
                    raise Altered(f"{name} is not in the manifest")
                hashed = hashlib.sha256()
                for part in iter(lambda: file.read(1 << 20), b""):
                    hashed.update(part)
            if hashed.hexdigest() != told["files"][name]["sha256"]:
                raise Altered(f"{name} is not the file that the manifest names")
        more = {one for one in self.names if not one.endswith("/")} - {*told["files"]}
        if more - {"manifest.json"}:
            raise Altered("{} is not in the manifest".format(min(more - {"manifest.json"})))
        return told

    def events(self) -> Iterator[Event]:
        """Read the events, each checked against its readable copy."""
        with self.open("events.bin") as raw, self.open("events.jsonl") as lines:
            for head in iter(lambda: raw.read(4), b""):
                length = int.from_bytes(head, "big")
                leaf = raw.read(min(length, LEAF_BYTES_MAX))
                if len(head) < 4 or len(leaf) != length:
                    raise Altered("events.bin ends within an event")
                event = event_of(leaf)
                line = event.line()
                if lines.read(len(line)) != line:
                    raise Altered(
                        "event %d: events.jsonl does not say what was hashed" % event.position
                    )
                yield event
            if lines.read(1):
                raise Altered("events.jsonl has more events than were hashed")


class Growth:
    """The tree that events and the subtrees beside them make, and its roots at some sizes."""

    def __init__(self, nodes: Iterable[Any], sizes: Iterable[int]) -> None:
        self.tree = Tree()
        self.roots: dict[int, bytes] = {}
        self._sizes = frozenset(sizes)
        self._nodes = iter(nodes)
        self._next = next(self._nodes, None)

    def add(self, leaves: int, root: bytes) -> None:
        """Add an event or a subtree."""
        self.tree.add(leaves, root)
        if self.tree.size in self._sizes:
            self.roots[self.tree.size] = self.tree.root()

    def fill(self, end: int) -> None:
        """Add the subtrees beside the events up to here; raises Altered if they lead elsewhere."""
        while self.tree.size < end and self._next is not None and self._next[0] == self.tree.size:
            self.add(self._next[1], unbased(self._next[2]))
            self._next = next(self._nodes, None)
        if self.tree.size < end:
            raise Altered("the events %d to %d are missing" % (self.tree.size + 1, end))
        if self.tree.size > end:
            raise Altered("event %d stands where %d should" % (end + 1, self.tree.size + 1))

    def finish(self, size: int) -> None:
        """Add what is left; raises Altered if it is too little or too much."""
        self.fill(size)
        if self._next is not None:
            raise Altered("proof.json: there is more than the checkpoint holds")


class Checked(NamedTuple):
    """What the events turned out to be."""

    books: Books
    events: int
    spans: list[list[int]]


def check_events(events: Iterable[Event], growth: Growth, size: int, tenant: str) -> Checked:
    """Build the tree, add up the books, and note where the events stand."""
    books, count = Books(), 0
    spans: list[list[int]] = []
    for event in events:
        index = event.position - 1
        growth.fill(index)
        if event.tenant != tenant:
            raise Altered("event %d is of another log" % event.position)
        growth.add(1, hashlib.sha256(b"\0" + event.leaf).digest())
        books.add(event)
        count += 1
        if spans and spans[-1][1] == index:
            spans[-1][1] = event.position
        else:
            spans.append([event.position, event.position])
        if count % PROGRESS_EVENTS == 0 and sys.stderr.isatty():
            sys.stderr.write("\r%d events\r" % count)
    growth.finish(size)
    return Checked(books, count, spans)


def check_checkpoint(checkpoint: Checkpoint, keys: Sequence[Key]) -> None:
    """Say who signed a checkpoint; raises Altered if nobody known did."""
    signers = checkpoint.signers(keys)
    if not signers:
        raise Altered("no known key signed the checkpoint of %d events" % checkpoint.size)
    say("the checkpoint of %d events is signed by %s" % (checkpoint.size, signers[0]))


def check_older(
    bundle: Bundle, proof: dict[str, Any], newest: Checkpoint, keys: Sequence[Key]
) -> dict[int, Checkpoint]:
    """Check each older checkpoint, and that its log is the beginning of the next one's."""
    chain: dict[int, Checkpoint] = {}
    newer = newest
    for step in reversed(proof["consistency"]):
        older = checkpoint_of(bundle.read("checkpoints/%d.txt" % step["old"]))
        if (older.origin, older.size, newer.size) != (newest.origin, step["old"], step["new"]):
            raise Altered("checkpoints/%d.txt is another checkpoint" % step["old"])
        check_checkpoint(older, keys)
        path = [unbased(one) for one in step["path"]]
        if not consistent(older.size, newer.size, older.root, newer.root, path):
            raise Altered(
                "the log of %d events does not begin with that of %d" % (newer.size, older.size)
            )
        say("the log of %d events begins with that of %d" % (newer.size, older.size))
        chain[older.size] = newer = older
    return chain


def check_against(kept: Checkpoint, origin: str, size: int, roots: dict[int, bytes]) -> None:
    """Compare with a checkpoint that was kept elsewhere."""
    if kept.origin != origin:
        raise Altered(f"the checkpoint that you keep is of another log, {kept.origin}")
    if kept.size not in roots:
        hint = "export with --against %d" % kept.size if kept.size < size else "export again"
        raise Incomplete("the bundle says nothing about %d events: %s" % (kept.size, hint))
    if roots[kept.size] != kept.root:
        raise Altered("the first %d events are not those of the one you keep" % kept.size)
    say("the first %d events are those of the checkpoint that you keep" % kept.size)


def verify(bundle: Bundle, pinned: Sequence[Key], against: Sequence[Checkpoint]) -> None:
    """Check all there is; raises Altered or Incomplete."""
    manifest = bundle.manifest()
    say("all %d files are those of the manifest" % len(manifest["files"]))
    proof: dict[str, Any] = json.loads(bundle.read("proof.json").decode())
    size = proof["size"]
    newest = checkpoint_of(bundle.read("checkpoints/%d.txt" % size))
    listed = [key_of(line) for line in bundle.read("keys.txt").decode().splitlines()]
    if newest.size != size or any(key.name != newest.origin for key in listed):
        raise Altered("checkpoint, keys and proof are not of one log")
    check_checkpoint(newest, pinned or listed)
    chain = check_older(bundle, proof, newest, [*pinned, *listed])
    tenant = newest.origin.rpartition("/")[2]
    sizes = [*chain, *(one.size for one in against)]
    growth = Growth(proof["nodes"], sizes)
    checked = check_events(bundle.events(), growth, size, tenant)
    for older in sorted(chain):
        if older in growth.roots and growth.roots[older] != chain[older].root:
            raise Altered("something up to event %d is not what was signed" % older)
    if growth.tree.root() != newest.root:
        after = max([one for one in chain if one in growth.roots], default=0)
        raise Altered("something after event %d is not what was signed" % after)
    if manifest["events"] != checked.events or manifest["spans"] != len(checked.spans):
        raise Altered(
            "the manifest names %d events in %d spans, and there are %d in %d"
            % (manifest["events"], manifest["spans"], checked.events, len(checked.spans))
        )
    first, last = checked.spans[0][0], checked.spans[-1][1]
    gaps = "without a gap" if len(checked.spans) == 1 else "in %d spans" % len(checked.spans)
    say("%d events, from %d to %d %s, are in that log" % (checked.events, first, last, gaps))
    if bundle.read("accounts.csv") != checked.books.csv():
        raise Altered("accounts.csv is not the sum of the entries")
    say("%d entries balance, and accounts.csv is their sum" % checked.books.entries)
    roots = {one.size: one.root for one in chain.values()}
    roots.update(growth.roots)
    roots[size] = newest.root
    for kept in against:
        check_against(kept, newest.origin, size, roots)
    if not pinned:
        print("note  the key came with the bundle: give one you know from elsewhere with --key")
        print("".join(f"      {line}\n" for line in bundle.read("keys.txt").decode().split()))


# The receipt of one event


def read_receipt(path: Path) -> dict[str, Any] | None:
    """Read a receipt; None where this is another file. Raises ValueError and OSError."""
    if path.is_dir():
        return None
    with path.open("rb") as file:
        first = file.read(1)
        return json.loads((first + file.read()).decode()) if first == b"{" else None


def check_receipt(
    receipt: dict[str, Any], pinned: Sequence[Key], against: Sequence[Checkpoint]
) -> None:
    """Check that an event is in the log that is signed; raises Altered or Incomplete."""
    if not pinned:
        raise Incomplete("a receipt brings no key: give the one that you noted with --key")
    signed = checkpoint_of(receipt["checkpoint"]["note"].encode())
    check_checkpoint(signed, pinned)
    event = event_of(unbased(receipt["leaf"]))
    hashed = hashlib.sha256(b"\0" + event.leaf).digest()
    path = [unbased(one) for one in receipt["path"]]
    if event.tenant != signed.origin.rpartition("/")[2]:
        raise Altered("event %d is of another log" % event.position)
    if not included(event.position - 1, signed.size, hashed, path, signed.root):
        raise Altered("event %d is not in the log of %d events" % (event.position, signed.size))
    say("event %d is in that log:" % event.position)
    print("      " + event.line().decode(), end="")
    for kept in against:
        check_against(kept, signed.origin, signed.size, {signed.size: signed.root})


def say(text: str) -> None:
    """Tell what was checked."""
    print("ok    " + text)


def trusted(told: str) -> Key:
    """Read a key that was given."""
    try:
        return key_of(told)
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(str(wrong)) from wrong


def main(words: Sequence[str] | None = None) -> int:
    """Read what was asked, check, and tell."""
    parser = argparse.ArgumentParser(description="Check an evidence bundle or a receipt.")
    here = Path(__file__).resolve().parent
    parser.add_argument(
        "bundle", nargs="?", type=Path, default=here, help="the ZIP, its folder, or a receipt"
    )
    parser.add_argument(
        "--key", action="append", type=trusted, default=[], help="a verifier key that you trust"
    )
    parser.add_argument(
        "--against", action="append", type=Path, default=[], help="a checkpoint that you kept"
    )
    asked = parser.parse_args(words)
    try:
        against = [checkpoint_of(one.read_bytes()) for one in asked.against]
    except (OSError, ValueError) as wrong:
        parser.error(f"--against: {wrong}")
    try:
        receipt = read_receipt(asked.bundle)
        bundle = Bundle(asked.bundle) if receipt is None else None
    except (OSError, ValueError, zipfile.BadZipFile) as wrong:
        print(f"GAP   this is no whole bundle or receipt: {wrong}")
        return 5
    try:
        if receipt is not None:
            check_receipt(receipt, asked.key, against)
        elif bundle is not None:
            verify(bundle, asked.key, against)
    except Altered as wrong:
        print(f"WRONG {wrong}")
        return 4
    except (Incomplete, EOFError, OSError) as wrong:
        print(f"GAP   {wrong}")
        return 5
    except UNREADABLE as wrong:
        print(f"WRONG a file is not what it should be: {wrong!r}")
        return 4
    print("SOUND")
    return 0


if __name__ == "__main__":
    sys.exit(main())
