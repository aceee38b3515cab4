"""Seals that were forged with the log: what the database can not tell, the outside can (AUD-01)."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from infrastructure.log_check.outside import public_of
from infrastructure.sealing import notes
from infrastructure.sealing.leaves import Leaf
from tests.log_check.forging import SEALED, SealedLog, sound

pytestmark = [pytest.mark.row("AUD-01"), pytest.mark.row("WLT-13")]


def cheaper(events: list[Leaf]) -> list[Leaf]:
    """Let one transfer, from position 298 on, have been of one kuruş less: every rule allows it."""
    old, new = b'"minor":246', b'"minor":245'
    return [
        event._replace(
            data=event.data.replace(old, new).replace(old.replace(b":", b":-"), b'"minor":-245')
        )
        for event in events
    ]


async def test_a_history_rewritten_without_the_key_is_signed_by_nobody(log: SealedLog) -> None:
    assert sound(await log.verify())
    log.rewrite(cheaper)
    log.reseal([Ed25519PrivateKey.generate()])
    verified = await log.verify()
    [found] = verified.findings
    assert (found.code, found.position, found.until) == ("seal.signature_wrong", 1, 1)
    assert "no known key signed the checkpoint of 1:" in found.what


async def test_a_history_signed_by_a_planted_key_is_found_with_the_key_that_was_noted(
    log: SealedLog,
) -> None:
    [own] = await log.stolen_keys()
    noted = notes.verifier_key("defter", notes.raw(own.public_key()))
    assert sound(await log.verify(keys=[public_of(noted)]))
    thief = Ed25519PrivateKey.generate()
    log.rewrite(cheaper)
    log.reseal([thief])
    log.plant_key(thief)
    assert sound(await log.verify())
    [found] = (await log.verify(keys=[public_of(noted)])).findings
    assert found.code == "seal.signature_wrong"


async def test_a_history_signed_with_the_stolen_key_is_found_by_a_witness_alone(
    log: SealedLog, tmp_path: Path
) -> None:
    outside = log.keep_outside(tmp_path)
    assert sound(await log.verify(outside=outside))
    log.rewrite(cheaper)
    log.reseal(await log.stolen_keys())
    assert sound(await log.verify())
    [found] = (await log.verify(outside=outside)).findings
    assert (found.code, found.position, found.until) == ("outside.root_wrong", 102, 301)
    assert f"are not those of the checkpoint of 301 in {tmp_path}" in found.what


async def test_roots_that_a_forger_forgot_narrow_what_the_witness_found(
    log: SealedLog, tmp_path: Path
) -> None:
    outside = log.keep_outside(tmp_path)
    forgotten = "CREATE TABLE forgotten AS SELECT * FROM defter.log_roots"
    log.execute(forgotten)
    log.rewrite(cheaper)
    log.reseal(await log.stolen_keys())
    log.execute("DELETE FROM defter.log_roots")
    log.execute("INSERT INTO defter.log_roots SELECT * FROM forgotten")
    [found] = (await log.verify(outside=outside[-1:])).findings
    assert (found.code, found.position, found.until) == ("outside.root_wrong", 257, 512)


async def test_a_tail_cut_without_a_trace_is_found_by_a_witness_alone(
    log: SealedLog, tmp_path: Path
) -> None:
    outside = log.keep_outside(tmp_path)
    assert sound(await log.verify(outside=outside))
    log.execute("DELETE FROM defter.events WHERE position > 521")
    log.execute("DELETE FROM defter.log_checkpoints WHERE size > 521")
    log.execute("UPDATE defter.checkpoints SET position = 521")
    assert sound(await log.verify())
    [found] = (await log.verify(outside=outside)).findings
    assert (found.code, found.position, found.until) == ("outside.cut", 522, 701)


async def test_an_altered_root_of_a_block_is_told_from_a_changed_event(log: SealedLog) -> None:
    assert sound(await log.verify())
    log.execute("UPDATE defter.log_roots SET root = sha256('x') WHERE number = 1")
    [found] = (await log.verify()).findings
    assert (found.code, found.position, found.until) == ("seal.block_altered", 257, 512)
    assert "the checkpoint of 701 holds them as they are" in found.what


async def test_a_removed_root_of_a_block_is_missed(log: SealedLog) -> None:
    assert sound(await log.verify())
    log.execute("DELETE FROM defter.log_roots WHERE number = 0")
    [found] = (await log.verify()).findings
    assert (found.code, found.position, found.until) == ("seal.block_missing", 1, 256)


async def test_an_altered_row_of_a_checkpoint_is_told_by_its_note(log: SealedLog) -> None:
    assert sound(await log.verify())
    log.execute("UPDATE defter.log_checkpoints SET root = sha256('x') WHERE size = 301")
    [found] = (await log.verify()).findings
    assert (found.code, found.position) == ("seal.checkpoint_altered", 301)


async def test_the_note_of_another_checkpoint_is_not_taken(log: SealedLog) -> None:
    assert sound(await log.verify())
    other = "SELECT note FROM defter.log_checkpoints WHERE size = 101"
    log.execute(f"UPDATE defter.log_checkpoints SET note = ({other}) WHERE size = 301")  # noqa: S608 - our own
    [found] = (await log.verify()).findings
    assert (found.code, found.position) == ("seal.checkpoint_altered", 301)


async def test_an_altered_note_is_signed_by_nobody(log: SealedLog) -> None:
    assert sound(await log.verify())
    log.execute("UPDATE defter.log_checkpoints SET note = overlay(note placing 'z' from 3)")
    [found] = (await log.verify()).findings
    assert found.code == "seal.signature_wrong"


async def test_removed_checkpoints_are_missed_by_the_sealer_and_by_a_witness(
    log: SealedLog, tmp_path: Path
) -> None:
    outside = log.keep_outside(tmp_path)
    assert sound(await log.verify(outside=outside))
    log.execute("DELETE FROM defter.log_checkpoints WHERE size = 301")
    [found] = (await log.verify(outside=outside)).findings
    assert (found.code, found.position) == ("seal.checkpoint_missing", 301)
    log.execute("DELETE FROM defter.log_checkpoints")
    verified = await log.verify()
    assert [one.code for one in verified.findings] == ["seal.checkpoint_missing"]
    assert verified.incomplete == "no checkpoint holds any of its 701 events"


async def test_a_witness_is_believed_only_with_a_signature(log: SealedLog, tmp_path: Path) -> None:
    outside = log.keep_outside(tmp_path)
    origin = notes.origin_of(log.tenant_id)
    forged = notes.signed(
        notes.read(log.notes()[-1])[0]._replace(origin=origin), [Ed25519PrivateKey.generate()]
    )
    outside[-1].write_text(forged, "utf-8")
    [found] = (await log.verify(outside=outside)).findings
    assert (found.code, found.position) == ("outside.signature_wrong", SEALED[-1])
