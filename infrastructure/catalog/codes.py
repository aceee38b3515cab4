"""What was scanned: a number on the package, or an address that a QR picture holds."""

from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

GTIN_14 = 14
PRODUCT_PATH = "products"


class Scanned(NamedTuple):
    """Which column of the variants to look in, and for what."""

    column: str
    code: str


def of_address(text: str) -> Scanned | None:
    """Read a GS1 Digital Link or one of our own addresses, or give None for any other text.

    A Digital Link (GS1 Digital Link URI Syntax 1.4, 4.8) has its key in the path, …/01/<gtin>, and
    qualifiers such as lot and serial behind it. Ours is …/products/<slug>?variant=<id>.
    """
    if not text.startswith(("https://", "http://")):
        return None
    try:
        address = urlsplit(text)
    except ValueError:
        return None
    parts = address.path.strip("/").split("/")
    if "01" in parts[:-1]:
        return Scanned("gtin", parts[parts.index("01") + 1])
    variant = parse_qs(address.query).get("variant", [])
    if PRODUCT_PATH in parts and len(variant) == 1:
        return Scanned("variant_id", variant[0])
    return None


def digital_link(base: str, gtin: str) -> str:
    """Write a GTIN as a GS1 Digital Link, in 14 digits as the standard has it."""
    return f"{base.rstrip('/')}/01/{gtin.zfill(GTIN_14)}"


def own_address(base: str, slug: str, variant_id: str) -> str:
    """Write where a shop shows a variant."""
    return f"{base.rstrip('/')}/{PRODUCT_PATH}/{slug}?variant={variant_id}"
