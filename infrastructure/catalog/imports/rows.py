"""Rows of a file as commands."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from application.catalog.importing.shapes import Branch, ImportRow, PartOfText
from domain.catalog.imports.imports import Mode
from domain.kernel.ids import ID_PATTERN
from infrastructure.catalog.imports import cells
from infrastructure.catalog.imports.columns import Heading
from infrastructure.catalog.imports.names import Names, made_id
from infrastructure.catalog.imports.refused import CellWrong

PRODUCT_PREFIX = "prd_"
WORDS_KEPT = 10_000


class Reader:
    """Reads rows of one file; `says` is what every row of it has in common."""

    def __init__(
        self, headings: Sequence[Heading], names: Names, *, mode: Mode, dry_run: bool, says: str
    ) -> None:
        self._width = len(headings)
        self._alone = [(at, one.column) for at, one in enumerate(headings) if not one.of]
        self._of = [(at, one) for at, one in enumerate(headings) if one.of]
        self._names = names
        self._common = {"mode": mode, "dry_run": dry_run, "reference": says}
        # The same few words stand in many rows.
        self._paths = lru_cache(WORDS_KEPT)(self._read_paths)
        self._brand = lru_cache(WORDS_KEPT)(names.brand)
        self._type_id = lru_cache(WORDS_KEPT)(names.type_id)

    def row(self, row: Sequence[str], *, new_ids: tuple[str, str]) -> ImportRow:
        """Make a command of a row; an empty cell leaves what is there."""
        if len(row) != self._width:
            if any(row[self._width :]):
                raise CellWrong("sku", "the row has more cells than there are columns")
            row = [*row[: self._width], *[""] * (self._width - len(row))]
        one = {column: row[at] for at, column in self._alone if row[at]}
        if "sku" not in one:
            raise CellWrong("sku", "a row names its SKU")
        fields: dict[str, Any] = {"sku": one["sku"], "new_ids": new_ids, **self._common}
        for column, read in _ALONE.items():
            if column in one:
                name, value = read(one[column])
                fields[name] = value
        self._put_named(fields, one)
        self._put_grouped(fields, row)
        return ImportRow(**fields)

    def _put_named(self, fields: dict[str, Any], one: dict[str, str]) -> None:
        """Read what has to be looked up."""
        if "category" in one:
            fields["categories"] = self._paths(one["category"])
        if "brand" in one:
            fields["brand"] = self._brand(one["brand"])
        if "type" in one:
            fields["type_id"] = self._type_id(one["type"])
        currency = one.get("currency", self._names.currency)
        for column in ("price", "list_price"):
            if column in one:
                fields[column] = cells.amount(one[column], currency, field=column)

    def _read_paths(self, cell: str) -> tuple[tuple[Branch, ...], ...]:
        paths = (cells.path(part) for part in cells.several(cell))
        return tuple(self._names.path(path) for path in paths if path)

    def _put_grouped(self, fields: dict[str, Any], row: Sequence[str]) -> None:
        """Read what stands in several columns."""
        words: dict[str, dict[str, str]] = {}
        attributes: dict[str, Any] = {}
        options: dict[str, str] = {}
        for at, heading in self._of:
            if not (cell := row[at]):
                continue
            match heading.column:
                case "name" | "description":
                    words.setdefault(heading.of, {})[heading.column] = cell
                case "attribute":
                    kind = self._names.kind(fields.get("type_id"), heading.of)
                    attributes[heading.of] = cells.value(cell, kind, field=heading.field)
                case _:
                    options[heading.of] = cell
        fields["texts"] = {locale: PartOfText(**said) for locale, said in words.items()}
        fields["attributes"] = attributes
        fields["options"] = options


def product_id_of(word: str) -> str:
    """Give the product that rows of one word are of: an id as it is, or one made of the word."""
    if word.startswith(PRODUCT_PREFIX) and ID_PATTERN.fullmatch(word):
        return word
    return made_id("prd", word)


_ALONE: dict[str, Callable[[str], tuple[str, Any]]] = {
    "product": lambda cell: ("product_id", product_id_of(cell)),
    "tax_class": lambda cell: ("tax_class", cell),
    "gtin": lambda cell: ("gtin", cell),
    "barcode": lambda cell: ("barcode", cell),
    "weight_grams": lambda cell: ("weight_grams", cells.whole(cell, field="weight_grams")),
    "stock": lambda cell: ("stock", cells.whole(cell, field="stock")),
    "location": lambda cell: ("location_id", cell),
    "images": lambda cell: ("images", cells.several(cell)),
    "channel": lambda cell: ("channels", cells.several(cell)),
    "status": lambda cell: ("status", cells.status(cell)),
}
