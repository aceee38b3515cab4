"""AUD-01: an operator sees which witness has what of which log, and is told of alarms."""

import asyncio
import json
from pathlib import Path

import pytest

from infrastructure.witnesses.witness import witness_of
from interfaces.cli.app import main
from interfaces.cli.terminal.exits import Exit
from tests.notifications.post import MASTER_KEY_TEXT
from tests.witnesses.witnessed import HOURLY, witnessed

pytestmark = pytest.mark.row("AUD-01")


def answered(out: str) -> list[dict[str, object]]:
    """Read what a command told where the worker beside it may say a line, too."""
    told, _ = json.JSONDecoder().raw_decode(out, out.index("["))
    return told


async def test_an_operator_sees_who_confirmed_what_and_ends_with_4_at_an_alarm(
    database_url: str,
    redis_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("DEFTER_MASTER_KEYS", MASTER_KEY_TEXT)

    async def told(code: Exit = Exit.OK) -> tuple[str, str]:
        words = ["audit", "witnesses", "-o", "json"]
        capsys.readouterr()
        assert await asyncio.to_thread(main, words) == code
        return capsys.readouterr()

    out, err = await told()
    assert (answered(out), "DEFTER_WITNESSES" in err) == ([], True)
    monkeypatch.setenv("DEFTER_WITNESSES", tmp_path.as_uri())
    async with witnessed(database_url, redis_url, [tmp_path.as_uri()], every=HOURLY) as log:
        await log.grow(300)
        await log.send()
        await log.grow(20)
        [row] = answered((await told())[0])
        assert row["tenant_id"] == str(log.tenant_id)
        assert row["witness"] == witness_of(tmp_path.as_uri()).told
        assert (row["confirmed"], row["behind"], row["alarm"]) == (300, 20, None)
        log.rewrite(17)
        log.later(1)
        await log.send()
        await log.grow(20)
        log.hurry()
        await log.send()
        out, err = await told(Exit.TAMPERING)
        [row] = answered(out)
        assert row["alarm"] == "its checkpoint of 300 events is not of this log"
        assert "`defter audit verify` names what was changed" in err
