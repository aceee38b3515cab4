"""Rows of a file as commands."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from application.catalog.importing.shapes import ImportRow, PartOfText
from domain.catalog.imports.imports import Mode
from domain.kernel.ids import ID_PATTERN
from infrastructure.catalog.imports import cells
from infrastructure.catalog.imports.columns import Heading
from infrastructure.catalog.imports.names import Names, made_id
from infrastructure.catalog.imports.refused import CellWrong

PRODUCT_PREFIX = "prd_"


class Reader:
    """Reads rows of one file; `says` is what every row of it has in common."""

    def __init__(
        self, headings: Sequence[Heading], names: Names, *, mode: Mode, dry_run: bool, says: str
    ) -> None:
        self._headings = headings
        self._names = names
        self._common = ImportRow("", mode, dry_run=dry_run, reference=says)

    def row(self, row: Sequence[str]) -> ImportRow:
        """Make a command of a row; an empty cell leaves what is there."""
        given = {heading: cell for heading, cell in zip(self._headings, row, strict=False) if cell}
        if len(row) > len(self._headings) and any(row[len(self._headings) :]):
            raise CellWrong("sku", "the row has more cells than there are columns")
        one = {heading.column: cell for heading, cell in given.items() if not heading.of}
        if "sku" not in one:
            raise CellWrong("sku", "a row names its SKU")
        fields: dict[str, Any] = {"sku": one["sku"]}
        for column, read in _ALONE.items():
            if column in one:
                name, value = read(one[column])
                fields[name] = value
        return replace(self._common, **fields, **self._named(one), **self._grouped(given, one))

    def _named(self, one: dict[str, str]) -> dict[str, Any]:
        """Read what has to be looked up."""
        fields: dict[str, Any] = {}
        names = self._names
        if "category" in one:
            paths = (cells.path(part) for part in cells.several(one["category"]))
            fields["categories"] = tuple(names.path(path) for path in paths if path)
        if "brand" in one:
            fields["brand"] = names.brand(one["brand"])
        if "type" in one:
            fields["type_id"] = names.type_id(one["type"])
        currency = one.get("currency", names.currency)
        for column in ("price", "list_price"):
            if column in one:
                fields[column] = cells.amount(one[column], currency, field=column)
        return fields

    def _grouped(self, given: dict[Heading, str], one: dict[str, str]) -> dict[str, Any]:
        """Read what stands in several columns."""
        texts: dict[str, PartOfText] = {}
        attributes: dict[str, Any] = {}
        options: dict[str, str] = {}
        type_id = self._names.type_id(one["type"]) if "type" in one else None
        for heading, cell in given.items():
            match heading.column:
                case "name" | "description":
                    part = texts.get(heading.of, PartOfText())
                    texts[heading.of] = replace(part, **{heading.column: cell})
                case "attribute":
                    kind = self._names.kind(type_id, heading.of)
                    attributes[heading.of] = cells.value(cell, kind, field=heading.field)
                case "option":
                    options[heading.of] = cell
                case _:
                    pass
        return {"texts": texts, "attributes": attributes, "options": options}


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
