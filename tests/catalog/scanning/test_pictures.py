"""CAT-13: pictures of codes hold what they say, as the standards want them drawn."""

import re

import pytest

from infrastructure.catalog.pictures import NotDrawable, barcode_of, qr_of

pytestmark = pytest.mark.row("CAT-13")

LINK = "https://shop.example/01/08690000000005"
QUIET, SIDE = 4, 37
RUN = re.compile(r"M(\d+) (\d+)h(\d+)v1h-\d+z")


def modules(svg: str) -> set[tuple[int, int]]:
    """Give the dark modules of a picture."""
    runs = [map(int, run.groups()) for run in RUN.finditer(svg)]
    return {(x + n, y) for x, y, length in runs for n in range(length)}


def test_a_qr_code_has_its_margin_and_its_three_corners() -> None:
    svg = qr_of(LINK).decode()
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
    assert modules(qr_of(LINK).decode()) != modules(qr_of(LINK + "?x").decode())
    assert "<title>a&lt;b&amp;c</title>" in qr_of("a<b&c").decode()


@pytest.mark.parametrize("gtin", ["96385074", "012345678905", "8690000000005", "18690000000002"])
def test_a_gtin_is_drawn_in_the_barcode_of_its_length(gtin: str) -> None:
    assert f"<title>{gtin}</title>" in barcode_of(gtin, "MUG-1").decode()


def test_a_sku_is_drawn_as_code_128_where_that_has_its_letters() -> None:
    assert "<title>MUG-1</title>" in barcode_of(None, "MUG-1").decode()
    with pytest.raises(NotDrawable):
        barcode_of(None, "ŞİŞE-1")
