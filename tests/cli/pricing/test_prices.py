"""INV-06, INV-07: prices and tax rates on the command line."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from interfaces.cli.app import main
from interfaces.cli.remote.client import Client
from interfaces.cli.remote.profiles import Profile
from interfaces.cli.terminal.exits import Exit
from tests.cli.conftest import Running

pytestmark = [pytest.mark.row("INV-06"), pytest.mark.row("INV-07")]

MUG = "var_mug1"
Run = Callable[..., str]


@pytest.fixture
def client(running_api: Running) -> Client:
    return Client(Profile(running_api.url, running_api.key))


@pytest.fixture
def run(
    running_api: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Say a command of `defter prices`; what it wrote to either stream comes back."""
    monkeypatch.setenv("DEFTER_URL", running_api.url)
    monkeypatch.setenv("DEFTER_KEY", running_api.key)

    def say(*words: str, code: Exit = Exit.OK) -> str:
        capsys.readouterr()
        ended = main(["prices", *words])
        told = capsys.readouterr()
        assert ended == code, told.err
        return told.out + told.err

    return say


def rows(told: str) -> Any:  # noqa: ANN401 - JSON
    return json.JSONDecoder().raw_decode(told)[0]


def sell_mugs(client: Client) -> None:
    body = {
        "product_id": "prd_mug1",
        "texts": {"tr": {"name": "Kupa"}},
        "variants": [{"sku": "MUG-1", "variant_id": MUG}],
    }
    client.post("/api/admin/products", body)


def caught_up(client: Client) -> None:
    """Let what was written be seen."""
    rate = {
        "tax_class": "reduced",
        "rate_basis_points": 1_000,
        "effective_from": "2099-01-01",
        "source": "the same",
    }
    end = client.command("PUT", "/api/admin/tax-rates", rate).position
    client.get("/api/admin/prices", variant_id=MUG, min_position=end)
    client.get(f"/api/admin/products/variants/{MUG}/price-history", min_position=end)


def test_prices_are_set_scheduled_taken_back_and_told(client: Client, run: Run) -> None:
    sell_mugs(client)
    first = ("set", MUG, "129.90", "TRY", "--crossed-out", "159.90")
    told = run(*first, "-o", "json")
    assert "nothing was written" in told
    shown = rows(told)
    assert (shown["before"], shown["from_now_on"]) == ("no price", "129.90 TRY")
    caught_up(client)
    assert rows(run("list", MUG, "-o", "json")) == []
    run(*first, "--apply")
    run("set", MUG, "99", "TRY", "--from-quantity", "10", "--apply")
    caught_up(client)
    assert rows(run("set", MUG, "150", "TRY", "-o", "json"))["before"] == "129.90 TRY"

    begins = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    ends = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    week = ("schedule", MUG, "80", "TRY", "--from", begins, "--until", ends)
    assert "would cost 80.00 TRY" in run(*week)
    made = rows(run(*week, "--apply", "-o", "json"))["schedule_id"]
    caught_up(client)
    listed = rows(run("list", MUG, "--list", "standard", "-o", "json"))
    assert [(one["minimum_quantity"], one["holds"], one["amount_minor"]) for one in listed] == [
        (1, "now", 12_990),
        (10, "now", 9_900),
        (1, "scheduled", 8_000),
    ]
    assert "would be taken back" in run("cancel-schedule", MUG, made)
    run("cancel-schedule", MUG, made, "--apply")
    assert "would have no price" in run("remove", MUG, "--from-quantity", "10")
    run("remove", MUG, "--from-quantity", "10", "--apply")
    caught_up(client)
    (left,) = rows(run("list", MUG, "-o", "json"))
    assert left["list_price_minor"] == 15_990
    past = rows(run("history", MUG, "-o", "json"))
    assert [(one["happened"], one["amount_minor"]) for one in past] == [
        ("set", None),
        ("cancelled", None),
        ("scheduled", 8_000),
        ("set", 9_900),
        ("set", 12_990),
    ]
    table = run("history", MUG)
    assert "129.90" in table
    assert "no price in the 30 days before" in table
    run("set", MUG, "120", "TRY", "--crossed-out", "159.90", "--apply")
    caught_up(client)
    assert "lowest in the 30 days before: 129.90 TRY" in run("history", MUG)


def test_lists_and_tax_rates_are_told(client: Client, run: Run) -> None:
    caught_up(client)
    (standard,) = rows(run("lists", "-o", "json"))
    assert (standard["price_list_id"], standard["currency"]) == ("standard", "TRY")
    on = rows(run("tax-rates", "--on", "2023-07-09", "-o", "json"))
    assert {one["tax_class"]: one["percent"] for one in on} == {
        "standard": 18.0,
        "reduced": 8.0,
        "super_reduced": 1.0,
        "exempt": 0.0,
    }
    assert "2007/13033" in on[0]["source"]
    assert "KDV rates on 2" in run("tax-rates")


def test_what_is_refused_ends_with_its_code(run: Run) -> None:
    refused = run("set", "var_none", "1", "TRY", "--apply", code=Exit.REFUSED)
    assert "catalog.variant_not_found" in refused
    assert "1.001" in run("set", MUG, "1.001", "TRY", code=Exit.USAGE)
