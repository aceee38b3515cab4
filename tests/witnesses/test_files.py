"""AUD-01: a folder keeps checkpoints, each once, and shows when the log is not what it was."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from infrastructure.sealing import notes
from tests.witnesses.witnessed import Witnessed, alarms, witnessed

pytestmark = pytest.mark.row("AUD-01")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "kept here"
    made.mkdir()
    return made


@pytest.fixture
async def log(database_url: str, redis_url: str, folder: Path) -> AsyncGenerator[Witnessed]:
    async with witnessed(database_url, redis_url, [folder.as_uri()]) as opened:
        yield opened


def names(folder: Path, log: Witnessed) -> list[str]:
    return sorted(file.name for file in (folder / str(log.tenant_id)).iterdir())


async def test_every_checkpoint_is_a_file_that_its_keys_signed(
    log: Witnessed, folder: Path
) -> None:
    for count in (3, 300):
        await log.grow(count)
        await log.send()
    assert names(folder, log) == ["3.txt", "303.txt"]
    kept = folder / str(log.tenant_id) / "303.txt"
    told = notes.believed(kept.read_text("utf-8"), await log.publics())
    assert (told.origin, told.size) == (log.origin, 303)
    assert kept.stat().st_mode & 0o777 == 0o444
    assert log.confirmed() == [(3, None), (303, None)]


async def test_a_file_that_was_written_before_its_worker_was_killed_is_taken_as_written(
    log: Witnessed, folder: Path
) -> None:
    await log.grow(3)
    await log.send()
    log.as_superuser("DELETE FROM defter.log_cosignatures")
    log.as_superuser("UPDATE defter.effects SET state = 'waiting'")
    log.hurry()
    assert await log.send() == [("done", "it has 3 events")]
    assert names(folder, log) == ["3.txt"]
    assert log.confirmed() == [(3, None)]


async def test_what_a_crash_left_half_written_is_no_checkpoint_and_goes(
    log: Witnessed, folder: Path
) -> None:
    await log.grow(3)
    below = folder / str(log.tenant_id)
    below.mkdir()
    [effect_id] = log.ids()
    (below / f".{effect_id}").write_text("defter/", "utf-8")
    assert await log.send() == [("done", "it has 3 events")]
    assert names(folder, log) == ["3.txt"]


async def test_a_folder_that_is_away_is_waited_for_and_not_made(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    away = tmp_path / "away"
    async with witnessed(database_url, redis_url, [away.as_uri()]) as log:
        await log.grow(3)
        for _ in range(2):
            log.hurry()
            assert await log.send() == [("waiting", "the folder is not there")]
        await asyncio.to_thread(away.mkdir)
        log.hurry()
        assert await log.send() == [("done", "it has 3 events")]


async def test_another_text_under_the_same_size_is_left_as_it_is_and_told(
    log: Witnessed, folder: Path
) -> None:
    await log.grow(3)
    await log.send()
    kept = folder / str(log.tenant_id) / "3.txt"
    text = kept.read_text("utf-8").replace("\n3\n", "\n3\n")
    kept.chmod(0o644)
    kept.write_text(f"{text}— somebody c29tZXRoaW5nIGVsc2U=\n", "utf-8")
    log.as_superuser("DELETE FROM defter.log_cosignatures")
    log.as_superuser("UPDATE defter.effects SET state = 'waiting'")
    log.hurry()
    assert await log.send() == [("dead", "alarm: 3.txt holds another text")]
    assert "somebody" in kept.read_text("utf-8")
    assert alarms(log) == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "alarm: 3.txt is no checkpoint any more"),
        (f"defter/other\n3\n{'A' * 43}=\n\n", "alarm: 3.txt is another checkpoint"),
    ],
)
async def test_a_file_that_is_no_longer_what_was_written_is_told(
    log: Witnessed, folder: Path, text: str, told: str
) -> None:
    await log.grow(3)
    await log.send()
    kept = folder / str(log.tenant_id) / "3.txt"
    kept.chmod(0o644)
    kept.write_text(text, "utf-8")
    await log.grow(3)
    assert (await log.send())[-1] == ("dead", told)


async def test_a_history_that_was_rewritten_and_sealed_anew_is_told(
    log: Witnessed, folder: Path
) -> None:
    await log.grow(300)
    await log.send()
    log.rewrite(17)
    await log.grow(10)
    told = "alarm: its checkpoint of 300 events is not of this log"
    assert (await log.send())[-1] == ("dead", told)
    assert names(folder, log) == ["300.txt"]


async def test_a_log_that_lost_its_end_is_told(log: Witnessed) -> None:
    await log.grow(300)
    await log.send()
    log.truncate(200)
    await log.grow(10)
    assert ("dead", "alarm: it knows of 300 events, the log has 210") in await log.send()


async def test_checkpoints_that_were_thrown_away_are_told(log: Witnessed) -> None:
    await log.grow(3)
    await log.send()
    await log.grow(3)
    log.as_superuser("DELETE FROM defter.log_checkpoints")
    assert (await log.send())[-1] == ("dead", "alarm: the checkpoint of 6 events is gone")
