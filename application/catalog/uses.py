"""Count products under categories and brands, as they come and go."""

from collections.abc import Iterable

from application.book import Book
from domain.catalog.sorting.events import UseChanged
from domain.catalog.sorting.uses import Kind, Use


def count(book: Book, kind: Kind, *, old: Iterable[str], new: Iterable[str]) -> None:
    """Count a product where it came and no longer where it left."""
    before, after = dict.fromkeys(old), dict.fromkeys(new)
    moved = before.keys() ^ after.keys()
    book.need(*((Use, kind.key(one)) for one in moved))
    left = [UseChanged(kind.value, one, -1) for one in before if one not in after]
    came = [UseChanged(kind.value, one, 1) for one in after if one not in before]
    book.record(*left, *came)
