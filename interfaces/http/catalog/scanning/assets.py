"""Images, videos and 3D models of products: given by staff, read by every browser."""

import re

import msgspec
from pydantic import BaseModel, Field

from application.permissions import Permission
from application.tenants.tenants import PLATFORM
from infrastructure.catalog import assets
from infrastructure.catalog.assets import Part
from infrastructure.catalog.media_types import GLB, JPEG, MP4, PNG, USDZ, WEBP, media_type_of
from interfaces.http.edge.exchange import NOT_MODIFIED, Exchange
from interfaces.http.edge.security_headers import for_any_page
from interfaces.http.routing.command import JSON
from interfaces.http.routing.route import DefterRoute
from interfaces.http.wire.bodies import read_body
from interfaces.http.wire.documented import EVERY_ROUTE
from interfaces.http.wire.etags import unchanged
from interfaces.http.wire.problems import Problem

PATH = "/api/assets/{sha256}"
OCTETS = "application/octet-stream"
PARTIAL = 206
RANGE_NOT_SATISFIABLE = 416
WHOLE_MAX = 2**31 - 1
FOR_EVER = b"public, max-age=31536000, immutable"
"""What is named by its content never changes (RFC 8246)."""

_RANGE = re.compile(rb"bytes=([0-9]{1,9})-([0-9]{0,9})")
_BY_EVERYBODY = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag, Content-Range, Accept-Ranges"),
)


class AssetView(BaseModel):
    """What was kept, and where everybody reads it."""

    sha256: str = Field(
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]
    )
    url: str
    content_type: str = Field(examples=["model/gltf-binary"])
    size: int


class GiveRoute(DefterRoute):
    """Takes a file as it is; what it is its first bytes say."""

    async def respond(self, exchange: Exchange) -> None:
        """Read, look what it is, keep, answer."""
        services, headers = exchange.services, exchange.headers
        bytes_max = services.settings.asset_bytes_max
        content = await read_body(exchange.receive, headers.get(b"content-length"), bytes_max)
        content_type = media_type_of(content)
        if content_type is None:
            raise Problem(
                415,
                "catalog.asset_type_unknown",
                "an asset is PNG, JPEG, WebP, MP4, glTF binary (.glb) or USDZ",
            )
        tenant_id = exchange.principal.tenant_id
        async with services.vault.tenant(tenant_id) as connection:
            sha256 = await assets.keep(connection, tenant_id, content, content_type)
        told = {
            "sha256": sha256,
            "url": PATH.format(sha256=sha256),
            "content_type": content_type,
            "size": len(content),
        }
        await exchange.answer(201, msgspec.json.encode(told), JSON)


class ReadRoute(DefterRoute):
    """Gives an asset, or a part of it, to whoever asks: a browser sends no key with an image."""

    async def respond(self, exchange: Exchange) -> None:
        """Look, and answer so that it may be kept for ever."""
        sha256 = exchange.path_params["sha256"]
        tag = b'"%b"' % sha256.encode()
        first, most = _asked(exchange)
        part = await _part(exchange, sha256, first, most)
        if part is None:
            raise Problem(404, "catalog.asset_not_found", "there is no such asset")
        headers = [(b"etag", tag), (b"accept-ranges", b"bytes")]
        status = 200
        if (first, most) != (0, WHOLE_MAX):
            if not part.content:
                raise _not_satisfiable(part.size)
            status, last = PARTIAL, first + len(part.content) - 1
            headers.append((b"content-range", b"bytes %d-%d/%d" % (first, last, part.size)))
        exchange.cache_control = FOR_EVER
        exchange.guards = for_any_page(exchange.guards)
        exchange.cross_origin = _BY_EVERYBODY
        kind = part.content_type.encode()
        if unchanged(exchange.headers.get(b"if-none-match"), tag):
            await exchange.answer(NOT_MODIFIED, b"", kind, headers)
            return
        await exchange.answer(status, part.content, kind, headers)


async def _part(exchange: Exchange, sha256: str, first: int, most: int) -> Part | None:
    services = exchange.services
    seconds = services.settings.read_deadline_seconds
    async with services.reads.tenant(PLATFORM, projections=(), deadline_seconds=seconds) as view:
        return await assets.part_of(view.connection, sha256, first=first, most=most)


def _asked(exchange: Exchange) -> tuple[int, int]:
    """Read which part is asked for: one range from a byte on (RFC 9110, 14.1.2).

    What else a client may ask for, several ranges or the last bytes, is answered whole.
    """
    given = _RANGE.fullmatch(exchange.headers.get(b"range", b""))
    if given is None or b"if-range" in exchange.headers:
        return 0, WHOLE_MAX
    first, last = int(given[1]), min(int(given[2] or WHOLE_MAX), WHOLE_MAX - 1)
    if not first <= last:
        return 0, WHOLE_MAX
    return first, last - first + 1


def _not_satisfiable(size: int) -> Problem:
    return Problem(
        RANGE_NOT_SATISFIABLE,
        "request.range_not_satisfiable",
        "the asset ends before this range begins",
        headers=((b"content-range", b"bytes */%d" % size),),
    )


GIVE = GiveRoute(
    "/api/admin/assets",
    method="POST",
    permission=Permission.CATALOG_MANAGE,
    summary="Keep an image, a video or a 3D model; the body is the file as it is",
    name="catalog_give_asset",
    tag="catalog",
    status=201,
    answer=AssetView,
    problems=sorted({400, 413, 415, *EVERY_ROUTE}),
    staff_only=True,
    extra={
        "requestBody": {
            "required": True,
            "content": {OCTETS: {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)

READ = ReadRoute(
    PATH,
    method="GET",
    permission=None,
    summary="Read an asset; it never changes",
    name="catalog_asset",
    tag="catalog",
    status=200,
    answer=str,
    problems=[404, 500, 503],
    extra={"x-answers": PNG, "x-answers-also": [JPEG, WEBP, MP4, GLB, USDZ]},
)
