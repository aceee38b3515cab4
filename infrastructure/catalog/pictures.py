"""Codes as SVG pictures, for labels: QR, and the barcode that fits a number."""

from typing import Any

from reportlab.graphics import renderSVG
from reportlab.graphics.barcode import (
    createBarcodeDrawing,  # pyright: ignore[reportUnknownVariableType]
)

QR_QUIET_MODULES = 4
"""The empty margin that ISO/IEC 18004 asks for."""

BAR_HEIGHT = 72
EAN_OF_DIGITS = {8: "EAN8", 12: "UPCA", 13: "EAN13"}


def qr_of(text: str) -> bytes:
    """Draw a QR code that is still read with 15 % of it lost (level M)."""
    return _svg("QR", text, barLevel="M", barBorder=QR_QUIET_MODULES)


def barcode_of(gtin: str | None, sku: str) -> bytes:
    """Draw a GTIN as EAN or UPC; a GTIN-14 and a SKU, which those can not hold, as Code 128."""
    kind = EAN_OF_DIGITS.get(len(gtin or ""))
    if kind is None:
        return _svg("Code128", gtin or sku, barHeight=BAR_HEIGHT, humanReadable=True)
    return _svg(kind, gtin or sku, barHeight=BAR_HEIGHT)


def _svg(kind: str, value: str, **told: Any) -> bytes:  # noqa: ANN401 - what each kind takes
    drawing: Any = createBarcodeDrawing(kind, value=value, **told)
    to_svg: Any = renderSVG.drawToString  # pyright: ignore[reportUnknownMemberType]
    return to_svg(drawing, title=value, desc=kind).encode()
