"""An archive of JSON files whose every byte a signature vouches for."""

import asyncio
import hashlib
import io
import zipfile
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

FORMAT = "defter-person-export/1"
MANIFEST, SIGNATURE = "manifest.json", "manifest.jws"
SIGNATURE_KIND = "defter-manifest+jws"

README = (Path(__file__).parent / "templates" / "README.txt").read_text("utf-8")


async def archive(
    files: Mapping[str, object],
    about: Mapping[str, Any],
    *,
    keys: str,
    made_at: datetime,
    sign: Callable[[bytes], Awaitable[str]],
) -> bytes:
    """Pack files, a manifest that says what they are, and its signature."""
    written = {"README.txt": README.format(keys=keys).encode()}
    written |= {name: _json(content) for name, content in files.items()}
    sums = {
        name: {"sha256": hashlib.sha256(raw).hexdigest(), "bytes": len(raw)}
        for name, raw in written.items()
    }
    manifest = _json({"format": FORMAT, **about, "made_at": made_at, "files": sums})
    written[MANIFEST] = manifest
    written[SIGNATURE] = (await sign(manifest)).encode()
    return await asyncio.to_thread(_packed, written, made_at)


def _packed(written: Mapping[str, bytes], made_at: datetime) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archived:
        for name, raw in written.items():
            entry = zipfile.ZipInfo(name, made_at.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            archived.writestr(entry, raw)
    return packed.getvalue()


def _json(content: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(content)) + b"\n"
