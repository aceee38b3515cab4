"""A chart of the money in a bundle: what moved on each day, and how the accounts changed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from xml.sax.saxutils import escape

from infrastructure.sealing.bundle.books import Books, Days

WIDTH, LEFT, RIGHT = 960, 120, 220
PANEL, GAP, TOP = 200, 70, 50
POINTS_MAX = 366
"""A longer time is drawn in as many steps; what moved in a step is drawn as one."""

ACCOUNTS_MAX = 8
"""Those that changed most have a line."""

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c510a", "#555555")
_STYLE = "text{font:13px sans-serif;fill:#222}.axis{stroke:#999}.line{fill:none;stroke-width:2}"


def chart(books: Books) -> bytes:
    """Draw it as SVG, two panels for each currency."""
    panels: list[str] = []
    for currency in sorted(books.moved):
        steps = _steps(books.moved[currency])
        moved = _in_steps(books.moved[currency], steps)
        panels.append(_panel(f"Moved, {currency}, minor units", steps, _bars(moved), moved))
        lines = {
            account: list(_running(_in_steps(days, steps)))
            for account, days in _most_changed(books.changed(currency))
        }
        values = [value for line in lines.values() for value in line]
        title = f"Accounts, {currency}, minor units, debit above zero; change since the first day"
        panels.append(_panel(title, steps, _lines(lines), values))
    height = TOP + max(len(panels), 1) * (PANEL + GAP)
    placed = [
        f'<g transform="translate(0,{TOP + n * (PANEL + GAP)})">{panel}</g>'
        for n, panel in enumerate(panels)
    ]
    body = "\n".join(placed) or f'<text x="{LEFT}" y="{TOP}">No money moved.</text>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}">\n'
        f'<style>{_STYLE}</style>\n<rect width="100%" height="100%" fill="#fff"/>\n{body}\n</svg>\n'
    ).encode()


def _steps(days: Days) -> list[date]:
    """Give the day with which each step begins."""
    first, last = min(days), max(days)
    wide = (last - first).days // POINTS_MAX + 1
    return [first + timedelta(days=n) for n in range(0, (last - first).days + 1, wide)]


def _in_steps(days: Days, steps: Sequence[date]) -> list[int]:
    wide = (steps[1] - steps[0]).days if len(steps) > 1 else 1
    sums = [0] * len(steps)
    for day, minor in days.items():
        sums[(day - steps[0]).days // wide] += minor
    return sums


def _running(changes: Iterable[int]) -> Iterable[int]:
    total = 0
    for change in changes:
        total += change
        yield total


def _most_changed(accounts: Mapping[str, Days]) -> list[tuple[str, Days]]:
    by_size = sorted(
        accounts.items(), key=lambda one: (-sum(abs(minor) for minor in one[1].values()), one[0])
    )
    return by_size[:ACCOUNTS_MAX]


def _bars(moved: Sequence[int]) -> str:
    low, high = _span(moved)
    wide = max((WIDTH - LEFT - RIGHT) / len(moved) - 1, 0.5)
    return "".join(
        f'<rect x="{_x(n, len(moved)) - wide / 2:.1f}" y="{_y(minor, low, high):.1f}"'
        f' width="{wide:.1f}" height="{_y(0, low, high) - _y(minor, low, high):.1f}"'
        f' fill="{COLOURS[0]}"/>'
        for n, minor in enumerate(moved)
        if minor
    )


def _lines(lines: Mapping[str, Sequence[int]]) -> str:
    low, high = _span([value for line in lines.values() for value in line])
    drawn: list[str] = []
    for n, (account, line) in enumerate(lines.items()):
        points = " ".join(
            f"{_x(at, len(line)):.1f},{_y(minor, low, high):.1f}" for at, minor in enumerate(line)
        )
        colour, name = COLOURS[n], escape(account)
        drawn.append(
            f'<polyline class="line" stroke="{colour}" points="{points}"/>'
            f'<text x="{WIDTH - RIGHT + 20}" y="{16 + n * 20}" style="fill:{colour}">'
            f"{name} {line[-1]:,}</text>"
        )
    return "".join(drawn)


def _panel(title: str, steps: Sequence[date], drawn: str, values: Sequence[int]) -> str:
    low, high = _span(values)
    zero, right = _y(0, low, high), WIDTH - RIGHT
    return (
        f'<text x="{LEFT}" y="-12">{escape(title)}</text>{drawn}'
        f'<line class="axis" x1="{LEFT}" y1="{zero:.1f}" x2="{right}" y2="{zero:.1f}"/>'
        f'<line class="axis" x1="{LEFT}" y1="0" x2="{LEFT}" y2="{PANEL}"/>'
        f'<text x="{LEFT - 8}" y="12" text-anchor="end">{high:,}</text>'
        f'<text x="{LEFT - 8}" y="{PANEL}" text-anchor="end">{low:,}</text>'
        f'<text x="{LEFT}" y="{PANEL + 20}">{steps[0]}</text>'
        f'<text x="{right}" y="{PANEL + 20}" text-anchor="end">{steps[-1]}</text>'
    )


def _span(values: Sequence[int]) -> tuple[int, int]:
    low, high = min(0, *values, 0), max(0, *values, 0)
    return low, high if high > low else low + 1


def _x(at: int, of: int) -> float:
    wide = (WIDTH - LEFT - RIGHT) / of
    return LEFT + wide * (at + 0.5)


def _y(minor: int, low: int, high: int) -> float:
    return PANEL * (high - minor) / (high - low)
