"""USR-04, USR-05, USR-10, USR-11: `defter customers` against a service that really runs."""

import asyncio
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest

from interfaces.cli.app import main
from interfaces.cli.remote.client import Client
from interfaces.cli.remote.profiles import Profile
from interfaces.cli.terminal.exits import Exit
from interfaces.cli.users import care
from tests.cli.conftest import MASTER_KEY_TEXT, Running
from tests.projections.stepping import until

pytestmark = [pytest.mark.row("USR-05"), pytest.mark.row("USR-10")]

AYSE, WALLET = "cus_ayse9", "wal_ayse9"
PROFILE = Profile("http://shop.test", "dsk_test_1")
ADD = ["add", "--id", AYSE, "--name", "Ayşe Demir", "--email", "ayse@a.example"]


class Told:
    """Runs commands and gives what they say."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys
        self.err = ""

    def __call__(self, *words: str, code: Exit = Exit.OK) -> str:
        ended = main(["customers", *words])
        out, self.err = self.capsys.readouterr()
        assert ended == code, self.err
        return out

    def json(self, *words: str) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self(*words, "-o", "json"))


@pytest.fixture
async def told(
    running_api: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Told:
    """Have a customer with a wallet, whose words are indexed."""
    monkeypatch.setenv("DEFTER_URL", running_api.url)
    monkeypatch.setenv("DEFTER_KEY", running_api.key)
    monkeypatch.setenv("DEFTER_MASTER_KEYS", MASTER_KEY_TEXT)
    monkeypatch.setenv("REDIS_URL", running_api.redis_url)
    say = Told(capsys)
    say(*ADD, "--idempotency-key", "once", "--apply")
    index = ("reindex", "--database-url", running_api.database_url, "--apply")
    await asyncio.to_thread(say, *index)
    opened = await asyncio.to_thread(
        httpx.post,
        f"{running_api.url}/api/wallet",
        json={"owner": AYSE, "currency": "TRY", "wallet_id": WALLET},
        headers={"X-API-Key": running_api.key, "Idempotency-Key": "opened"},
    )
    assert opened.status_code == 201, opened.text
    await until(lambda: main(["customers", "overview", AYSE]) == Exit.OK)
    capsys.readouterr()
    await until(lambda: len(say.json("overview", AYSE)["wallets"]) == 1)
    return say


async def test_support_finds_looks_and_takes_along(told: Told, tmp_path: Path) -> None:
    [found] = told.json("find", "ayş dem")
    assert (found["customer_id"], found["matched"]) == (AYSE, "email name")
    assert "Ayşe Demir" in told("overview", AYSE)
    assert told.json("consents", AYSE) == []

    file = tmp_path / "ayse.zip"
    told("export", AYSE, "--to", str(file))
    assert f"{file}: " in told.err
    assert file.stat().st_mode & 0o777 == care.OWNER_ALONE
    with zipfile.ZipFile(file) as archive:
        assert "Ayşe Demir" in archive.read("profile.json").decode()
        assert {"manifest.json", "manifest.jws"} <= set(archive.namelist())
    told("export", AYSE, "--to", str(file), code=Exit.USAGE)
    assert "is there already" in told.err
    told("export", AYSE, "--to", str(tmp_path / "no" / "folder.zip"), code=Exit.USAGE)


async def test_an_erasure_that_would_be_refused_says_why(told: Told) -> None:
    money = ["wallet", "top-up", WALLET, "12.50", "TRY", "--idempotency-key", "money"]
    assert main([*money, "--apply"]) == Exit.OK
    told.capsys.readouterr()
    await until(lambda: told.json("overview", AYSE)["wallets"][0]["available"]["minor"] == 1_250)
    dry = told("erase", AYSE, code=Exit.REFUSED)
    assert "stay byte for byte" in dry
    assert "12.50 TRY is left" in told.err
    told("erase", AYSE, "--apply", code=Exit.REFUSED)
    assert "users.money_left" in told.err
    assert told.json("overview", AYSE)["profile"]["name"] == "Ayşe Demir"


async def test_an_erasure_is_told_first_and_done_with_apply(told: Told) -> None:
    zeki = "cus_zeki9"
    told("add", "--id", zeki, "--name", "Zeki Kaya", "--apply")
    await until(lambda: main(["customers", "overview", zeki]) == Exit.OK)
    told.capsys.readouterr()
    assert "nobody can read them" in told("erase", zeki)
    assert "would be erased for good (asked); add --apply to do it" in told.err
    assert told.json("overview", zeki)["profile"]["name"] == "Zeki Kaya"
    assert zeki in told("erase", zeki, "--reason", "ordered", "--apply")
    told("overview", zeki, code=Exit.REFUSED)
    assert "users.customer_not_found" in told.err


def test_more_than_one_archive_holds_is_taken_one_after_the_other() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params["after"])
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            manifest = {"next_after": 7 if len(asked) == 1 else None}
            archive.writestr("manifest.json", json.dumps(manifest))
        return httpx.Response(200, content=packed.getvalue())

    client = Client(PROFILE, transport=httpx.MockTransport(answer))
    assert len(list(care.archives(client, AYSE))) == 2
    assert asked == ["0", "7"]
