"""Arrays as PostgreSQL reads them from text, for columns of many rows."""

from collections.abc import Sequence
from typing import Any


def array_of(values: Sequence[Any]) -> str:
    """Spell PostgreSQL's array literal; fast for a column without NULL, quote or backslash."""
    if not values:
        return "{}"
    if None not in values:
        first = values[0]
        if type(first) is int:
            return f"{{{','.join(map(str, values))}}}"
        # Days and moments repeat, and spelling one costs more than looking it up.
        spelt = {value: str(value) for value in set(values)} if type(first) is not str else None
        texts = values if spelt is None else [spelt[value] for value in values]
        joined = '","'.join(texts)
        if "\\" not in joined and joined.count('"') == 2 * (len(texts) - 1):
            return f'{{"{joined}"}}'
    return f"{{{','.join(map(_quoted, values))}}}"


def _quoted(value: object) -> str:
    if value is None:
        return "NULL"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
