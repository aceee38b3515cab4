"""A stub of an OpenSearch cluster: its REST protocol over a real socket, documents in memory.

Written from the reference of OpenSearch (search, bulk, create index, aliases); it shares no code
with what it is to check. What it does not know of the protocol it refuses as a cluster would. It
can be told to misbehave, as real ones may.
"""

import base64
import json
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from tests.kit.receiver import CLOSE, HANG, Received, answered
from tests.search.stub_queries import Json, Refused, aggregated, holding, sorted_by, turned

LONGS = range(-(2**63), 2**63)
TERM_BYTES_MAX = 32_766


class Fault(Enum):
    """What it does in place of a right answer."""

    DOWN = auto()
    SLOW = auto()
    LOST = auto()
    FORBIDDEN = auto()
    HTML = auto()
    OTHER_JSON = auto()
    PARTIAL = auto()
    TIMED_OUT = auto()
    NOT_COUNTED = auto()
    FULL = auto()
    """It takes no documents."""

    TOO_MUCH = auto()
    """It refuses the question."""


@dataclass
class Index:
    """Documents with their versions: as they were written, and as searches see them."""

    fields: dict[str, str]
    written: dict[str, tuple[int, Json]] = field(default_factory=dict[str, tuple[int, Json]])
    seen: dict[str, Json] = field(default_factory=dict[str, Json])

    def refresh(self) -> None:
        self.seen = {id_: document for id_, (_, document) in self.written.items()}


class StubOpenSearch:
    """One node. `key` is `user:password`."""

    def __init__(self, key: str = "defter:geheim") -> None:
        self.indexes: dict[str, Index] = {}
        self.aliases: dict[str, str] = {}
        self.fault: Fault | None = None
        self.searches = 0
        self._login = f"Basic {base64.b64encode(key.encode()).decode()}"

    def answer(self, request: Received) -> bytes:
        """Answer one request."""
        faults: dict[Fault, bytes] = {
            Fault.DOWN: answered(500, body=b'{"error": "down"}'),
            Fault.SLOW: HANG,
            Fault.LOST: CLOSE,
            Fault.FORBIDDEN: answered(403, body=b'{"error": "no"}'),
            Fault.TOO_MUCH: answered(400, body=b'{"error": "too_many_clauses"}'),
            Fault.HTML: answered(200, body=b"<html>It works</html>"),
            Fault.OTHER_JSON: answered(200, body=b'{"took": 1}'),
        }
        if self.fault in faults:
            return faults[self.fault]
        try:
            told = self._carry_out(request)
        except Refused as refused:
            return answered(refused.status, body=json.dumps(refused.told).encode())
        return answered(200, "Content-Type: application/json", body=json.dumps(told).encode())

    def _carry_out(self, request: Received) -> Json:
        if request.headers.get("authorization") != self._login:
            raise Refused(401, "security_exception", "missing authentication credentials")
        url = urlsplit(request.path)
        asked = {name: values[-1] for name, values in parse_qs(url.query).items()}
        *name, action = url.path.removeprefix("/").split("/")
        match request.method, action:
            case "POST", "_aliases":
                return self._change_aliases(json.loads(request.body)["actions"])
            case "GET", "_alias":
                return self._aliases_of(name[0])
            case "POST", "_bulk":
                lines = [json.loads(line) for line in request.body.splitlines()]
                return self._bulk(name[0], lines, asked)
            case "POST", "_search":
                self.searches += 1
                return self._search(name[0], json.loads(request.body))
            case "PUT", index:
                return self._create(index, json.loads(request.body))
            case _:
                raise Refused(405, "method_not_allowed", f"{request.method} {request.path}")

    def _create(self, name: str, body: Json) -> Json:
        if name in self.indexes or name in self.aliases:
            raise Refused(400, "resource_already_exists_exception", name)
        assert name == name.lower()
        assert body["settings"] == {"number_of_shards": 1, "refresh_interval": "-1"}
        assert body["mappings"]["dynamic"] == "strict"
        kinds = {of: one["type"] for of, one in body["mappings"]["properties"].items()}
        self.indexes[name] = Index(kinds)
        return {"acknowledged": True, "index": name}

    def _found(self, name: str) -> Index:
        name = self.aliases.get(name, name)
        if name not in self.indexes:
            raise Refused(404, "index_not_found_exception", f"no such index [{name}]")
        return self.indexes[name]

    def _aliases_of(self, pattern: str) -> Json:
        assert pattern.endswith("*")
        return {
            name: {"aliases": {alias: {} for alias, of in self.aliases.items() if of == name}}
            for name in self.indexes
            if name.startswith(pattern[:-1])
        }

    def _change_aliases(self, actions: list[Json]) -> Json:
        for one in actions:
            for action, given in one.items():
                self._found(given["index"])
                assert action in {"add", "remove_index"}
        for one in actions:
            if "remove_index" in one:
                gone = one["remove_index"]["index"]
                del self.indexes[gone]
                self.aliases = {of: name for of, name in self.aliases.items() if name != gone}
        self.aliases |= {
            one["add"]["alias"]: one["add"]["index"] for one in actions if "add" in one
        }
        return {"acknowledged": True}

    def _bulk(self, name: str, lines: list[Json], asked: Json) -> Json:
        if asked.get("require_alias") == "true" and name not in self.aliases:
            status = [{"index": {"status": 404}} for _ in lines[::2]]
            return {"errors": True, "items": status}
        index = self._found(name)
        items: list[Json] = []
        for action, document in zip(lines[::2], lines[1::2], strict=True):
            given = action["index"]
            assert given["version_type"] == "external_gte"
            status = self._put(index, given["_id"], given["version"], document)
            items.append({"index": {"_id": given["_id"], "status": status}})
        if asked.get("refresh") == "true":
            index.refresh()
        return {"errors": any(one["index"]["status"] >= 300 for one in items), "items": items}

    def _put(self, index: Index, id_: str, version: int, document: Json) -> int:
        if self.fault is Fault.FULL:
            return 429
        before = index.written.get(id_)
        if before is not None and before[0] > version:
            return 409
        for name, value in document.items():
            if name not in index.fields or not _is(index.fields[name], value):
                return 400
        index.written[id_] = version, document
        return 201 if before is None else 200

    def _search(self, name: str, body: Json) -> Json:
        index = self._found(name)
        unknown = body.keys() - {"query", "size", "sort", "search_after", "aggs", "_source"}
        if unknown != {"track_total_hits"}:
            raise Refused(400, "parsing_exception", f"unknown key {unknown}")
        holds = holding(body.get("query", {"match_all": {}}))
        found = [one for one in index.seen.values() if holds(one) is not None]
        scores = {id(one): holds(one) or 0.0 for one in found}
        hits = [(sorted_by(one, scores[id(one)], body.get("sort", [])), one) for one in found]
        hits.sort(key=lambda hit: hit[0][0])
        after = body.get("search_after")
        if after is not None:
            last = turned(after, body["sort"])
            hits = [hit for hit in hits if hit[0][0] > last]
        told = [{"_index": name, "sort": values} for (_, values), _ in hits[: body["size"]]]
        counted = aggregated(found, list(index.seen.values()), body.get("aggs", {}))
        if self.fault is Fault.NOT_COUNTED:
            counted = {}
        return {
            "took": 1,
            "timed_out": self.fault is Fault.TIMED_OUT,
            "_shards": {"total": 1, "failed": int(self.fault is Fault.PARTIAL)},
            "hits": {"total": {"value": len(found), "relation": "eq"}, "hits": told},
            "aggregations": counted,
        }


def _is(kind: str, value: Any) -> bool:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        return all(_is(kind, one) for one in cast("list[Any]", value))
    if kind == "keyword":
        return isinstance(value, str) and len(value.encode()) <= TERM_BYTES_MAX
    assert kind == "long"
    return isinstance(value, int) and value in LONGS
