"""JOB-02, JOB-03: operators step in on the database itself, by the commands that staff send."""

import asyncio
import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from application.processes.jobs import JOBS
from infrastructure.postgres.connections import connect
from infrastructure.processes.follower import Processes
from interfaces.cli.app import main
from interfaces.cli.terminal.exits import Exit
from tests.effects.performing import MASTER_KEY, filed, look, states
from tests.processes.following import SenderThatNotes, follow_to_the_end

Says = Callable[..., Any]

ASKED = "SELECT tenant_id, type FROM defter.events WHERE starts_with(type, 'jobs.') ORDER BY type"
ACTOR = "SELECT convert_from(meta, 'UTF8')::jsonb -> 'actor' FROM defter.events"


@pytest.fixture
def says(
    database_url: str,
    redis_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Says:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("DEFTER_MASTER_KEYS", base64.b64encode(MASTER_KEY).decode())

    async def run(*words: str, code: Exit = Exit.OK) -> str:
        ended = await asyncio.to_thread(main, words)
        told = capsys.readouterr()
        assert ended == code, told.err
        return told.out if code is Exit.OK else told.err

    return run


async def follow(database_url: str, *tenants: UUID) -> None:
    processes = Processes(SenderThatNotes(), processes=[JOBS])
    async with await connect(database_url) as connection:
        for tenant_id in tenants:
            assert await follow_to_the_end(connection, tenant_id, processes) == ()


@pytest.mark.row("JOB-03")
async def test_effects_of_any_tenants_are_shown_and_then_asked_for_in_their_logs(
    database_url: str, says: Says
) -> None:
    one, (dead,) = await filed(database_url, 1)
    other, (waiting, done) = await filed(database_url, 2)
    look(database_url, "UPDATE defter.effects SET state = 'dead' WHERE effect_id = %s", dead)
    look(database_url, "UPDATE defter.effects SET state = 'done' WHERE effect_id = %s", done)
    everything = [str(effect_id) for effect_id in (dead, waiting, done)]
    shown = json.loads(await says("effects", "retry", *everything, "-o", "json"))
    assert {row["effect_id"]: row["state"] for row in shown} == dict(
        zip(everything, ("dead", "waiting", "done"), strict=True)
    )
    assert look(database_url, ASKED) == []

    await says("effects", "retry", str(dead), str(done), "--apply")
    await says("effects", "discard", str(waiting), "--apply")
    assert look(database_url, ASKED) == [
        (other, "jobs.discard_asked"),
        (one, "jobs.retry_asked"),
    ]
    assert {row[0] for row in look(database_url, ACTOR)} == {"sys_operator"}
    assert states(database_url, [dead, waiting, done]) == {"dead": 1, "waiting": 1, "done": 1}
    await follow(database_url, one, other)
    assert states(database_url, [dead]) == {"waiting": 1}
    assert states(database_url, [waiting]) == {"discarded": 1}
    assert states(database_url, [done]) == {"done": 1}


@pytest.mark.row("JOB-03")
async def test_refuses_an_effect_that_is_none(database_url: str, says: Says) -> None:
    _, (waiting,) = await filed(database_url, 1)
    nobodys = str(uuid4())
    told = await says("effects", "retry", str(waiting), nobodys, "--apply", code=Exit.USAGE)
    assert f"there is no effect {nobodys}" in told
    assert "UUID" in await says("effects", "discard", "seven", code=Exit.USAGE)
    assert look(database_url, ASKED) == []


@pytest.mark.row("JOB-02")
async def test_schedules_are_listed_and_run_by_hand(says: Says) -> None:
    fresh = json.loads(await says("schedules", "list", "-o", "json"))
    assert {row["schedule"]: row["next_run"] for row in fresh} == {
        "log.prune_refusals": None,
        "identity.prune_credentials": None,
        "jobs.prune_effects": None,
        "audit.prune_refusals": None,
        "catalog.prune_imports": None,
    }
    assert await says("schedules", "run", "jobs.prune_effects") == "jobs.prune_effects: 0 effects\n"
    listed = json.loads(await says("schedules", "list", "-o", "json"))
    ran = {row["schedule"]: row for row in listed}["jobs.prune_effects"]
    assert (ran["told"], ran["running"], ran["last_error"]) == ("0 effects", False, None)
    assert ran["last_run"] < ran["next_run"]
    assert (ran["expression"], ran["zone"], ran["missed"]) == ("40 3 * * *", "UTC", "once")
    assert "one of" in await says("schedules", "run", "nothing", code=Exit.USAGE)
