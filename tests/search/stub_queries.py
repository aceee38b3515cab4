"""What the stub of OpenSearch knows of its query language: every document is looked at."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, cast

Json = dict[str, Any]


class Refused(Exception):
    """What is asked is not of the protocol, or not there."""

    def __init__(self, status: int, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.told = {"error": {"type": kind, "reason": reason}, "status": status}


def _values(document: Json, name: str) -> list[Any]:
    value: Any = document.get(name, [])
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def holding(query: Json) -> Callable[[Json], float | None]:
    """Give what tells the score of a document that fits; None is one that does not."""
    ((kind, given),) = query.items()
    return _QUERIES[kind](given)


def _bool(given: Json) -> Callable[[Json], float | None]:
    assert given.keys() <= {"filter", "should", "minimum_should_match"}
    filters = [holding(one) for one in given.get("filter", [])]
    others = [holding(one) for one in given.get("should", [])]
    least = given.get("minimum_should_match", 0 if filters or not others else 1)

    def holds(document: Json) -> float | None:
        scores = [score for one in others if (score := one(document)) is not None]
        if len(scores) < least or any(one(document) is None for one in filters):
            return None
        return sum(scores, 0.0)

    return holds


def _constant(given: Json) -> Callable[[Json], float | None]:
    holds = holding(given["filter"])
    return lambda document: None if holds(document) is None else float(given["boost"])


def _each(test: Callable[[Any, Any], bool]) -> Callable[[Json], Callable[[Json], float | None]]:
    def of(given: Json) -> Callable[[Json], float | None]:
        ((name, asked),) = given.items()
        return lambda document: (
            1.0 if any(test(value, asked) for value in _values(document, name)) else None
        )

    return of


_LIMITS: dict[str, Callable[[int, int], bool]] = {
    "gte": lambda value, limit: value >= limit,
    "lte": lambda value, limit: value <= limit,
}
_QUERIES: dict[str, Callable[[Json], Callable[[Json], float | None]]] = {
    "match_all": lambda _given: lambda _document: 1.0,
    "bool": _bool,
    "constant_score": _constant,
    "exists": lambda given: lambda one: 1.0 if _values(one, given["field"]) else None,
    "term": _each(lambda value, asked: value == asked),
    "terms": _each(lambda value, asked: value in asked),
    "prefix": _each(lambda value, asked: value.startswith(asked)),
    "range": _each(
        lambda value, asked: all(_LIMITS[one](value, limit) for one, limit in asked.items())
    ),
}


def sorted_by(document: Json, score: float, sort: list[Json]) -> tuple[tuple[Any, ...], list[Any]]:
    values = [score if name == "_score" else document[name] for one in sort for name in one]
    return turned(values, sort), values


def turned(values: list[Any], sort: list[Json]) -> tuple[Any, ...]:
    """Give what rises in this order; text goes by its bytes."""
    orders = [order for one in sort for order in one.values()]
    assert len(values) == len(orders)
    return tuple(
        value.encode() if isinstance(value, str) else -value if order == "desc" else value
        for value, order in zip(values, orders, strict=True)
    )


def aggregated(found: list[Json], everything: list[Json], aggs: Json) -> Json:
    return {name: _aggregation(found, everything, one) for name, one in aggs.items()}


def _aggregation(found: list[Json], everything: list[Json], agg: Json) -> Json:
    below: Json = agg.get("aggs", {})
    match next(kind for kind in agg if kind != "aggs"):
        case "global":
            return {"doc_count": len(everything)} | aggregated(everything, everything, below)
        case "filter":
            holds = holding(agg["filter"])
            left = [one for one in found if holds(one) is not None]
            return {"doc_count": len(left)} | aggregated(left, everything, below)
        case "terms":
            return _terms(found, **agg["terms"])
        case "min":
            return {"value": _extreme(min, found, agg["min"]["field"])}
        case "max":
            return {"value": _extreme(max, found, agg["max"]["field"])}
        case other:
            raise Refused(400, "parsing_exception", f"unknown aggregation {other}")


def _terms(found: list[Json], *, field: str, include: str, size: int) -> Json:
    among = re.compile(include)
    counts = Counter(
        value for one in found for value in set(_values(one, field)) if among.fullmatch(value)
    )
    first = sorted(counts.items(), key=lambda one: (-one[1], one[0].encode()))
    return {
        "doc_count_error_upper_bound": 0,
        "sum_other_doc_count": sum(count for _, count in first[size:]),
        "buckets": [{"key": key, "doc_count": count} for key, count in first[:size]],
    }


def _extreme(choose: Callable[[Iterable[int]], int], found: list[Json], name: str) -> float | None:
    values = [value for one in found for value in _values(one, name)]
    return float(choose(values)) if values else None
