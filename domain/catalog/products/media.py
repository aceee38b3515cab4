"""What is shown of a product (CAT-09)."""

import re
from urllib.parse import urlsplit

from domain.catalog.content import Medium
from domain.catalog.events import MediaArranged
from domain.catalog.languages import check_locales
from domain.catalog.products.product import IMAGE, Product
from domain.catalog.products.publishing import check_still_whole
from domain.kernel.refusals import Invalid

MEDIA_MAX = 50
URL_LENGTH_MAX = 2_000
ALT_LENGTH_MAX = 500
KINDS = (IMAGE, "video", "model_3d")

_OWN_ASSET = re.compile(r"/api/assets/[0-9a-f]{64}")
_CONTENT_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]{0,80}")
_PLAIN_HTTPS = re.compile(r"https://[a-z0-9-]+(\.[a-z0-9-]+)*/[!-~]*")
"""What most addresses look like; any other one is taken apart to be judged."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


class MediaInvalid(Invalid):
    """A medium can not be shown as it is told; `index` says which, `field` what of it."""

    code = "catalog.media_invalid"


def arrange(product: Product, media: tuple[Medium, ...]) -> tuple[MediaArranged, ...]:
    """Show these, in this order."""
    if len(media) > MEDIA_MAX:
        raise MediaInvalid(f"a product has {MEDIA_MAX} media at most", field="media")
    for index, medium in enumerate(media):
        _check(product, medium, index)
    arranged = MediaArranged(product.product_id, media)
    check_still_whole(product, arranged)
    return (arranged,)


def _check(product: Product, medium: Medium, index: int) -> None:
    alt = medium.alt or {}
    check_locales(alt)
    content_type, sha256, variant_id = medium.content_type, medium.sha256, medium.variant_id
    rules = {
        "url": _OWN_ASSET.fullmatch(medium.url) or _is_https(medium.url),
        "kind": medium.kind in KINDS,
        "alt": all(text.isprintable() and len(text) <= ALT_LENGTH_MAX for text in alt.values()),
        "content_type": content_type is None or _CONTENT_TYPE.fullmatch(content_type),
        "sha256": sha256 is None or _SHA256.fullmatch(sha256),
        "variant_id": variant_id is None or variant_id in product.variants,
    }
    wrong = next((name for name, right in rules.items() if not right), None)
    if wrong is not None:
        raise MediaInvalid(_SAID[wrong], index=index, field=wrong)


_SAID = {
    "url": "an address begins with https://, or names an asset as /api/assets/ and its SHA-256",
    "kind": f"a medium is one of {', '.join(KINDS)}",
    "alt": f"an alternative text is one line of {ALT_LENGTH_MAX} at most",
    "content_type": "a content type is written as image/webp",
    "sha256": "a SHA-256 is 64 hexadecimal digits, in small letters",
    "variant_id": "the product has no such variant",
}


def _is_https(url: str) -> bool:
    if len(url) > URL_LENGTH_MAX or not url.isascii() or not url.isprintable() or " " in url:
        return False
    if _PLAIN_HTTPS.fullmatch(url):
        return True
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and parts.username is None
