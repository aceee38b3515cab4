"""Every shape an event was ever stored in is read; today's is written byte for byte."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from domain.kernel.events import Event, Personal
from domain.kernel.money import Money
from domain.ledger.events import EntryPosted
from domain.wallet.events import HoldPlaced
from infrastructure.event_log.codec import Codec, UnknownEvent, decode
from infrastructure.event_log.event_types import EVENT_TYPES
from tests.architecture.registries import samples_out_of_step
from tests.architecture.source import ROOT
from tests.architecture.stored_shapes import SHAPES
from tests.architecture.stored_values import ENTRY

SAMPLES = ROOT / "tests" / "samples"


def no_seal(personal: Personal) -> str:
    raise AssertionError(f"{personal} is sealed already")


def differing(folder: Path, shapes: Mapping[tuple[str, int], Event]) -> list[str]:
    """Find samples that no longer mean, or are no longer written as, what they were."""
    found: list[str] = []
    for (name, schema), expected in shapes.items():
        stored = (folder / f"{name}.v{schema}.json").read_bytes()
        try:
            value = decode(name, schema, stored)
        except (msgspec.ValidationError, UnknownEvent) as unreadable:
            found.append(f"{name}.v{schema} reads no more: {unreadable}")
            continue
        if value != expected:
            found.append(f"{name}.v{schema} means {value}")
        if schema == EVENT_TYPES[name].SCHEMA and Codec(no_seal).encode(value) != stored:
            found.append(f"{name}.v{schema} is written otherwise")
    return found


def test_every_stored_shape_has_a_sample_and_a_meaning() -> None:
    assert samples_out_of_step(SAMPLES, EVENT_TYPES) == []
    assert {f"{name}.v{schema}.json" for name, schema in SHAPES} == {
        file.name for file in SAMPLES.iterdir()
    }


def test_every_sample_means_and_is_written_what_it_was() -> None:
    assert differing(SAMPLES, SHAPES) == []


@pytest.mark.parametrize(
    ("planted", "reason"),
    [
        (b'{"mode":"closed_loop"}', "means"),
        (b'{"mode": "licensed"}', "written otherwise"),
        (b'{"mode":"licensed","more":1}', "written otherwise"),
        (b"{}", "reads no more"),
    ],
)
def test_a_sample_that_changed_is_found(tmp_path: Path, planted: bytes, reason: str) -> None:
    shape = ("wallet.scheme_chosen", 1)
    (tmp_path / "wallet.scheme_chosen.v1.json").write_bytes(planted)
    [found] = differing(tmp_path, {shape: SHAPES[shape]})
    assert reason in found


def test_a_missing_or_idle_sample_is_found(tmp_path: Path) -> None:
    (tmp_path / "wallet.idle.v1.json").touch()
    types = {"wallet.opened": EVENT_TYPES["wallet.opened"]}
    assert samples_out_of_step(tmp_path, types) == ["wallet.idle.v1.json", "wallet.opened.v1.json"]


def test_a_shape_of_a_later_release_is_never_guessed() -> None:
    with pytest.raises(UnknownEvent):
        decode("wallet.opened", 2, b"{}")
    with pytest.raises(UnknownEvent):
        decode("wallet.unheard_of", 1, b"{}")


def test_an_entry_says_which_month_it_adjusts_only_if_it_does() -> None:
    # The text that looks like the field is left as it is.
    words = Personal("usr_ada", sealed=',"adjusts":null}')
    plain = EntryPosted("jrn_1", ENTRY, words)
    late = EntryPosted("jrn_1", replace(ENTRY, adjusts="2026-02"), words)
    codec = Codec(no_seal)
    assert codec.encode(plain).count(b"adjusts") == 1
    assert b'"adjusts":"2026-02"' in codec.encode(late)
    for event in (plain, late):
        assert decode(event.NAME, 1, codec.encode(event)) == event


def test_new_words_are_sealed_on_their_way_into_the_log() -> None:
    gift = Personal("usr_ada", "a gift")
    spoken = HoldPlaced("ord_1", "wal_ada", Money(5, "TRY"), gift, "wallet-wal_ada.3", None, ())
    sealed = Codec(lambda words: f"sealed {len(words.text or '')}").encode(spoken)
    assert b'"reference":{"subject":"usr_ada","sealed":"sealed 6"}' in sealed
    assert b"a gift" not in sealed
