"""Bundles of logs that are sealed by hand, what is done to them, and what verify.py says of it."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from domain.audit.merkle import Range
from infrastructure.postgres.reads import Reads
from infrastructure.sealing.bundle import choosing, evidence, verify
from infrastructure.sealing.bundle.evidence import Evidence
from infrastructure.sealing.checkpoints import PublicKey
from infrastructure.sealing.notes import origin_of, raw, verifier_key
from tests.sealing.logs import sealing_keys

BARE = ("-I", "-S")
"""Python without any site-packages: only its own standard library."""

SOUND, ASKED_WRONGLY, ALTERED, INCOMPLETE = 0, 2, 4, 5
Files = dict[str, bytes]


class Said(NamedTuple):
    code: int
    text: str


async def exported(
    database_url: str,
    tenant_id: UUID,
    *spans: tuple[int, int],
    checkpoint: int | None = None,
    against: int | None = None,
) -> bytes:
    """Pack events from a first to a last position; all of the log if none are named."""
    reads = Reads(database_url)
    await reads.open()

    def look() -> evidence.Look:
        return lambda: reads.tenant(tenant_id, projections=())

    try:
        async with look()() as looked:
            newest = await choosing.checkpoint_at(looked.connection, tenant_id, checkpoint)
            chosen = choosing.spans_of(spans or [(1, newest.size)], Range(0, newest.size))
            whole = Range(chosen[0].low, chosen[-1].high)
            older = await choosing.older_checkpoints(
                looked.connection, tenant_id, whole, newest, against
            )
        keys = [
            PublicKey(kid, raw(key.public_key()), newest.sealed_at, None)
            for kid, key in await sealing_keys(database_url).signing_all()
        ]
        asked = {"spans": str(spans)} if spans else {}
        made = Evidence(tenant_id, asked, chosen, newest, older, keys)
        return b"".join([part async for part in evidence.packed(made, look())])
    finally:
        await reads.close()


async def key_of(database_url: str, tenant_id: UUID) -> str:
    [(_, key)] = await sealing_keys(database_url).signing_all()
    return verifier_key(origin_of(tenant_id), raw(key.public_key()))


def unpacked(bundle: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def covered(files: Files) -> Files:
    """Make a manifest that fits what was altered, as whoever altered it would."""
    manifest = json.loads(files["manifest.json"])
    manifest["files"] = {
        name: {"sha256": sha256(content).hexdigest()}
        for name, content in files.items()
        if name != "manifest.json"
    }
    return files | {"manifest.json": json.dumps(manifest).encode()}


def said(folder: Path, bundle: bytes, *words: str) -> Said:
    """Ask verify.py about a bundle, in this process."""
    file = folder / "bundle.zip"
    file.write_bytes(bundle)
    told = io.StringIO()
    with redirect_stdout(told), redirect_stderr(told):
        try:
            code = verify.main([str(file), *words])
        except SystemExit as ended:
            code = int(ended.code or 0)
    return Said(code, told.getvalue())


def ran(*words: str, python: Sequence[str] = BARE) -> Said:
    """Run a verify.py as whoever gets it does."""
    command = [sys.executable, *python, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return Said(done.returncode, done.stdout + done.stderr)


def leaves_of(files: Files) -> list[bytes]:
    stream, leaves = io.BytesIO(files["events.bin"]), list[bytes]()
    while head := stream.read(4):
        leaves.append(stream.read(int.from_bytes(head, "big")))
    return leaves


def with_leaves(files: Files, change: Callable[[list[bytes]], list[bytes]]) -> Files:
    """Change the events, and everything that is derived from them as far as one can."""
    leaves = change(leaves_of(files))
    lines = b"".join(map(evidence.readable, leaves))
    joined = b"".join(len(leaf).to_bytes(4, "big") + leaf for leaf in leaves)
    return covered(files | {"events.bin": joined, "events.jsonl": lines})
