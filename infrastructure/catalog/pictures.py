"""Codes as SVG pictures, for labels: QR, and the barcode that fits a number."""

# The library has no types.
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false

from itertools import groupby
from typing import Any
from xml.sax.saxutils import escape

from reportlab.graphics import renderSVG
from reportlab.graphics.barcode import createBarcodeDrawing
from reportlab.graphics.barcode.qr import QrCodeWidget

QUIET_MODULES = 4
"""The empty margin of a QR code that ISO/IEC 18004 asks for."""

BAR_HEIGHT = 72
EAN_OF_DIGITS = {8: "EAN8", 12: "UPCA", 13: "EAN13"}
_NO_TITLE = "<title>...</title>"


class NotDrawable(ValueError):
    """Code 128 has no letters beyond ASCII."""


def qr_of(text: str) -> bytes:
    """Draw a QR code that is still read with 15 % of it lost (level M)."""
    widget: Any = QrCodeWidget(text, barLevel="M")
    code = widget.qr
    code.make()
    side = code.getModuleCount() + 2 * QUIET_MODULES
    path = "".join(
        _run(x, y, length) for y, row in enumerate(code.modules) for x, length in _dark(row)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}"'
        f' shape-rendering="crispEdges"><title>{escape(text)}</title>'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{path}"/></svg>'
    ).encode()


def barcode_of(gtin: str | None, sku: str) -> bytes:
    """Draw a GTIN as EAN or UPC; a GTIN-14 and a SKU, which those can not hold, as Code 128."""
    kind, value = EAN_OF_DIGITS.get(len(gtin or "")), gtin or sku
    if not value.isascii():
        raise NotDrawable(f"Code 128 can not hold {value}")
    told: dict[str, Any] = {"value": value, "barHeight": BAR_HEIGHT}
    told |= {} if kind else {"humanReadable": True}
    svg = renderSVG.drawToString(createBarcodeDrawing(kind or "Code128", **told))
    return svg.replace(_NO_TITLE, f"<title>{escape(value)}</title>").encode()


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
