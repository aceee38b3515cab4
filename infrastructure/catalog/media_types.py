"""What a file is, by its first bytes; what it is called does not count."""

import struct
from collections.abc import Callable

PNG = "image/png"
JPEG = "image/jpeg"
WEBP = "image/webp"
MP4 = "video/mp4"
GLB = "model/gltf-binary"
USDZ = "model/vnd.usdz+zip"

MP4_BRANDS = frozenset({b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1"})
"""Major brands of MPEG-4 video; the pictures that share the container have others (heic, avif)."""

_ZIP_HEAD = struct.Struct("<4sHHHHHIIIHH")
"""The local header of a ZIP's first file (APPNOTE 4.3.7)."""


def media_type_of(content: bytes) -> str | None:
    """Give the media type of an image, video or 3D model, or None for what is none of them."""
    return next((kind for kind, is_one in _KINDS if is_one(content)), None)


def _is_glb(content: bytes) -> bool:
    """Tell a glTF 2.0 binary (its specification, 4.4.2): magic, version, its whole length."""
    if len(content) < 12 or content[:4] != b"glTF":  # noqa: PLR2004 - the header
        return False
    version, length = struct.unpack_from("<II", content, 4)
    return version == 2 and length == len(content)  # noqa: PLR2004 - glTF 2.0


def _is_usdz(content: bytes) -> bool:
    """Tell a USDZ (its specification): a ZIP without compression whose first file is the scene."""
    if len(content) < _ZIP_HEAD.size:
        return False
    magic, _, _, method, *_, name_length, _ = _ZIP_HEAD.unpack_from(content)
    name = content[_ZIP_HEAD.size : _ZIP_HEAD.size + name_length]
    return magic == b"PK\3\4" and method == 0 and name.endswith((b".usd", b".usda", b".usdc"))


def _is_mp4(content: bytes) -> bool:
    return content[4:8] == b"ftyp" and content[8:12] in MP4_BRANDS


def _is_webp(content: bytes) -> bool:
    return content[:4] == b"RIFF" and content[8:12] == b"WEBP"


_KINDS: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    (PNG, lambda content: content.startswith(b"\x89PNG\r\n\x1a\n")),
    (JPEG, lambda content: content.startswith(b"\xff\xd8\xff")),
    (WEBP, _is_webp),
    (MP4, _is_mp4),
    (GLB, _is_glb),
    (USDZ, _is_usdz),
)
