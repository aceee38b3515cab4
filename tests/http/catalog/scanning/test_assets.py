"""CAT-10: images, videos and 3D models are kept by content and read by every browser."""

import hashlib
import struct
import zipfile
from collections.abc import AsyncGenerator
from dataclasses import replace
from io import BytesIO

import httpx
import pytest

from infrastructure.identity.vault import Vault
from interfaces.http.app import create_app
from tests.http.conftest import Api

pytestmark = pytest.mark.row("CAT-10")

ASSETS = "/api/admin/assets"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(92))
GLB = b"glTF" + struct.pack("<II", 2, 20) + b"JSON" + bytes(4)


def zipped(name: str, method: int = zipfile.ZIP_STORED) -> bytes:
    kept = BytesIO()
    with zipfile.ZipFile(kept, "w", method) as archive:
        archive.writestr(name, b"#usda 1.0" * 9)
    return kept.getvalue()


FILES = {
    "image/png": PNG,
    "image/jpeg": b"\xff\xd8\xff\xe0" + bytes(60),
    "image/webp": b"RIFF\x40\0\0\0WEBPVP8 " + bytes(48),
    "video/mp4": b"\0\0\0\x18ftypisom" + bytes(48),
    "model/gltf-binary": GLB,
    "model/vnd.usdz+zip": zipped("scene.usdc"),
}


@pytest.fixture
async def client(shop: Api, database_url: str) -> AsyncGenerator[httpx.AsyncClient]:
    """Give a client of an application that can write files."""
    vault = Vault(database_url)
    await vault.open()
    settings = shop.services.settings.model_copy(update={"asset_bytes_max": 1_000})
    services = replace(shop.services, vault=vault, settings=settings)
    transport = httpx.ASGITransport(create_app(services))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as opened:
        yield opened
    await vault.close()


async def given(client: httpx.AsyncClient, shop: Api, content: bytes) -> httpx.Response:
    headers = {"X-API-Key": shop.secret, "Content-Type": "application/octet-stream"}
    return await client.post(ASSETS, content=content, headers=headers)


@pytest.mark.parametrize("kind", FILES)
async def test_what_a_file_is_its_first_bytes_say_and_everybody_reads_it_by_its_hash(
    shop: Api, client: httpx.AsyncClient, kind: str
) -> None:
    content = FILES[kind]
    sha256 = hashlib.sha256(content).hexdigest()
    kept = await given(client, shop, content)
    told = {"sha256": sha256, "url": f"/api/assets/{sha256}", "content_type": kind}
    assert (kept.status_code, kept.json()) == (201, told | {"size": len(content)})
    read = await client.get(kept.json()["url"], headers={"Origin": "https://elsewhere.example"})
    assert (read.status_code, read.content) == (200, content)
    for name, value in {
        "content-type": kind,
        "etag": f'"{sha256}"',
        "cache-control": "public, max-age=31536000, immutable",
        "access-control-allow-origin": "*",
        "cross-origin-resource-policy": "cross-origin",
        "x-content-type-options": "nosniff",
    }.items():
        assert read.headers.get_list(name) == [value]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a" + bytes(60),
        b"\0\0\0\x18ftypheic" + bytes(48),
        b"glTF",
        b"glTF" + struct.pack("<II", 1, 20) + bytes(8),
        b"glTF" + struct.pack("<II", 2, 999) + bytes(8),
        zipped("letter.docx"),
        zipped("scene.usdc", zipfile.ZIP_DEFLATED),
        b"PK\3\4",
    ],
)
async def test_refuses_what_is_no_image_video_or_model(
    shop: Api, client: httpx.AsyncClient, content: bytes
) -> None:
    answer = await given(client, shop, content)
    assert (answer.status_code, answer.json()["code"]) == (415, "catalog.asset_type_unknown")


async def test_a_file_is_as_large_as_the_settings_allow_and_not_a_byte_larger(
    shop: Api, client: httpx.AsyncClient
) -> None:
    assert (await given(client, shop, PNG + bytes(900))).status_code == 201
    answer = await given(client, shop, PNG + bytes(901))
    assert (answer.status_code, answer.json()["code"]) == (413, "request.too_large")
    assert answer.json()["facts"] == {"bytes_max": 1_000}


async def test_the_same_file_is_kept_once_and_no_other_is_there(
    shop: Api, client: httpx.AsyncClient
) -> None:
    first = await given(client, shop, PNG)
    assert (await given(client, shop, PNG)).json() == first.json()
    absent = await client.get(f"/api/assets/{'0' * 64}")
    assert (absent.status_code, absent.json()["code"]) == (404, "catalog.asset_not_found")
    assert absent.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in absent.headers


async def test_who_has_it_is_told_so_and_a_player_reads_a_part(
    shop: Api, client: httpx.AsyncClient
) -> None:
    url = (await given(client, shop, PNG)).json()["url"]
    etag = (await client.get(url)).headers["etag"]
    same = await client.get(url, headers={"If-None-Match": etag})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)
    for asked, first, last in (("0-0", 0, 0), ("10-19", 10, 19), ("90-", 90, 99), ("5-500", 5, 99)):
        part = await client.get(url, headers={"Range": f"bytes={asked}"})
        assert (part.status_code, part.content) == (206, PNG[first : last + 1])
        assert part.headers["content-range"] == f"bytes {first}-{last}/100"
    for whole in ("bytes=9-5", "bytes=0-1,5-6", "bytes=-5", "lines=1-2"):
        assert (await client.get(url, headers={"Range": whole})).content == PNG
    beyond = await client.get(url, headers={"Range": "bytes=100-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, "bytes */100")


async def test_only_staff_with_the_permission_give_files(
    shop: Api, client: httpx.AsyncClient
) -> None:
    key = shop.key(scopes=("catalog.read",))
    answer = await client.post(ASSETS, content=PNG, headers={"X-API-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (403, "auth.permission_missing")
