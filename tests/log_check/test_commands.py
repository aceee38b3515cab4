"""Ids of events are derived again from the commands that their metas tell (AUD-01)."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID, uuid5

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from infrastructure.log_check.commands import CommandsCheck
from infrastructure.log_check.findings import EVENT_ID_WRONG
from infrastructure.sealing.leaves import Leaf, encoded
from tests.sealing.logs import end_to_end

pytestmark = pytest.mark.row("AUD-01")

NAMES = st.sampled_from(["stf_01", "cus_0002", "", "Ayşe", 'a"b', "a\\b"])


class Command(NamedTuple):
    """What a command tells, and how many events it has."""

    meta: bytes
    command_id: UUID | None
    events: int


@st.composite
def commands(draw: st.DrawFn) -> Command:
    """Make one as the writer tells it, or in another way that says the same."""
    command_id = draw(st.uuids() | st.none())
    told: dict[str, object] = {"actor": draw(NAMES)}
    for name in ("key", "session", "for"):
        if draw(st.booleans()):
            told[name] = draw(NAMES)
    if draw(st.booleans()):
        told["origin"] = {"subject": draw(NAMES), "sealed": "c2VhbGVk"}
    told["command"] = "wallet.transfer_funds"
    if command_id is not None:
        texts = str(command_id), str(command_id).upper(), command_id.hex
        told["command_id"] = texts[draw(st.sampled_from([0, 0, 0, 1, 2]))]
    told |= {"correlation": draw(NAMES), "release": "1"}
    spaced = draw(st.sampled_from([(",", ":"), (",", ":"), (", ", ": ")]))
    meta = json.dumps(told, ensure_ascii=draw(st.booleans()), separators=spaced).encode()
    return Command(meta, command_id, draw(st.sampled_from([1, 2, 2, 3, 12, 300])))


def leaves_of(told: Sequence[Command]) -> list[bytes]:
    events = [(one, n) for one in told for n in range(one.events)]
    return [
        encoded(
            Leaf(
                UUID(int=1),
                position,
                uuid5(one.command_id, str(n)) if one.command_id else UUID(int=position),
                *("s", position, "t", 1, datetime(2026, 1, 1, tzinfo=UTC), b"{}", one.meta),
            )
        )
        for position, (one, n) in enumerate(events, 1)
    ]


def checked(leaves: Sequence[bytes], cuts: Sequence[int]) -> CommandsCheck:
    check = CommandsCheck()
    for begin, end in pairwise([0, *sorted(cut % len(leaves) for cut in cuts), len(leaves)]):
        check.take(end_to_end(leaves[begin:end]))
    return check


def several() -> st.SearchStrategy[list[Command]]:
    """Give commands that follow one another, each with a meta of its own."""
    return st.lists(commands(), min_size=1, max_size=6, unique_by=lambda one: one.meta)


CUTS = st.lists(st.integers(0, 1_000), max_size=3)


@given(several(), CUTS)
def test_ids_that_follow_from_their_commands_are_right(
    told: list[Command], cuts: list[int]
) -> None:
    assert checked(leaves_of(told), cuts).damage is None


@given(several(), CUTS, st.integers(0, 1_000))
def test_an_id_that_does_not_follow_is_found(told: list[Command], cuts: list[int], at: int) -> None:
    leaves = leaves_of(told)
    at %= len(leaves)
    owners = [one for one in told for _ in range(one.events)]
    assume(owners[at].command_id is not None)
    leaves[at] = leaves[at][:36] + bytes(16) + leaves[at][52:]
    damage = checked(leaves, cuts).damage
    assert damage is not None
    assert (damage.position, damage.code) == (at + 1, EVENT_ID_WRONG)
