"""AUD-02: secrets are left out by name, personal text is sealed unless it was opened."""

import re
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from application.aggregates import AGGREGATES
from domain.kernel.events import Personal
from infrastructure.event_log.event_types import EVENT_TYPES
from interfaces.http.audit.shown import (
    CHANGES_MAX,
    SEALED,
    SECRET_NAMES,
    changes,
    path_of,
    plain,
    pointer_of,
    sealed_parts,
    without_secrets,
    worded,
)
from tests.kit.lively.whole import lively

pytestmark = pytest.mark.row("AUD-02")

ADA = Personal("cus_ada", sealed="b64")
STORED = {"subject": "cus_ada", "sealed": "b64"}
SOUNDS_SECRET = re.compile("hash|secret|password|token|_keys?$")
HARMLESS = {"password_length_min", "hashes"}
"""Those of texts to consent to are public, as the texts are."""


def sounding_secret(kinds: list[type]) -> set[str]:
    return {
        field.name
        for kind in kinds
        if is_dataclass(kind)
        for field in fields(kind)
        if SOUNDS_SECRET.search(field.name)
    }


def test_a_field_that_sounds_secret_is_found() -> None:
    assert "key_hash" in sounding_secret(list(EVENT_TYPES.values()))


def test_every_field_that_sounds_secret_is_left_out() -> None:
    found = sounding_secret([*EVENT_TYPES.values(), *AGGREGATES.values()])
    assert found - HARMLESS <= SECRET_NAMES


def test_secrets_go_at_any_depth() -> None:
    given = {"a": [{"secret": "s", "b": 1}], "key_hash": "h", "c": {"code_hash": "h"}}
    assert without_secrets(given) == {"a": [{"b": 1}], "c": {}}


def test_sealed_text_is_found_and_told_only_where_it_was_opened() -> None:
    told = {"name": STORED, "more": [STORED, "plain"]}
    assert list(sealed_parts(told)) == [ADA, ADA]
    assert worded(told, {}) == {"name": SEALED, "more": [SEALED, "plain"]}
    assert worded(told, {ADA: "Ada"}) == {"name": "Ada", "more": ["Ada", "plain"]}
    assert worded(told, {ADA: None})["name"] == SEALED


def test_changes_name_the_fields_that_differ() -> None:
    before = {"a": 1, "same": 2, "deep": {"x/y": 1, "gone": True}, "who": STORED}
    other = {**STORED, "sealed": "other"}
    after = {"a": 2, "same": 2, "deep": {"x/y": 2}, "who": other, "new": [1]}
    assert changes(before, after) == [
        {"pointer": "/a", "before": 1, "after": 2},
        {"pointer": "/deep/x~1y", "before": 1, "after": 2},
        {"pointer": "/deep/gone", "before": True, "after": None},
        {"pointer": "/who", "before": STORED, "after": other},
        {"pointer": "/new", "before": None, "after": [1]},
    ]
    assert changes(None, {"a": 1}) == [{"pointer": "/a", "before": None, "after": 1}]
    many = {str(n): n for n in range(CHANGES_MAX + 1)}
    assert len(changes({}, many)) == CHANGES_MAX


def test_every_state_can_be_told() -> None:
    states: dict[str, Any] = {}
    for _, stream, _, event in lively().events:
        states[stream] = AGGREGATES[event.CATEGORY].evolve(states.get(stream), event)
        assert isinstance(plain(states[stream]), dict)
    assert plain(states["wallet-wal_aaaa"])["owner"] == "usr_wal_aaaa"
    assert len({stream.partition("-")[0] for stream in states}) > 10


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("", ()),
        ("available.minor", ("available", "minor")),
        ("/most/transfer~1TRY/a~0b", ("most", "transfer/TRY", "a~b")),
    ],
)
def test_a_field_is_named_with_full_stops_or_as_a_pointer(
    written: str, path: tuple[str, ...]
) -> None:
    assert path_of(written) == path
    assert path_of(pointer_of(path)) == path
