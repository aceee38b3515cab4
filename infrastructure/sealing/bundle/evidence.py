"""An evidence bundle: events with all that is needed to check them far from here.

It is sent while it is made, in short looks at the log, so its size costs neither memory nor a long
transaction. The log only grows, and the checkpoint is settled before, so all looks see the same.
"""

import asyncio
import base64
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from domain.audit.merkle import Range, ranges_beside
from infrastructure.sealing.bundle.archive import Archive, Writes
from infrastructure.sealing.bundle.beside import roots_of
from infrastructure.sealing.bundle.books import Books
from infrastructure.sealing.bundle.chart import chart
from infrastructure.sealing.checkpoints import PublicKey, Sealed
from infrastructure.sealing.leaves import opened, read_leaves
from infrastructure.sealing.notes import origin_of, verifier_key
from infrastructure.sealing.proofs import Consistency

FORMAT = "defter-evidence/1"
EVENTS_PER_LOOK = 4_096
SPANS_PER_LOOK = 256
PARTS_PER_LOOK = 256
_HERE = Path(__file__).parent
README = (_HERE / "README.txt").read_text("utf-8")
VERIFIER = (_HERE / "verify.py").read_bytes()


class Looked(Protocol):
    """A short look at the log."""

    @property
    def connection(self) -> AsyncConnection[Any]:
        """The transaction to read through."""
        ...


Look = Callable[[], AbstractAsyncContextManager[Looked]]


class Evidence(NamedTuple):
    """What a bundle is made of: `spans` of the log that `checkpoint` holds, in order."""

    tenant_id: UUID
    asked: Mapping[str, object]
    spans: Sequence[Range]
    checkpoint: Sealed
    older: Sequence[Consistency]
    """From the oldest checkpoint to the next one, and so on to `checkpoint`."""
    keys: Sequence[PublicKey]

    @property
    def events(self) -> int:
        """How many events it holds."""
        return sum(span.high - span.low for span in self.spans)


async def packed(evidence: Evidence, look: Look) -> AsyncGenerator[bytes]:
    """Give the ZIP part by part; raises `LogShort` where the log lacks what was sealed."""
    archive, books = Archive(), Books()
    for name, content in _beginning(evidence):
        archive.add(name, content)
    with archive.file("events.bin") as file:
        async for leaves in _leaves(evidence, look):
            await asyncio.to_thread(_add_leaves, file, books, leaves)
            yield archive.taken()
    with archive.file("events.jsonl") as file:
        async for leaves in _leaves(evidence, look):
            await asyncio.to_thread(_add_lines, file, leaves)
            yield archive.taken()
    archive.add("proof.json", _json(await _proof(evidence, look)))
    archive.add("accounts.csv", books.as_csv())
    archive.add("chart.svg", chart(books))
    archive.add("manifest.json", _json(_manifest(evidence, archive.sums)))
    archive.close()
    yield archive.taken()


def _beginning(evidence: Evidence) -> Iterator[tuple[str, bytes]]:
    origin, size = origin_of(evidence.tenant_id), evidence.checkpoint.size
    asked = ", ".join(f"{name} {value}" for name, value in evidence.asked.items())
    readme = README.format(origin=origin, size=size, asked=asked or "everything")
    yield "README.txt", readme.encode()
    yield "verify.py", VERIFIER
    keys = [verifier_key(origin, key.public) for key in evidence.keys]
    yield "keys.txt", "".join(f"{key}\n" for key in keys).encode()
    for sealed in (*(one.old for one in evidence.older), evidence.checkpoint):
        yield f"checkpoints/{sealed.size}.txt", sealed.note.encode()


async def _leaves(evidence: Evidence, look: Look) -> AsyncIterator[list[bytes]]:
    """Read the events, many in one look, and wait for the client with no look open."""
    for spans in _looks(evidence.spans):
        async with look() as looked:
            leaves = [
                leaf
                for span in spans
                for leaf in await read_leaves(
                    looked.connection, evidence.tenant_id, after=span.low, last=span.high
                )
            ]
        yield leaves


def _looks(spans: Sequence[Range]) -> Iterator[list[Range]]:
    """Cut spans so that each look has as much as it should."""
    together: list[Range] = []
    events = 0
    for span in spans:
        for low in range(span.low, span.high, EVENTS_PER_LOOK):
            part = Range(low, min(low + EVENTS_PER_LOOK, span.high))
            if events + part.high - part.low > EVENTS_PER_LOOK or len(together) == SPANS_PER_LOOK:
                yield together
                together, events = [], 0
            together.append(part)
            events += part.high - part.low
    if together:
        yield together


def _add_leaves(file: Writes, books: Books, leaves: Sequence[bytes]) -> None:
    for leaf in leaves:
        books.add(opened(leaf).data)
    file.write(b"".join(part for leaf in leaves for part in (len(leaf).to_bytes(4, "big"), leaf)))


def _add_lines(file: Writes, leaves: Sequence[bytes]) -> None:
    file.write(b"".join(map(readable, leaves)))


def readable(leaf: bytes) -> bytes:
    """Tell an event; data and meta as they are stored, for they are JSON."""
    event = opened(leaf)
    moment = event.recorded_at.replace(tzinfo=None).isoformat(timespec="microseconds")
    told = {
        "position": event.position,
        "recorded_at": moment + "Z",
        "event_id": event.event_id,
        "stream": event.stream,
        "version": event.version,
        "type": event.type,
        "schema": event.schema,
        "data": msgspec.Raw(event.data),
        "meta": msgspec.Raw(event.meta),
    }
    return msgspec.json.encode(told) + b"\n"


async def _proof(evidence: Evidence, look: Look) -> dict[str, object]:
    size = evidence.checkpoint.size
    nodes: list[tuple[int, int, str]] = []
    beside = list(ranges_beside(evidence.spans, size))
    for at in range(0, len(beside), PARTS_PER_LOOK):
        parts = beside[at : at + PARTS_PER_LOOK]
        async with look() as looked:
            roots = await roots_of(looked.connection, evidence.tenant_id, parts)
        nodes += [
            (part.low, part.high - part.low, _base64(root))
            for part, root in zip(parts, roots, strict=True)
        ]
    steps = [
        {"old": one.old.size, "new": one.new.size, "path": list(map(_base64, one.path))}
        for one in evidence.older
    ]
    return {"size": size, "nodes": nodes, "consistency": steps}


def _manifest(evidence: Evidence, sums: Mapping[str, str]) -> dict[str, object]:
    return {
        "format": FORMAT,
        "origin": origin_of(evidence.tenant_id),
        "checkpoint": evidence.checkpoint.size,
        "asked": evidence.asked,
        "events": evidence.events,
        "spans": len(evidence.spans),
        "files": {name: {"sha256": sums[name]} for name in sorted(sums)},
    }


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _json(content: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(content)) + b"\n"
