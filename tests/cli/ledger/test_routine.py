"""Whoever looks at a routine event piece by piece finds what its bytes tell, and nothing else
(WLT-13).
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import json

from domain.wallet.events import HoldPlaced, HoldReleased, TransferReceived
from domain.wallet.holds import Hold
from domain.wallet.wallet import Wallet
from infrastructure.ledger_check import folding
from infrastructure.ledger_check.findings import Damage, Damaged
from infrastructure.ledger_check.folding import LedgerFold
from infrastructure.ledger_check.moves import RULE_OF
from infrastructure.ledger_check.routine import NAMING, ROUTINES
from infrastructure.sealing.layout import Row
from tests.cli.ledger.changes import (
    CHANGES,
    DAYS,
    LOGS,
    NUMBERS,
    OTHERS,
    TWICE,
    day_exchanged,
    field_doubled,
    number_exchanged,
    stored,
    together,
)
from tests.cli.ledger.routine_log import payments
from tests.projections.written_logs import CODEC, Log

pytestmark = pytest.mark.row("WLT-13")


def routine_places(log: Sequence[Row]) -> list[int]:
    return [n for n, row in enumerate(log) if row.type in ROUTINES]


Fold = Callable[[LedgerFold, Sequence[Row]], None]


def by_columns(fold: LedgerFold, log: Sequence[Row]) -> None:
    with mock.patch.object(folding, "TOGETHER_MIN", 2):
        fold.take_all(together(log))


def one_by_one(fold: LedgerFold, log: Sequence[Row]) -> None:
    with mock.patch.object(folding, "TOGETHER_MIN", len(log) + 1):
        fold.take_all(together(log))


def in_two_stretches(fold: LedgerFold, log: Sequence[Row]) -> None:
    by_columns(fold, log[: len(log) // 2])
    by_columns(fold, log[len(log) // 2 :])


def piece_by_piece(fold: LedgerFold, log: Sequence[Row]) -> None:
    for row in log:
        fold.look(row)


Kept = dict[str, tuple[int, bytes]]


def folded(log: Sequence[Row], how: Fold, kept: Kept) -> tuple[LedgerFold, Damage | None]:
    fold = LedgerFold(kept=dict(kept))
    try:
        how(fold, log)
        fold.finish()
    except Damaged as found:
        return fold, found.damage
    return fold, None


def same_either_way(log: Sequence[Row], kept: Kept | None = None) -> Damage | None:
    slow, looked = folded(log, piece_by_piece, kept or {})
    for how in (by_columns, one_by_one, in_two_stretches):
        quick, found = folded(log, how, kept or {})
        assert found == looked
        assert found or quick == slow
    return looked


@pytest.mark.parametrize("log", LOGS)
def test_a_sound_log_is_the_same_either_way(log: Callable[[], Log]) -> None:
    assert same_either_way(stored(log)) is None


@pytest.mark.parametrize("how", [by_columns, one_by_one])
def test_each_kind_of_routine_event_is_taken_without_a_look(
    how: Fold, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = Counter[str]()
    look = LedgerFold.look

    def seen(fold: LedgerFold, row: Row) -> None:
        looked[row.type] += 1
        look(fold, row)

    monkeypatch.setattr(LedgerFold, "look", seen)
    log = stored(payments)
    how(LedgerFold(), log)
    there = Counter(row.type for row in log)
    assert {kind.NAME for kind in {*RULE_OF, *NAMING}} == ROUTINES.keys()
    assert all(looked[name] < there[name] for name in ROUTINES)
    assert {*looked} - {*ROUTINES} == {*there} - {*ROUTINES}


def account_exchanged(data: str, _place: int, new: str) -> str:
    return data.replace('"wallet.held:', f'"{new}:').replace('"wallet.cash:', f'"{new}:')


def digits_exchanged(data: str, _place: int, new: str) -> str:
    """Put as many other digits in the place of the amount's."""
    minor = data.partition('"minor":')[2].partition(",")[0]
    other = (new * len(minor))[: len(minor)]
    return data.replace(f":{minor},", f":{other},").replace(f":-{minor},", f":-{other},")


def currency_exchanged(data: str, _place: int, new: str) -> str:
    return data.replace("TRY", new)


def currency_of_entry_exchanged(data: str, _place: int, new: str) -> str:
    before, entry, after = data.partition('"entry":')
    return before + entry + after.replace("TRY", new)


def id_spoilt(data: str, _place: int, new: str) -> str:
    return data.replace('_id":"', f'_id":"{new}').replace("wallet.cash:", f"wallet.cash:{new}")


def free_text_spoilt(data: str, _place: int, new: str) -> str:
    for name in ("transfer_id", "capture_id", "refund_id", "sealed", "entry_id"):
        data = data.replace(f'"{name}":"', f'"{name}":"{new}')
    return data


def lots_told(data: str, _place: int, new: str) -> str:
    return data.replace('"bonus":[]', f'"bonus":[{new}]')


STRANGE = ("\n", "\\", "\\u0041", "é", "\x7f", " ")
PART = '{"lot_id":"x","amount":{"minor":1,"currency":"TRY"},"expires_at":null}'


@pytest.mark.parametrize(
    ("change", "values"),
    [
        (number_exchanged, NUMBERS),
        (digits_exchanged, ("0", "9", "01")),
        (account_exchanged, ("wallet.gift", "wallet.cash", "wallet.held", "sales.never")),
        (currency_exchanged, ("EUR", "TRYY", "try")),
        (currency_of_entry_exchanged, ("EUR",)),
        (day_exchanged, DAYS),
        (field_doubled, TWICE),
        (id_spoilt, STRANGE),
        (free_text_spoilt, STRANGE),
        (lots_told, (PART,)),
    ],
)
def test_what_is_told_otherwise_is_the_same_either_way(
    change: Callable[[str, int, str], str], values: Sequence[str]
) -> None:
    whole = stored(payments)
    found = set[str]()
    assert same_either_way(whole) is None
    for place in routine_places(whole):
        for at, new in enumerate(values):
            data = change(whole[place].data.decode(), at, new).encode()
            log = [*whole[:place], whole[place]._replace(data=data), *whole[place + 1 :]]
            damage = same_either_way(log)
            if damage is not None:
                found.add(damage.what.partition(" ")[0])
    assert found


def test_an_entry_that_is_named_by_what_is_no_companion_of_it_is_found_either_way() -> None:
    log = list(stored(payments))
    place = next(n for n, row in enumerate(log) if row.type == TransferReceived.NAME)
    received = json.decode(log[place].data, type=TransferReceived)
    released = HoldReleased("hld_none", received.amount, received.entry_id)
    stream, data = "hold-hld_none", CODEC.encode(released)
    log[place] = log[place]._replace(stream=stream, version=1, type=released.NAME, data=data)
    damage = same_either_way(log[: place + 1])
    assert damage is not None
    assert "does not agree" in damage.what


@pytest.mark.parametrize("kind", [Wallet, Hold])
def test_snapshots_are_compared_where_they_stand_either_way(kind: type[Wallet | Hold]) -> None:
    log, states = payments(), dict[str, Any]()
    sound: Kept = {}
    for n, (_, stream, version, event) in enumerate(log.events):
        if event.CATEGORY == kind.CATEGORY:
            states[stream] = kind.evolve(states.get(stream), event)  # type: ignore[arg-type]
            if n < len(log.events) // 2:
                sound[stream] = version, CODEC.encode(states[stream])
    assert len(sound) > 1
    altered: Kept = {
        stream: (version, state.replace(b'"TRY"', b'"EUR"'))
        for stream, (version, state) in sound.items()
    }
    late: Kept = {stream: (99, state) for stream, (_, state) in sound.items()}
    for kept, stale, left in ((sound, [], []), (altered, [*sound], []), (late, [], [*sound])):
        assert same_either_way(stored(payments), kept) is None
        fold, _ = folded(stored(payments), by_columns, kept)
        assert sorted(fold.stale_snapshots) == sorted(stale)
        assert sorted(fold.kept) == sorted(left)


@given(
    which=st.sampled_from(LOGS),
    place=st.integers(0, 10_000),
    change=st.sampled_from(CHANGES),
    at=st.integers(0, 10_000),
    new=st.sampled_from([*OTHERS, *NUMBERS, *DAYS, "\\", '"', "\n", "é", "", "{}"]),
)
def test_a_changed_routine_event_is_the_same_either_way(
    which: Callable[[], Log], place: int, change: Callable[[str, int, str], str], at: int, new: str
) -> None:
    log = list(stored(which))
    places = routine_places(log)
    n = places[place % len(places)]
    changed = change(log[n].data.decode(), at, new)
    log[n] = log[n]._replace(data=changed.encode())
    same_either_way(log)


@given(
    which=st.sampled_from(LOGS),
    place=st.integers(0, 10_000),
    change=st.sampled_from(
        [
            {"schema": 99},
            {"version": 1},
            {"stream": "wallet-wal_bbbb"},
            {"stream": "hold-wal_aaaa"},
            {"type": "wallet.transfer_sent"},
            {"type": "wallet.funds_credited"},
            {"data": b"\xff{}"},
            {"data": b""},
        ]
    ),
)
def test_a_routine_event_in_another_place_is_the_same_either_way(
    which: Callable[[], Log], place: int, change: dict[str, object]
) -> None:
    log = list(stored(which))
    places = routine_places(log)
    n = places[place % len(places)]
    log[n] = log[n]._replace(**change)  # type: ignore[arg-type]
    same_either_way(log)


def test_entries_that_take_a_detour_together_are_found_either_way() -> None:
    log = [
        row._replace(data=row.data.replace(b'"wallet.held:', b'"wallet.gift:'))
        if b'"hld_1_' in row.data and row.type in ROUTINES
        else row
        for row in stored(payments)
    ]
    damage = same_either_way(log)
    assert damage is not None
    assert "does not follow from its rule" in damage.what


def test_a_hold_that_ends_at_no_time_is_found_either_way() -> None:
    log = list(stored(payments))
    last = max(n for n, row in enumerate(log) if row.type == HoldPlaced.NAME)
    spoilt = log[last].data.replace(b':00Z"', b':60Z"')
    assert spoilt != log[last].data
    log[last] = log[last]._replace(data=spoilt)
    damage = same_either_way(log)
    assert damage is not None
    assert "can not be" in damage.what


@given(st.sampled_from(LOGS), st.integers(0, 10_000), st.integers(0, 10_000))
def test_routine_events_that_are_missing_or_told_twice_are_the_same_either_way(
    which: Callable[[], Log], gone: int, twice: int
) -> None:
    log = list(stored(which))
    places = routine_places(log)
    again = log[places[twice % len(places)]]
    log.insert(places[twice % len(places)], again)
    del log[places[gone % len(places)]]
    same_either_way(log)
