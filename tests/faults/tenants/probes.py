"""Requests made of the OpenAPI document, with a place in each for what belongs to somebody."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from tests.faults.tenants.belongings import Ids

Json = dict[str, Any]

IN_BODIES: Mapping[str, str] = {
    "source": "account",
    "destination": "account",
    "account": "account",
    "owner": "customer_id",
    "target": "wallet_id",
    "email": "email",
    "refresh_token": "refresh_token",
    "code": "code",
    **{name: name for name in ("wallet_id", "hold_id", "capture_id", "customer_id", "staff_id")},
    **{name: name for name in ("variant_id", "price_list_id", "location_id")},
}
"""Which kind of thing a field of a body names."""

OTHERWISE: Mapping[tuple[str, str], str] = {
    ("wallet_transfer_funds", "source"): "wallet_id",
    ("wallet_transfer_funds_batch", "source"): "wallet_id",
    ("ledger_open_account", "code"): "account",
}

IN_QUERIES: Mapping[str, str] = {
    "owner": "{customer_id}",
    "actor": "{customer_id}",
    "stream": "wallet-{wallet_id}",
    "object_id": "{wallet_id}",
    "q": "{email}",
    "variant_id": "{variant_id}",
}
"""Which filters name somebody. `on_behalf_of` is of our own log, where staff may have named whom
they wanted: what these very requests left there would tell one name from the other."""

HARMFUL: frozenset[str] = frozenset({"identity_logout", "identity_end_sessions"})
"""What names nothing of anybody's and would only end the session that asks."""

MADE = re.compile(r"\b[a-z]{3}_[0-9a-z]{26}\b")
"""Ids that the asking tenant's own things were given."""

OF_EACH_TENANT = frozenset(
    {"event", "period", "position", "purpose", "read_model", "sha256", "uid"}
)
"""Months, places of a log, purposes, read models and contents are named alike everywhere, and what
a tag says is for every customer of its tenant."""

OF_THE_SHOP = frozenset({"product_id", "variant_id", "collection_id"})
"""What every customer of a tenant may see."""


@dataclass(frozen=True)
class Operation:
    """One operation of the document."""

    name: str
    method: str
    path: str
    parameters: tuple[Json, ...]
    body: Json | None
    fields: frozenset[str]
    public: bool
    hands_out_tokens: bool

    @property
    def in_path(self) -> tuple[str, ...]:
        """The kinds that the path names."""
        return tuple(one["name"] for one in self.parameters if one["in"] == "path")

    @property
    def named(self) -> tuple[str, ...]:
        """The fields of the body, or of a batch's commands, that name something."""
        return tuple(sorted(self.fields & IN_BODIES.keys()))


def operations_of(described: Json) -> Iterator[Operation]:
    """Give every operation of the document."""
    for path, methods in described["paths"].items():
        for method, one in methods.items():
            media = one.get("requestBody", {}).get("content", {}).get("application/json", {})
            yield Operation(
                one["operationId"],
                method.upper(),
                path,
                tuple(one.get("parameters", ())),
                media.get("example", {} if media else None),
                frozenset(_fields(media.get("schema", {}), described)),
                public=not one["security"],
                hands_out_tokens=one["security"] == [{"ApiKey": []}] and "x-permission" not in one,
            )


@dataclass(frozen=True)
class Probe:
    """A request with places for names: `{wallet_id}` stands for whoever's wallet it is."""

    label: str
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    body: Json | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def of(
        cls,
        operation: Operation,
        own: Ids,
        *,
        theirs: frozenset[str] = frozenset(),
        field_of: str = "",
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> "Probe":
        """Name `theirs` of the path, and one field, after somebody; the rest is own."""
        path = operation.path
        for kind in operation.in_path:
            if kind not in theirs:
                path = path.replace(f"{{{kind}}}", OWN_NAMES.get(kind) or own[kind])
        body = operation.body
        if body is not None:
            body = _named(operation, body, own, field_of)
        place = ", ".join([*sorted(theirs), field_of, *(query or ()), *(headers or ())])
        label = f"{operation.method} {operation.path} ({place.strip(', ')})"
        return cls(label, operation.method, path, query or {}, body, headers or {})

    def send(
        self, http: httpx.Client, url: str, ids: Ids, headers: Mapping[str, str]
    ) -> httpx.Response:
        """Send it with somebody's names."""
        return http.request(
            self.method,
            url + _filled(self.path, ids),
            params={name: _filled(text, ids) for name, text in self.query.items()},
            json=None if self.body is None else json.loads(_filled(json.dumps(self.body), ids)),
            headers={
                **headers,
                "Idempotency-Key": uuid4().hex,
                **{name: _filled(text, ids) for name, text in self.headers.items()},
            },
        )

    def said(self, ids: Ids) -> str:
        """Give all that the request says of somebody."""
        parts = (self.path, *self.query.values(), json.dumps(self.body), *self.headers.values())
        return " ".join(_filled(part, ids) for part in parts)


OWN_NAMES: Mapping[str, str] = {
    "event": "1",
    "period": "2026-01",
    "position": "1",
    "purpose": "terms",
    "read_model": "wallet_balances",
    "sha256": "0" * 64,
    "uid": "04A2B3C4D5E6F7",
}


def probes_of(operation: Operation, own: Ids, *, in_paths_alone: bool) -> Iterator[Probe]:
    """Give every way to name something of another's in an operation."""
    if operation.name in HARMFUL:
        return
    alike = OF_EACH_TENANT | OF_THE_SHOP if in_paths_alone else OF_EACH_TENANT
    kinds = frozenset(operation.in_path) - alike
    some = {kinds, *(frozenset({one}) for one in kinds), *(kinds - {one} for one in kinds)}
    for theirs in sorted(some - {frozenset()}, key=sorted):
        yield Probe.of(operation, own, theirs=theirs)
    if not in_paths_alone:
        yield from (Probe.of(operation, own, field_of=name) for name in operation.named)
        for one in operation.parameters:
            if one["in"] == "query" and one["name"] in IN_QUERIES:
                yield Probe.of(operation, own, query={one["name"]: IN_QUERIES[one["name"]]})


def named_in(told: object, ids: Ids) -> object:
    """Give a problem with the names that were asked for taken out."""
    text = json.dumps(told, sort_keys=True)
    for kind, name in sorted(ids.items(), key=lambda one: -len(one[1])):
        text = text.replace(name, f"<{kind}>")
    return MADE.sub("<made>", text)


def _named(operation: Operation, body: Json, own: Ids, field_of: str) -> Json:
    if "commands" in body:
        commands = [_named(operation, one, own, field_of) for one in body["commands"]]
        return {**body, "commands": commands}
    named = dict(body)
    for name in body.keys() & IN_BODIES.keys():
        if name not in {"email", "code", "customer_id", "refresh_token"}:
            named[name] = own[_kind(operation, name)]
    if field_of:
        named[field_of] = f"{{{_kind(operation, field_of)}}}"
    return named


def _kind(operation: Operation, name: str) -> str:
    return OTHERWISE.get((operation.name, name), IN_BODIES[name])


def _filled(text: str, ids: Ids) -> str:
    for kind, name in ids.items():
        text = text.replace(f"{{{kind}}}", name)
    return text


def _fields(schema: Json, described: Json) -> Iterator[str]:
    while "$ref" in schema:
        schema = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for name, one in schema.get("properties", {}).items():
        yield name
        if name == "commands":
            yield from _fields(one["items"], described)
