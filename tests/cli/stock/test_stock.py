"""INV-01, INV-02, INV-04: stock on the command line, over REST, with a key."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from interfaces.cli.app import main
from interfaces.cli.remote.client import Client
from interfaces.cli.remote.profiles import Profile
from interfaces.cli.terminal.exits import Exit
from tests.cli.conftest import Running

Say = Callable[..., Any]
VARIANT = "var_cli1"


@pytest.fixture
def client(running_api: Running) -> Client:
    return Client(Profile(running_api.url, running_api.key))


@pytest.fixture
def say(
    running_api: Running,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Say:
    """Say a command of `defter stock`, and read its answer once all of it is to be seen."""
    monkeypatch.setenv("DEFTER_URL", running_api.url)
    monkeypatch.setenv("DEFTER_KEY", running_api.key)

    def run(*words: str, code: Exit = Exit.OK) -> Any:  # noqa: ANN401 - whatever the command answers
        nothing_new = {"owner": "cus_nobody", "level": "standard"}
        end = client.post("/api/wallet/levels", nothing_new).position
        for path in ("", "/movements", "/reservations", "/locations", "/takes"):
            client.get(f"/api/admin/stock{path}", min_position=end)
        capsys.readouterr()
        assert main(["stock", *words, "-o", "json"]) == code, capsys.readouterr().err
        told = capsys.readouterr().out
        return json.loads(told) if told else None

    return run


def test_stock_is_moved_counted_and_told(say: Say, client: Client, tmp_path: Path) -> None:
    product = {
        "texts": {"en": {"name": "Mug"}},
        "variants": [{"sku": "CLI-1", "variant_id": VARIANT}],
    }
    client.post("/api/admin/products", product)
    received = ("move", VARIANT, "20", "received", "--reference", "note-1")
    assert say(*received) is None
    assert say("list") == []
    assert say(*received, "--apply")["available"] == 20
    say("open-location", "Corner", "--id", "loc_corner", "--apply")
    assert [one["location_id"] for one in say("locations")] == ["main", "loc_corner"]
    assert say("transfer", VARIANT, "5", "loc_corner") is None
    say("transfer", VARIANT, "5", "loc_corner", "--reference", "trip-1", "--apply")
    assert say("policy", VARIANT, "--low-at", "15") is None
    assert say("policy", VARIANT, "--low-at", "15", "--safety", "1", "--apply")["level"] == "low"
    (alert,) = say("alerts")
    assert (alert["sku"], alert["available"], alert["days_of_cover"]) == ("CLI-1", 14, None)
    assert [one["on_hand"] for one in say("list", "--variant", VARIANT)] == [5, 15]
    say("move", VARIANT, "99", "lost", "--apply", code=Exit.REFUSED)

    take = say("take", "start", "--apply")["stock_take_id"]
    file = tmp_path / "counted.csv"
    file.write_text(f"variant_id,quantity\n{VARIANT},12\n")
    assert say("take", "count", take, "--csv", str(file)) is None
    assert say("take", "count", take, "--csv", str(file), "--apply")["differing"] == 1
    (counted,) = say("take", "show", take)
    assert (counted["expected"], counted["difference"]) == (15, -3)
    assert say("take", "close", take) is None
    say("take", "close", take, "--apply")
    again = say("take", "start", "--location", "loc_corner", "--apply")["stock_take_id"]
    say("take", "count", again, f"{VARIANT}=5", "--apply")
    say("take", "cancel", again, "--apply")
    assert [one["status"] for one in say("take", "list")] == ["closed", "cancelled"]

    kept = client.post(
        "/api/admin/stock/reservations", {"lines": [{"variant_id": VARIANT, "quantity": 2}]}
    )
    (line,) = say("reservations", "--status", "open")
    assert (line["reservation_id"], line["kept"]) == (kept.body["reservation_id"], 2)
    told = [(one["quantity"], one["reason"]) for one in say("movements", "--location", "main")]
    assert told == [(-3, "counted"), (-5, "sent"), (20, "received")]


def test_locations_are_opened_closed_and_reopened(say: Say) -> None:
    assert say("open-location", "Fair", "--id", "loc_fair") is None
    say("open-location", "Fair", "--id", "loc_fair", "--apply")
    close = ("close-location", "loc_fair", "--reason", "It is over")
    assert say(*close) is None
    assert say(*close, "--apply") == {"location_id": "loc_fair"}
    last = say("locations")[-1]
    assert (last["location_id"], last["closed_reason"]) == ("loc_fair", "It is over")
    say("move", "var_none", "1", "received", "--location", "loc_fair", "--apply", code=Exit.REFUSED)
    say("close-location", "main", "--apply", code=Exit.REFUSED)
    assert say("reopen-location", "loc_fair") is None
    say("reopen-location", "loc_fair", "--apply")
    assert {one["closed_at"] for one in say("locations")} == {None}


def test_what_can_not_be_counted_is_said(say: Say, tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("sku,quantity\nA,1\n")
    for words in ((), ("var_1=many",), ("--csv", str(file)), ("--csv", str(tmp_path / "none"))):
        say("take", "count", "stk_none", *words, code=Exit.USAGE)
