"""CAT-13: pictures of codes hold what they say, as the standards want them drawn."""

import re
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image

from domain.catalog.gtin import checked
from infrastructure.catalog.codes import digital_link, own_address
from infrastructure.catalog.pictures import (
    NotDrawable,
    barcode_png,
    barcode_svg,
    qr_png,
    qr_svg,
)

pytestmark = [pytest.mark.row("CAT-13"), pytest.mark.row("CAT-14")]

LINK = "https://shop.example/01/08690000000005"
QUIET, SIDE = 4, 37
RUN = re.compile(r"M(\d+) (\d+)h(\d+)v1h-\d+z")


def modules(svg: str) -> set[tuple[int, int]]:
    """Give the dark modules of a picture."""
    runs = [map(int, run.groups()) for run in RUN.finditer(svg)]
    return {(x + n, y) for x, y, length in runs for n in range(length)}


def scanned(picture: Image.Image) -> tuple[str, str]:
    """Read a picture as a scanner does: the kind of code, and what it says."""
    [found] = zxingcpp.read_barcodes(picture)
    return found.format.name, found.text


def drawn(png: bytes) -> Image.Image:
    picture = Image.open(BytesIO(png))
    assert picture.format == "PNG"
    return picture.convert("L")


def test_a_qr_code_has_its_margin_and_its_three_corners() -> None:
    svg = qr_svg(LINK).decode()
    assert f'viewBox="0 0 {SIDE} {SIDE}"' in svg
    dark = modules(svg)
    places = {part for module in dark for part in module}
    assert (min(places), max(places)) == (QUIET, SIDE - QUIET - 1)
    finder = {(x, y) for x in range(7) for y in range(7)} - {
        (x, y) for x in range(1, 6) for y in range(1, 6) if not (1 < x < 5 and 1 < y < 5)
    }
    far = SIDE - QUIET - 7
    for left, top in ((QUIET, QUIET), (far, QUIET), (QUIET, far)):
        corner = {(x - left, y - top) for x, y in dark if 0 <= x - left < 7 and 0 <= y - top < 7}
        assert corner == finder


def test_different_texts_are_different_pictures() -> None:
    assert modules(qr_svg(LINK).decode()) != modules(qr_svg(LINK + "?x").decode())
    assert "<title>a&lt;b&amp;c</title>" in qr_svg("a<b&c").decode()


@pytest.mark.parametrize("gtin", ["96385074", "012345678905", "8690000000005", "18690000000002"])
def test_a_gtin_is_drawn_in_the_barcode_of_its_length(gtin: str) -> None:
    assert f"<title>{gtin}</title>" in barcode_svg(gtin, "MUG-1").decode()


def test_a_sku_is_drawn_as_code_128_where_that_has_its_letters() -> None:
    assert "<title>MUG-1</title>" in barcode_svg(None, "MUG-1").decode()
    with pytest.raises(NotDrawable):
        barcode_svg(None, "ŞİŞE-1")


LONG = "https://shop.example/" + "a" * 300
TEXTS = (
    digital_link("https://shop.example", "8690000000005"),
    own_address("https://shop.example", "cam-bardak", "var_01k3xq8m5wf2v9c7d4h6jt0b1n"),
    "a<b&c",
    LONG,
)


@pytest.mark.parametrize("text", TEXTS)
def test_a_scanner_reads_a_qr_code_as_it_was_told(text: str) -> None:
    assert scanned(drawn(qr_png(text))) == ("QRCode", text)


@pytest.mark.parametrize("text", TEXTS)
def test_a_qr_code_is_the_same_in_both_forms(text: str) -> None:
    svg = modules(qr_svg(text).decode())
    png = drawn(qr_png(text))
    side = max(x for x, _ in svg) + QUIET + 1
    pixels = png.width // side
    places = ((x, y) for x in range(side) for y in range(side))
    assert {one for one in places if not png.getpixel((one[0] * pixels, one[1] * pixels))} == svg


def test_a_qr_code_is_read_with_a_part_of_it_lost_and_not_with_most() -> None:
    picture = drawn(qr_png(TEXTS[0]))
    side = picture.width
    spot = (side // 2, side // 2, side // 2 + side // 8, side // 2 + side // 8)
    picture.paste(255, spot)
    assert scanned(picture) == ("QRCode", TEXTS[0])
    picture.paste(255, (0, side // 3, side, side))
    assert zxingcpp.read_barcodes(picture) == []


@pytest.mark.parametrize(
    ("gtin", "sku", "kind", "text"),
    [
        ("96385074", "MUG-1", "EAN8", "96385074"),
        ("8690000000005", "MUG-1", "EAN13", "8690000000005"),
        ("18690000000002", "MUG-1", "Code128", "18690000000002"),
        (None, "MUG-1", "Code128", "MUG-1"),
        (None, "CAY-BARDAGI/6-LI SET 2.5 x 7", "Code128", "CAY-BARDAGI/6-LI SET 2.5 x 7"),
    ],
)
def test_a_scanner_reads_a_barcode(gtin: str | None, sku: str, kind: str, text: str) -> None:
    assert scanned(drawn(barcode_png(gtin, sku))) == (kind, text)


def test_a_scanner_reads_a_upc_as_the_gtin_it_is() -> None:
    _, text = scanned(drawn(barcode_png("012345678905", "MUG-1")))
    assert checked(text) == "012345678905"


def test_letters_that_code_128_has_not_are_drawn_in_no_form() -> None:
    with pytest.raises(NotDrawable):
        barcode_png(None, "ŞİŞE-1")
