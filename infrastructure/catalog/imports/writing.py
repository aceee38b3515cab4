"""Products as rows of a file that an import reads back as they are."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from domain.catalog.languages import in_language
from domain.catalog.slugs import slug_of
from infrastructure.catalog.imports import cells

_BEFORE = ("sku", "product")
_AFTER = (
    "category",
    "brand",
    "tax_class",
    "type",
    "price",
    "list_price",
    "currency",
    "stock",
    "gtin",
    "barcode",
    "weight_grams",
    "images",
    "channel",
    "status",
)
_JOINT = f" {cells.SEPARATOR} "


class Writer:
    """Writes rows under one line of headings; `categories` are all there are, by id."""

    def __init__(
        self, keys: Mapping[str, Sequence[str]], categories: Iterable[Mapping[str, Any]]
    ) -> None:
        self._keys = keys
        self._categories = {one["category_id"]: one for one in categories}

    @property
    def headings(self) -> list[str]:
        """The first line."""
        texts = [f"{word}_{tag}" for tag in self._keys["text"] for word in ("name", "description")]
        return [
            *_BEFORE,
            *texts,
            *_AFTER,
            *(f"attribute.{code}" for code in self._keys["attribute"]),
            *(f"option.{name}" for name in self._keys["option"]),
        ]

    def row(self, one: Mapping[str, Any]) -> list[str]:
        """Write a variant with its product."""
        texts: Mapping[str, Mapping[str, str]] = one["texts"]
        told = [
            texts.get(tag, {}).get(word, "")
            for tag in self._keys["text"]
            for word in ("name", "description")
        ]
        first = one["primary_category_id"]
        ids = sorted(one["category_ids"], key=lambda category_id: category_id != first)
        images = (medium["url"] for medium in one["media"] if medium["kind"] == "image")
        currency = one["currency"] or ""
        return [
            one["sku"],
            one["product_id"],
            *told,
            _JOINT.join(map(self._path, ids)),
            _named(one["brand_name"], one["brand_slug"]) if one["brand_slug"] else "",
            one["tax_class"],
            one["type_id"],
            _amount(one["minor"], currency),
            _amount(one["list_minor"], currency),
            currency,
            "" if one["on_hand"] is None else str(one["on_hand"]),
            one["gtin"],
            one["barcode"],
            str(one["weight_grams"] or ""),
            _JOINT.join(images),
            _JOINT.join(one["channels"]),
            one["status"],
            *(_value(one["attributes"].get(code)) for code in self._keys["attribute"]),
            *(one["options"].get(name, "") for name in self._keys["option"]),
        ]

    def _path(self, category_id: str) -> str:
        parts: list[str] = []
        at: str | None = category_id
        while at is not None and at in self._categories:
            category = self._categories[at]
            parts.insert(0, _named(in_language(category["names"]), category["slug"]))
            at = category["parent_id"]
        return f" {cells.STEP} ".join(parts)


def _named(name: str, slug: str) -> str:
    """Give a name where it leads back, else the slug, which always does."""
    plain = cells.SEPARATOR not in name and cells.STEP not in name
    return name if plain and slug_of(name) == slug else slug


def _amount(minor: int | None, currency: str) -> str:
    return "" if minor is None else cells.written(minor, currency)


def _value(value: Any) -> str:  # noqa: ANN401 - of JSON
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list():
            several = cast("list[str]", value)
            return _JOINT.join(several) + (cells.SEPARATOR if len(several) == 1 else "")
        case _:
            return str(value)
