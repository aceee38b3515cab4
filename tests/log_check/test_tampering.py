"""What somebody with the whole database can do to a log, each found and named (AUD-01, WLT-13)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest

from infrastructure.sealing.leaves import Leaf
from tests.log_check.forging import SEALED, SealedLog, sound

pytestmark = [pytest.mark.row("AUD-01"), pytest.mark.row("WLT-13")]

PLACE = 299
"""A received transfer, sealed by the third checkpoint; its block ends at 512."""


@dataclass(frozen=True)
class Found:
    code: str
    position: int
    until: int


async def first_finding(log: SealedLog) -> tuple[Found, str]:
    """What is found first, once the log was sound before."""
    found = (await log.verify()).findings[0]
    return Found(found.code, found.position, found.until), found.what


async def test_what_nobody_touched_is_sound(log: SealedLog) -> None:
    verified = await log.verify()
    assert sound(verified)
    assert (verified.events, verified.sealed, verified.unsealed) == (701, 701, 0)
    assert (verified.checkpoints, verified.entries) == (len(SEALED), 350)
    assert sound(await log.verify(books=False))


CHANGES = {
    "data": ("data = overlay(data placing '9' from 12)", "seal.root_wrong"),
    "data that can not be read": ("data = '{}'", "log.event_impossible"),
    "meta": ("meta = replace(convert_from(meta, 'UTF8'), 'deniz', 'derin')::bytea", None),
    "meta that says another command": (
        "meta = regexp_replace(convert_from(meta, 'UTF8'), '[0-9a-f]{8}-', '00000000-')::bytea",
        "log.event_id_wrong",
    ),
    "meta that can not be read": ("meta = '{'", "log.event_impossible"),
    "event_id": ("event_id = gen_random_uuid()", "log.event_id_wrong"),
    "stream": ("stream = 'wallet-wal_cccc', version = 1", "log.event_impossible"),
    "version": ("version = 9999", "log.version_wrong"),
    "type": ("type = 'wallet.transfer_taken_back'", "log.event_impossible"),
    "type that nobody knows": ("type = 'wallet.money_found'", "log.event_unknown"),
    "schema": ("schema = 2", "log.event_unknown"),
    "recorded_at": ("recorded_at = recorded_at + interval '1 microsecond'", None),
    "recorded_at, to an earlier day": ("recorded_at = '2026-01-01Z'", "log.time_wrong"),
    "recorded_at, to the end of days": ("recorded_at = 'infinity'", "log.time_wrong"),
}


@pytest.mark.parametrize("column", CHANGES)
async def test_a_change_in_any_column_is_found(log: SealedLog, column: str) -> None:
    assert sound(await log.verify())
    change, code = CHANGES[column]
    log.execute(f"UPDATE defter.events SET {change} WHERE position = {PLACE}")  # noqa: S608 - our own
    verified = await log.verify()
    [signed] = [one for one in verified.findings if one.code == "seal.root_wrong"]
    assert (signed.position, signed.until) == (257, 301)
    assert "102 to 301 are not those of the checkpoint of 301" in signed.what
    first = verified.findings[0]
    if code not in {None, "seal.root_wrong"}:
        assert (first.code, first.position, first.until) == (code, PLACE, PLACE)
        assert "it is not what was sealed, says the checkpoint of 301" in first.what


@pytest.mark.parametrize(
    "column", ["event_id", "stream", "version", "type", "schema", "recorded_at", "data", "meta"]
)
@pytest.mark.parametrize("place", [1, PLACE, 701])
async def test_a_field_that_is_gone_is_missed_where_it_stood(
    log: SealedLog, column: str, place: int
) -> None:
    assert sound(await log.verify())
    log.execute(f"ALTER TABLE defter.events ALTER {column} DROP NOT NULL")
    log.execute(f"UPDATE defter.events SET {column} = NULL WHERE position = {place}")  # noqa: S608 - our own
    findings = {one.code: one for one in (await log.verify()).findings}
    torn = findings["log.event_impossible"]
    assert (torn.position, torn.until) == (place, place)
    assert "can not be read" in torn.what
    assert "seal.root_wrong" in findings


async def test_a_change_of_money_that_every_rule_allows_is_found_by_the_seal(
    log: SealedLog,
) -> None:
    assert sound(await log.verify())

    def dearer(event: Leaf) -> Leaf:
        data = event.data.replace(b'"minor":246', b'"minor":245')
        data = data.replace(b'"minor":-246', b'"minor":-245')
        return event._replace(data=data)

    log.rewrite(lambda events: map(dearer, events))
    found, what = await first_finding(log)
    assert found == Found("seal.root_wrong", 257, 301)
    assert "the first root kept over a block that tells otherwise is that of 257 to 512" in what


async def test_a_removed_event_is_missed(log: SealedLog) -> None:
    assert sound(await log.verify())
    log.execute("DELETE FROM defter.events WHERE position = %s", PLACE)
    found, what = await first_finding(log)
    assert found == Found("log.event_missing", PLACE, PLACE)
    assert "the checkpoint of 701 holds it" in what


async def test_an_event_that_was_moved_to_another_tenant_is_missed(log: SealedLog) -> None:
    assert sound(await log.verify())
    log.execute("UPDATE defter.events SET tenant_id = %s WHERE position = %s", uuid4(), PLACE)
    assert (await first_finding(log))[0] == Found("log.event_missing", PLACE, PLACE)


def renumbered(events: Iterable[Leaf]) -> list[Leaf]:
    """Count positions and versions anew, so that nothing shows that something was there."""
    versions: dict[str, int] = {}
    done: list[Leaf] = []
    for position, event in enumerate(events, 1):
        version = versions[event.stream] = versions.get(event.stream, 0) + 1
        done.append(event._replace(position=position, version=version))
    return done


async def test_a_removed_command_is_found_although_all_numbers_were_counted_anew(
    log: SealedLog,
) -> None:
    assert sound(await log.verify())
    log.rewrite(lambda events: renumbered(events[:297] + events[299:]))
    verified = await log.verify()
    [signed] = [one for one in verified.findings if one.code == "seal.root_wrong"]
    assert (signed.position, signed.until) == (257, 301)
    [cut] = [one for one in verified.findings if one.code == "log.cut"]
    assert (cut.position, cut.until) == (700, 701)


async def test_an_inserted_command_is_found_although_all_numbers_were_counted_anew(
    log: SealedLog,
) -> None:
    assert sound(await log.verify())

    def with_more(events: list[Leaf]) -> list[Leaf]:
        again = [event._replace(meta=b"{}", event_id=uuid4()) for event in events[295:297]]
        return renumbered([*events[:297], *again, *events[297:]])

    log.rewrite(with_more)
    verified = await log.verify()
    [signed] = [one for one in verified.findings if one.code == "seal.root_wrong"]
    assert (signed.position, signed.until) == (257, 301)


async def test_an_inserted_event_is_found_where_it_stands(log: SealedLog) -> None:
    assert sound(await log.verify())

    def with_one(events: list[Leaf]) -> list[Leaf]:
        return renumbered([*events[:PLACE], events[PLACE - 1], *events[PLACE:]])

    log.rewrite(with_one)
    found, _ = await first_finding(log)
    assert found == Found("log.event_id_wrong", PLACE + 1, PLACE + 1)


async def test_two_swapped_events_are_found(log: SealedLog) -> None:
    assert sound(await log.verify())

    def swapped(events: list[Leaf]) -> list[Leaf]:
        one, other = events[PLACE - 1], events[PLACE]
        later = other._replace(recorded_at=one.recorded_at)
        sooner = one._replace(recorded_at=one.recorded_at + timedelta(seconds=1))
        return renumbered([*events[: PLACE - 1], later, sooner, *events[PLACE + 1 :]])

    log.rewrite(swapped)
    verified = await log.verify()
    named = {one.code: (one.position, one.until) for one in verified.findings}
    # The command that begins too early looks right; the one that it interrupts does not.
    assert named["log.event_id_wrong"] == (PLACE + 1, PLACE + 1)
    assert named["seal.root_wrong"] == (257, 301)


async def test_a_cut_tail_is_found_by_the_checkpoint_that_is_kept(log: SealedLog) -> None:
    assert sound(await log.verify())
    log.execute("DELETE FROM defter.events WHERE position > 601")
    found, what = await first_finding(log)
    assert found == Found("log.cut", 602, 701)
    assert "the log ends at 601, but its checkpoint of 701 was kept" in what


async def test_a_tail_cut_together_with_its_checkpoints_is_missed_by_who_follows_the_log(
    log: SealedLog,
) -> None:
    assert sound(await log.verify())
    log.execute("DELETE FROM defter.events WHERE position > 601")
    log.execute("DELETE FROM defter.log_checkpoints WHERE size > 600")
    codes = [one.code for one in (await log.verify()).findings]
    assert codes == ["seal.checkpoint_missing", "log.cut"]


async def test_an_altered_snapshot_is_found(log: SealedLog) -> None:
    add = "INSERT INTO defter.snapshots VALUES (%s, 'wallet-wal_aaaa', 2, 3, %s)"
    log.execute(add, log.tenant_id, b'{"wallet_id":"wal_aaaa"}')
    found, what = await first_finding(log)
    assert found.code == "snapshot.wrong"
    assert "snapshot of wallet-wal_aaaa" in what


async def test_a_bug_that_was_sealed_is_told_apart_from_a_change(log: SealedLog) -> None:
    log.execute("UPDATE defter.events SET version = 9999 WHERE position = 299")
    log.reseal(await log.stolen_keys())
    _, what = await first_finding(log)
    assert "it was so when it was sealed, says the checkpoint of 701" in what
