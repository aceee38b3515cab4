"""Codes as pictures for labels, SVG or PNG: QR, and the barcode that fits a number."""

# The library has no types.
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false

from io import BytesIO
from itertools import groupby
from typing import Any
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw, ImageFont
from reportlab.graphics import renderSVG
from reportlab.graphics.barcode import createBarcodeDrawing
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import String

QUIET_MODULES = 4
"""The empty margin of a QR code that ISO/IEC 18004 asks for."""

MODULE_PIXELS = 4
"""How wide the narrowest bar of a PNG is: 0.34 mm at the 300 dpi of a label printer."""

LETTERS = 0.8
"""Those of a PNG are taller than those that the places were made for."""

BAR_HEIGHT = 72
BLACK, WHITE = 0, 1
EAN_OF_DIGITS = {8: "EAN8", 12: "UPCA", 13: "EAN13"}
_ANCHORS = {"start": "ls", "middle": "ms", "end": "rs"}
_NO_TITLE = "<title>...</title>"


class NotDrawable(ValueError):
    """Code 128 has no letters beyond ASCII."""


def qr_svg(text: str) -> bytes:
    """Draw a QR code that is still read with 15 % of it lost (level M)."""
    modules = _modules(text)
    side = len(modules) + 2 * QUIET_MODULES
    path = "".join(_run(x, y, length) for y, row in enumerate(modules) for x, length in _dark(row))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}"'
        f' shape-rendering="crispEdges"><title>{escape(text)}</title>'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{path}"/></svg>'
    ).encode()


def qr_png(text: str) -> bytes:
    """Draw the same code in pixels."""
    modules = _modules(text)
    side = (len(modules) + 2 * QUIET_MODULES) * MODULE_PIXELS
    picture = Image.new("1", (side, side), WHITE)
    pen = ImageDraw.Draw(picture)
    for y, row in enumerate(modules):
        for x, length in _dark(row):
            left, top = ((place + QUIET_MODULES) * MODULE_PIXELS for place in (x, y))
            _bar(pen, left, top, length * MODULE_PIXELS, MODULE_PIXELS)
    return _png(picture)


def barcode_svg(gtin: str | None, sku: str) -> bytes:
    """Draw a GTIN as EAN or UPC; a GTIN-14 and a SKU, which those can not hold, as Code 128."""
    value, drawing = _barcode(gtin, sku)
    svg = renderSVG.drawToString(drawing)
    return svg.replace(_NO_TITLE, f"<title>{escape(value)}</title>").encode()


def barcode_png(gtin: str | None, sku: str) -> bytes:
    """Draw the same code in pixels; each bar begins and ends with one."""
    _, drawing = _barcode(gtin, sku)
    [widget] = drawing.contents
    left, bottom, right, top = widget.getBounds()
    scale = MODULE_PIXELS / widget.barWidth
    size = round((right - left) * scale), round((top - bottom) * scale)
    picture = Image.new("1", size, WHITE)
    pen = ImageDraw.Draw(picture)
    for shape in widget.draw().contents:
        if isinstance(shape, String):
            place = (shape.x - left) * scale, (top - shape.y) * scale
            font = ImageFont.load_default(shape.fontSize * scale * LETTERS)
            pen.text(place, shape.text, BLACK, font, anchor=_ANCHORS[shape.textAnchor])
        elif shape.fillColor is not None:
            x, y = round((shape.x - left) * scale), round((top - shape.y - shape.height) * scale)
            _bar(pen, x, y, round(shape.width * scale), round(shape.height * scale))
    return _png(picture)


def _modules(text: str) -> list[list[bool]]:
    widget: Any = QrCodeWidget(text, barLevel="M")
    widget.qr.make()
    return widget.qr.modules


def _barcode(gtin: str | None, sku: str) -> tuple[str, Any]:
    kind, value = EAN_OF_DIGITS.get(len(gtin or "")), gtin or sku
    if not value.isascii():
        raise NotDrawable(f"Code 128 can not hold {value}")
    told: dict[str, Any] = {"value": value, "barHeight": BAR_HEIGHT}
    told |= {} if kind else {"humanReadable": True}
    return value, createBarcodeDrawing(kind or "Code128", **told)


def _bar(pen: ImageDraw.ImageDraw, x: int, y: int, width: int, height: int) -> None:
    pen.rectangle((x, y, x + width - 1, y + height - 1), BLACK)


def _png(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def _dark(row: list[bool]) -> list[tuple[int, int]]:
    """Give where dark modules begin in a row, and how many follow."""
    runs: list[tuple[int, int]] = []
    x = 0
    for dark, group in groupby(row):
        length = len(list(group))
        runs += [(x, length)] if dark else []
        x += length
    return runs


def _run(x: int, y: int, length: int) -> str:
    return f"M{x + QUIET_MODULES} {y + QUIET_MODULES}h{length}v1h-{length}z"
