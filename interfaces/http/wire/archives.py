"""Files to take along: a ZIP whose every byte a signature vouches for.

The signature is a detached JWS (RFC 7515, appendix F) over the manifest, by a key of the JWKS; the
manifest holds the SHA-256 of every other file.
"""

import asyncio
import hashlib
import io
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from interfaces.http.edge.exchange import Exchange

MANIFEST, SIGNATURE = "manifest.json", "manifest.jws"
SIGNATURE_KIND = "defter-manifest+jws"
ZIP = b"application/zip"
PUBLIC_KEYS = "/.well-known/jwks.json"


def keys_url(exchange: Exchange) -> str:
    """Give the address of the keys that verify."""
    return f"{exchange.services.settings.public_url}{PUBLIC_KEYS}"


def as_json(content: object) -> bytes:
    """Write JSON for people, too."""
    return msgspec.json.format(msgspec.json.encode(content)) + b"\n"


async def archive(
    exchange: Exchange, files: Mapping[str, bytes], about: Mapping[str, Any], *, form: str
) -> bytes:
    """Pack files, a manifest that says what they are, and its signature."""
    made_at = datetime.now(UTC)
    sums = {
        name: {"sha256": hashlib.sha256(raw).hexdigest(), "bytes": len(raw)}
        for name, raw in files.items()
    }
    told = {"format": form, "tenant": exchange.principal.slug, **about, "made_at": made_at}
    manifest = as_json({**told, "keys": keys_url(exchange), "files": sums})
    signature = await exchange.services.tokens.sign_detached(manifest, kind=SIGNATURE_KIND)
    signed = {**files, MANIFEST: manifest, SIGNATURE: signature.encode()}
    return await asyncio.to_thread(_packed, signed, made_at)


def _packed(files: Mapping[str, bytes], made_at: datetime) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archived:
        for name, raw in files.items():
            entry = zipfile.ZipInfo(name, made_at.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            archived.writestr(entry, raw)
    return packed.getvalue()
