"""Tables as PDF, for people who print them or send them on.

The letters are Bitstream Vera, which reportlab brings along and which has the Turkish ones. They
are embedded, so that a page looks the same everywhere.
"""

import io
from collections.abc import Sequence
from threading import Lock
from typing import Any

from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfbase.pdfmetrics import (
    registerFont,  # pyright: ignore[reportUnknownVariableType]
    stringWidth,
)
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

PDF = b"application/pdf"

WIDTH_POINTS, HEIGHT_POINTS = landscape(A4)
MARGIN_POINTS = 36.0
GAP_POINTS = 12.0
TITLE_POINTS = 14.0
TEXT_POINTS_MAX = 9.0
"""Long words make the letters of a table smaller; nothing is ever cut off."""

LINE_POINTS = 14.0
LINES_PER_PAGE = 30

_PLAIN, _BOLD = "Vera", "VeraBd"
_PRESS = Lock()
"""One document at a time: the library keeps the letters that it uses with the fonts."""

for _font in (_PLAIN, _BOLD):
    registerFont(TTFont(_font, f"{_font}.ttf"))

Row = Sequence[str]


def as_pdf(
    title: str, facts: Sequence[Row], header: Row, rows: Sequence[Row], *, right: frozenset[int]
) -> bytes:
    """Print facts and a table below a title; the columns in `right` stand at their right edge.

    It is work for a thread: a thousand lines take some tenths of a second.
    """
    out = io.BytesIO()
    sheets = [rows[n : n + LINES_PER_PAGE] for n in range(0, len(rows), LINES_PER_PAGE)] or [()]
    points, widths = _measured([header, *rows])
    with _PRESS:
        canvas: Any = Canvas(out, pagesize=(WIDTH_POINTS, HEIGHT_POINTS), invariant=1)
        canvas.setTitle(title)
        for number, sheet in enumerate(sheets, 1):
            top = HEIGHT_POINTS - MARGIN_POINTS
            canvas.setFont(_BOLD, TITLE_POINTS)
            canvas.drawString(MARGIN_POINTS, top, title)
            canvas.setFont(_PLAIN, TEXT_POINTS_MAX)
            canvas.drawRightString(WIDTH_POINTS - MARGIN_POINTS, top, f"{number} / {len(sheets)}")
            canvas.drawString(
                MARGIN_POINTS,
                top - 1.5 * LINE_POINTS,
                "   ".join(f"{name}: {value}" for name, value in facts),
            )
            below = top - 3 * LINE_POINTS
            canvas.setFont(_BOLD, points)
            _draw(canvas, header, below, widths, right)
            canvas.setFont(_PLAIN, points)
            for n, row in enumerate(sheet, 1):
                _draw(canvas, row, below - n * LINE_POINTS, widths, right)
            canvas.showPage()
        canvas.save()
    return out.getvalue()


def _measured(rows: Sequence[Row]) -> tuple[float, list[float]]:
    """Give the size of the letters and the widths of the columns with which all rows fit."""
    columns = zip(*rows, strict=True)
    widths = [max(stringWidth(text, _BOLD, 1.0) for text in column) for column in columns]
    room = WIDTH_POINTS - 2 * MARGIN_POINTS - GAP_POINTS * (len(widths) - 1)
    points = min(TEXT_POINTS_MAX, room / sum(widths))
    return points, [width * points for width in widths]


def _draw(
    canvas: Any,  # noqa: ANN401 - the library has no types
    row: Row,
    y: float,
    widths: Sequence[float],
    right: frozenset[int],
) -> None:
    x = MARGIN_POINTS
    for n, (text, width) in enumerate(zip(row, widths, strict=True)):
        if n in right:
            canvas.drawRightString(x + width, y, text)
        else:
            canvas.drawString(x, y, text)
        x += width + GAP_POINTS
